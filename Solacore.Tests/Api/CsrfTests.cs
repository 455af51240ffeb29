using System.Net;

namespace Solacore.Tests.Api;

public sealed class CsrfTests : IAsyncLifetime
{
    private const string Missing = """{"error":"CSRF_TOKEN_MISSING","message":"The request lacks its CSRF token. Reload the page and try again."}""";
    private const string Invalid = """{"error":"CSRF_TOKEN_INVALID","message":"The CSRF token does not match. Reload the page and try again."}""";

    private EdgeHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await EdgeHost.StartAsync();

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    /// <summary>Passing means 401: the next check then asks for a token.</summary>
    [Theory]
    [InlineData(null, null, null, null, Missing)]
    [InlineData("t", null, "t", null, Missing)]
    [InlineData("t", "t", null, null, Missing)]
    [InlineData(null, "t", "t", null, Missing)]
    [InlineData("", "t", "t", null, Missing)]
    [InlineData("t", "t", "x", null, Invalid)]
    [InlineData("t", "x", "t", null, Invalid)]
    [InlineData("x", "t", "t", null, Invalid)]
    [InlineData("t", "t", "t", null, null)]
    [InlineData(null, null, null, EdgeHost.Origin, null)]
    [InlineData(null, "t", "t", EdgeHost.Origin, null)]
    [InlineData("x", "t", "t", EdgeHost.Origin, Invalid)]
    [InlineData("t", null, null, EdgeHost.Origin, Missing)]
    [InlineData(null, "t", "t", "http://localhost:3000.evil.example", Missing)]
    [InlineData(null, "t", "t", "null", Missing)]
    [InlineData(null, "t", "t", "HTTP://localhost:3000", Missing)]
    public async Task an_unsafe_request_needs_matching_tokens_or_a_known_origin(
        string? header, string? cookie, string? httpOnlyCookie, string? origin, string? refusal)
    {
        var cookies = string.Join("; ", new[] { ("csrf_token", cookie), ("csrf_token_http", httpOnlyCookie) }
            .Where(pair => pair.Item2 is not null).Select(pair => $"{pair.Item1}={pair.Item2}"));
        (string, string)[] headers =
        [
            .. header is null ? Array.Empty<(string, string)>() : [("X-CSRF-Token", header)],
            .. cookies.Length == 0 ? Array.Empty<(string, string)>() : [("Cookie", cookies)],
            .. origin is null ? Array.Empty<(string, string)>() : [("Origin", origin)],
        ];

        var answer = await _host.Client.PostAsync("/things", "{}", headers);

        if (refusal is null)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        }
        else
        {
            Assert.Equal((HttpStatusCode.Forbidden, refusal), (answer.Status, answer.Body));
        }
    }

    [Theory]
    [InlineData("/auth/register", true)]
    [InlineData("/auth/register/", true)]
    [InlineData("/auth/login", true)]
    [InlineData("/auth/beta-login", true)]
    [InlineData("/auth/refresh", true)]
    [InlineData("/auth/forgot-password", true)]
    [InlineData("/auth/reset-password", true)]
    [InlineData("/unsubscribe", true)]
    [InlineData("/unsubscribe/undo", true)]
    [InlineData("/auth/oauth/google", true)]
    [InlineData("/auth/oauth/google/code", true)]
    [InlineData("/auth/oauth/apple", true)]
    [InlineData("/webhooks/stripe", true)]
    [InlineData("/sessions/0862e424-f951-4b98-9fbb-731ea233cdc1/messages", true)]
    [InlineData("/learn/0862e424-f951-4b98-9fbb-731ea233cdc1/messages", true)]
    [InlineData("/sessions/0862E424-F951-4B98-9FBB-731EA233CDC1/messages", false)]
    [InlineData("/sessions/0862e424-f951-4b98-9fbb-731ea233cdc1", false)]
    [InlineData("/sessions/0862e424-f951-4b98-9fbb-731ea233cdc1/messages/x", false)]
    [InlineData("/auth/logout", false)]
    [InlineData("/account", false)]
    public async Task some_paths_need_no_proof(string path, bool isExempt)
    {
        var answer = await _host.Client.PostAsync(path, "{}");

        Assert.Equal(isExempt, answer.Status != HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("Bearer whatever", HttpStatusCode.Unauthorized)]
    [InlineData("bearer whatever", HttpStatusCode.Forbidden)]
    [InlineData("whatever", HttpStatusCode.Forbidden)]
    public async Task a_bearer_token_is_no_cookie(string authorization, HttpStatusCode status)
    {
        var answer = await _host.Client.PostAsync("/things", "{}", ("Authorization", authorization));

        Assert.Equal(status, answer.Status);
    }
}
