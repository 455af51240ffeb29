using System.Net;
using System.Text;

namespace Solacore.Tests.Api;

public sealed class CorsTests : IAsyncLifetime
{
    private EdgeHost _host = null!;

    public async ValueTask InitializeAsync() =>
        _host = await EdgeHost.StartAsync(new Dictionary<string, string?> { ["CORS_ALLOWED_ORIGINS"] = "https://staging.example.com/, https://b.example.com, https://exämple.de" });

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(EdgeHost.Origin, true)]
    [InlineData("http://127.0.0.1:8000", true)]
    [InlineData("https://staging.example.com", true)]
    [InlineData("https://b.example.com", true)]
    [InlineData("https://xn--exmple-cua.de", true)]
    [InlineData("https://evil.example.com", false)]
    [InlineData("null", false)]
    public async Task a_preflight_is_answered_by_the_list(string origin, bool isAllowed)
    {
        var answer = await _host.Client.SendAsync(
            HttpMethod.Options, "/things", content: null,
            ("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type,x-device-fingerprint"));

        var expected = isAllowed
            ? (HttpStatusCode.OK, "OK", origin, "true", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT", "content-type,x-device-fingerprint", "600", "Origin")
            : (HttpStatusCode.BadRequest, "Disallowed CORS origin", (string?)null, (string?)null, (string?)null, (string?)null, (string?)null, "Origin");
        Assert.Equal(
            expected,
            (answer.Status, answer.Body, answer.Header("Access-Control-Allow-Origin"), answer.Header("Access-Control-Allow-Credentials"),
                answer.Header("Access-Control-Allow-Methods"), answer.Header("Access-Control-Allow-Headers"),
                answer.Header("Access-Control-Max-Age"), answer.Header("Vary")));
        Assert.StartsWith("text/plain", answer.Header("Content-Type"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/config/features", 200)]
    [InlineData("GET", "/things/me", 401)]
    [InlineData("DELETE", "/account", 404)]
    [InlineData("GET", "/failing/crash", 500)]
    [InlineData("POST", "/auth/register", 422)]
    public async Task errors_carry_the_headers_too(string method, string path, int status)
    {
        var answer = await _host.Client.SendAsync(new HttpMethod(method), path, content: null, ("Origin", EdgeHost.Origin));

        Assert.Equal(
            (status, EdgeHost.Origin, "true", "Origin",
                "Content-Disposition, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-ID, X-Turn-ID"),
            ((int)answer.Status, answer.Header("Access-Control-Allow-Origin"), answer.Header("Access-Control-Allow-Credentials"),
                answer.Header("Vary"), answer.Header("Access-Control-Expose-Headers")));
    }

    [Fact]
    public async Task a_refusal_for_lack_of_a_csrf_token_can_be_read_by_the_page()
    {
        var answer = await _host.Client.PostAsync("/things", "{}", ("Origin", EdgeHost.Origin), ("X-CSRF-Token", "alone"));

        Assert.Equal((HttpStatusCode.Forbidden, EdgeHost.Origin), (answer.Status, answer.Header("Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData("x-größe", EdgeHost.Origin, HttpStatusCode.OK)]
    [InlineData("content-type", "https://exämple.de", HttpStatusCode.BadRequest)]
    public async Task letters_that_no_answer_may_hold_are_not_given_back(string asked, string origin, HttpStatusCode status)
    {
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 }) { BaseAddress = _host.Address };

        var answer = await client.SendAsync(
            HttpMethod.Options, "/things", content: null,
            ("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", asked));

        Assert.Equal(status, answer.Status);
        Assert.DoesNotContain(asked, answer.Header("Access-Control-Allow-Headers") ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task other_origins_get_the_answer_without_permission_to_read_it()
    {
        var answer = await _host.Client.FetchAsync("/config/features", ("Origin", "https://evil.example.com"));

        Assert.Equal((HttpStatusCode.OK, null), (answer.Status, answer.Header("Access-Control-Allow-Origin")));
    }
}
