using System.Net;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api.Auth;

public sealed class LogoutTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly string[] ClearedCookies =
    [
        "access_token=; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; SameSite=lax",
        "refresh_token=; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; SameSite=lax",
        "csrf_token=; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=lax",
        "csrf_token_http=; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; SameSite=lax",
    ];

    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync(database);

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task logging_out_ends_the_login_and_clears_the_cookies()
    {
        var person = await _host.RegisterAsync();

        var answer = await person.Client.PostAsync("/auth/logout", json: null);
        var again = await person.Client.PostAsync("/auth/logout", json: null);

        Assert.Equal((HttpStatusCode.NoContent, ""), (answer.Status, answer.Body));
        Assert.Equal(ClearedCookies, answer.Message.Headers.GetValues("Set-Cookie"));
        Assert.Equal(HttpStatusCode.Unauthorized, again.Status);
        Assert.Contains("SESSION_REVOKED", again.Body, StringComparison.Ordinal);
        Assert.Equal(ClearedCookies, again.Message.Headers.GetValues("Set-Cookie"));
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from active_sessions where user_id = $1", person.Id));
    }

    [Fact]
    public async Task only_a_good_token_counts_against_the_limit()
    {
        await using var host = await ApiHost.StartAsync(
            database, new Dictionary<string, string?> { ["RATE_LIMIT_ENABLED"] = "true", ["RATE_LIMIT_API"] = "1/minute" });
        var person = await host.RegisterAsync();

        var junk = await LogOutTwiceAsync(("Authorization", "Bearer junk"));
        var browser = await LogOutTwiceAsync(("Cookie", "access_token=junk"), ("Origin", EdgeHost.Origin));
        var first = await LogOutAsync(("Authorization", "Bearer " + person.Access));
        var again = Person.From(host, person.Fingerprint, await person.LoginAsync());
        var second = await LogOutAsync(("Authorization", "Bearer " + again.Access));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), junk);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), browser);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.TooManyRequests), (first, second));

        async Task<(HttpStatusCode, HttpStatusCode)> LogOutTwiceAsync(params (string, string)[] headers) =>
            (await LogOutAsync(headers), await LogOutAsync(headers));

        async Task<HttpStatusCode> LogOutAsync(params (string, string)[] headers)
        {
            var answer = await host.Client.PostAsync("/auth/logout", json: null, headers);
            Assert.Equal(ClearedCookies, answer.Message.Headers.GetValues("Set-Cookie"));
            return answer.Status;
        }
    }

    [Fact]
    public async Task a_cookie_logs_out_with_its_csrf_proof()
    {
        var person = await _host.RegisterAsync();

        var bare = await _host.Client.PostAsync("/auth/logout", json: null, ("Cookie", "access_token=" + person.Access));
        var proven = await _host.Client.PostAsync(
            "/auth/logout", json: null, ("Cookie", $"access_token={person.Access}; csrf_token=t; csrf_token_http=t"), ("X-CSRF-Token", "t"));

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.NoContent), (bare.Status, proven.Status));
    }

    [Fact]
    public async Task the_cookie_wins_over_the_header()
    {
        var byCookie = await _host.RegisterAsync();
        var byHeader = await _host.RegisterAsync();

        await byHeader.Client.PostAsync("/auth/logout", json: null, ("Cookie", "access_token=" + byCookie.Access));

        Assert.Equal(
            (HttpStatusCode.Unauthorized, HttpStatusCode.OK),
            ((await byCookie.Client.FetchAsync("/auth/me")).Status, (await byHeader.Client.FetchAsync("/auth/me")).Status));
    }

    [Fact]
    public async Task a_stale_cookie_does_not_keep_a_good_header_from_logging_out()
    {
        var person = await _host.RegisterAsync();

        var answer = await person.Client.PostAsync("/auth/logout", json: null, ("Cookie", "access_token=junk"));

        Assert.Equal((HttpStatusCode.NoContent, ""), (answer.Status, answer.Body));
        Assert.Equal(ClearedCookies, answer.Message.Headers.GetValues("Set-Cookie"));
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from active_sessions where user_id = $1", person.Id));
    }

    [Theory]
    [InlineData("none", "INVALID_TOKEN")]
    [InlineData("refresh", "INVALID_TOKEN")]
    [InlineData("revoked", "SESSION_REVOKED")]
    public async Task a_page_of_ours_is_always_told_that_it_is_logged_out(string token, string code)
    {
        var person = await _host.RegisterAsync();
        if (token == "revoked")
        {
            await person.Client.PostAsync("/auth/logout", json: null);
        }

        var cookie = token switch { "refresh" => "access_token=" + person.Refresh, "revoked" => "access_token=" + person.Access, _ => "" };
        var page = await _host.Client.PostAsync("/auth/logout", json: null, ("Cookie", cookie), ("Origin", EdgeHost.Origin));
        var script = await _host.Client.PostAsync(
            "/auth/logout", json: null, ("Cookie", cookie + "; csrf_token=t; csrf_token_http=t"), ("X-CSRF-Token", "t"));

        Assert.Equal(HttpStatusCode.NoContent, page.Status);
        Assert.Equal(ClearedCookies, page.Message.Headers.GetValues("Set-Cookie"));
        Assert.Equal(HttpStatusCode.Unauthorized, script.Status);
        Assert.Contains(code, script.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_page_whose_access_has_expired_logs_out_by_its_refresh_cookie(bool isOneBehind)
    {
        var person = await _host.RegisterAsync();
        var current = isOneBehind ? Person.From(_host, person.Fingerprint, await person.RefreshAsync()).Refresh : person.Refresh;

        var answer = await _host.Client.PostAsync(
            "/auth/logout", json: null, ("Cookie", "refresh_token=" + person.Refresh), ("Origin", EdgeHost.Origin));

        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        Assert.Equal(ClearedCookies, answer.Message.Headers.GetValues("Set-Cookie"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await person.RefreshAsync(current)).Status);
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from active_sessions where user_id = $1", person.Id));
    }

    [Fact]
    public async Task a_refresh_token_that_was_replaced_twice_or_comes_from_elsewhere_logs_nobody_out()
    {
        var person = await _host.RegisterAsync();
        var second = Person.From(_host, person.Fingerprint, await person.RefreshAsync()).Refresh;
        var third = Person.From(_host, person.Fingerprint, await person.RefreshAsync(second)).Refresh;

        var page = await _host.Client.PostAsync(
            "/auth/logout", json: null, ("Cookie", "refresh_token=" + person.Refresh), ("Origin", EdgeHost.Origin));
        var script = await _host.Client.PostAsync(
            "/auth/logout", json: null, ("Cookie", $"refresh_token={third}; csrf_token=t; csrf_token_http=t"), ("X-CSRF-Token", "t"));

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Unauthorized), (page.Status, script.Status));
        Assert.Equal(HttpStatusCode.OK, (await person.RefreshAsync(third)).Status);
    }
}
