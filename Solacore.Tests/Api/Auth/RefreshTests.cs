using System.Net;
using Microsoft.Extensions.Time.Testing;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api.Auth;

public sealed class RefreshTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() =>
        _host = await ApiHost.StartAsync(database, new Dictionary<string, string?> { ["REFRESH_GRACE_SECONDS"] = "30" }, _time);

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task a_refresh_gives_a_new_pair_for_the_same_login()
    {
        var person = await _host.RegisterAsync();
        _time.Advance(TimeSpan.FromMinutes(10));

        var next = Person.From(_host, person.Fingerprint, await person.RefreshAsync());

        Assert.NotEqual(person.Refresh, next.Refresh);
        Assert.NotEqual(person.Access, next.Access);
        Assert.Equal(person.SessionId, next.SessionId);
        Assert.Equal(HttpStatusCode.OK, (await person.Client.FetchAsync("/auth/me")).Status);
        Assert.Equal(HttpStatusCode.OK, (await next.Client.FetchAsync("/auth/me")).Status);
    }

    [Fact]
    public async Task the_cookie_is_taken_too_and_new_cookies_come_back()
    {
        var person = await _host.RegisterAsync();

        var answer = await _host.Client.PostAsync("/auth/refresh", json: null, ("Cookie", "refresh_token=" + person.Refresh));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(
            ["access_token=eyJ", "refresh_token=eyJ", "csrf_token=", "csrf_token_http="],
            answer.Message.Headers.GetValues("Set-Cookie").Select(cookie => cookie[..(cookie.IndexOf('=') + (cookie.Contains("eyJ") ? 4 : 1))]));
    }

    [Fact]
    public async Task a_lost_answer_is_given_again_within_the_grace()
    {
        var person = await _host.RegisterAsync();
        _time.Advance(TimeSpan.FromMinutes(10));

        var lost = Person.From(_host, person.Fingerprint, await person.RefreshAsync());
        _time.Advance(TimeSpan.FromSeconds(30));
        var again = Person.From(_host, person.Fingerprint, await person.RefreshAsync());

        Assert.Equal((lost.Access, lost.Refresh), (again.Access, again.Refresh));
        Assert.Equal(HttpStatusCode.OK, (await again.RefreshAsync()).Status);
    }

    [Fact]
    public async Task a_replaced_token_after_the_grace_ends_the_login_as_stolen()
    {
        var person = await _host.RegisterAsync();
        var next = Person.From(_host, person.Fingerprint, await person.RefreshAsync());
        _time.Advance(TimeSpan.FromSeconds(31));

        var replayed = await person.RefreshAsync();

        Assert.Equal(
            (HttpStatusCode.Unauthorized, """{"error":"INVALID_TOKEN","detail":{"error":"INVALID_TOKEN"},"message":"Please sign in again."}"""),
            (replayed.Status, replayed.Body));
        Assert.Contains("SESSION_REVOKED", (await next.Client.FetchAsync("/auth/me")).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await next.RefreshAsync()).Status);
    }

    [Fact]
    public async Task fifty_parallel_refreshes_with_one_token_give_one_pair()
    {
        var person = await _host.RegisterAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => person.RefreshAsync()));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        var pair = Assert.Single(answers.Select(answer => answer.Body).Distinct());
        Assert.DoesNotContain(person.Refresh, pair, StringComparison.Ordinal);
    }

    [Fact]
    public async Task an_old_cookie_does_not_stand_in_the_way_of_a_good_body_token()
    {
        var person = await _host.RegisterAsync();
        var next = Person.From(_host, person.Fingerprint, await person.RefreshAsync());
        _time.Advance(TimeSpan.FromMinutes(5));

        var answer = await _host.Client.PostAsync(
            "/auth/refresh", $$"""{"refresh_token":"{{next.Refresh}}"}""", ("Cookie", "refresh_token=" + person.Refresh));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Fact]
    public async Task without_a_token_there_is_nothing_to_refresh()
    {
        Answer[] answers =
        [
            await _host.Client.PostAsync("/auth/refresh", json: null),
            await _host.Client.PostAsync("/auth/refresh", json: null, ("Cookie", "refresh_token=")),
        ];

        Assert.All(answers, answer => Assert.Equal(
            (HttpStatusCode.Unauthorized, """{"error":"MISSING_REFRESH_TOKEN","detail":{"error":"MISSING_REFRESH_TOKEN"},"message":"Please sign in again."}"""),
            (answer.Status, answer.Body)));
    }

    [Theory]
    [InlineData("junk")]
    [InlineData("access")]
    [InlineData("expired")]
    public async Task a_token_that_is_no_refresh_token_ends_nothing(string kind)
    {
        var person = await _host.RegisterAsync();
        if (kind == "expired")
        {
            _time.Advance(TimeSpan.FromDays(31));
        }

        var answer = await person.RefreshAsync(kind switch { "access" => person.Access, "expired" => person.Refresh, _ => "junk" });

        Assert.Contains("INVALID_TOKEN", answer.Body, StringComparison.Ordinal);
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from active_sessions where user_id = $1", person.Id));
    }
}
