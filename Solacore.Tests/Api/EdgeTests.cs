using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Solacore.Api.Http;
using Solacore.Core.Settings;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api;

public sealed class EdgeTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly string Large = $$"""{"name":"a","mode":"quick","unknown":"{{new string('x', 100_000)}}"}""";

    private EdgeHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await EdgeHost.StartAsync();

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task every_answer_carries_a_request_id_and_security_headers()
    {
        var answer = await _host.Client.FetchAsync("/nope", ("X-Request-ID", "abc-123"));
        var badId = await _host.Client.FetchAsync("/nope", ("X-Request-ID", "a b"));

        Assert.Equal("abc-123", answer.Header("X-Request-ID"));
        Assert.True(Guid.TryParse(badId.Header("X-Request-ID"), out _));
        Assert.Equal(
            ("nosniff", "DENY", "strict-origin-when-cross-origin", "geolocation=(), microphone=(), camera=()", null, null),
            (answer.Header("X-Content-Type-Options"), answer.Header("X-Frame-Options"), answer.Header("Referrer-Policy"),
                answer.Header("Permissions-Policy"), answer.Header("Strict-Transport-Security"), answer.Header("Server")));
    }

    [Fact]
    public async Task an_unknown_path_and_a_wrong_method_have_bodies()
    {
        var unknown = await _host.Client.FetchAsync("/nope");
        var wrong = await _host.Client.FetchAsync("/auth/register/");
        var head = await _host.Client.SendAsync(HttpMethod.Head, "/config/features", content: null);

        Assert.Equal(
            (HttpStatusCode.NotFound, """{"detail":"Not Found","error":"NOT_FOUND","message":"Not Found"}""", "application/json"),
            (unknown.Status, unknown.Body, unknown.Header("Content-Type")));
        Assert.Equal(
            (HttpStatusCode.MethodNotAllowed, """{"detail":"Method Not Allowed","error":"METHOD_NOT_ALLOWED","message":"Method Not Allowed"}""", "POST"),
            (wrong.Status, wrong.Body, wrong.Header("Allow")));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, head.Status);
    }

    [Fact]
    public async Task a_crash_tells_only_the_request_id_and_keeps_the_headers_of_the_edge()
    {
        var answer = await _host.Client.FetchAsync("/failing/crash", ("X-Request-ID", "r1"), ("Origin", EdgeHost.Origin));

        Assert.Equal(
            (HttpStatusCode.InternalServerError,
                """{"error":"INTERNAL_SERVER_ERROR","detail":{"error":"INTERNAL_SERVER_ERROR"},"message":"Something went wrong on our side. Please try again.","request_id":"r1"}""",
                EdgeHost.Origin),
            (answer.Status, answer.Body, answer.Header("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task a_database_that_is_away_is_no_crash()
    {
        var answer = await _host.Client.FetchAsync("/failing/database", ("X-Request-ID", "r1"));

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable,
                """{"error":"SERVICE_UNAVAILABLE","detail":{"error":"SERVICE_UNAVAILABLE"},"message":"The service is not available right now. Please try again in a moment.","request_id":"r1"}""",
                "5"),
            (answer.Status, answer.Body, answer.Header("Retry-After")));
    }

    [Fact]
    public async Task neither_is_one_that_lets_nobody_in_or_takes_no_writes()
    {
        foreach (var state in EdgeHost.DatabaseStates)
        {
            var answer = await _host.Client.FetchAsync($"/failing/database-{state}");

            Assert.Equal((state, HttpStatusCode.ServiceUnavailable, "5"), (state, answer.Status, answer.Header("Retry-After")));
        }
    }

    [Fact]
    public async Task a_body_that_is_too_large_is_413()
    {
        await using var host = await EdgeHost.StartAsync(new Dictionary<string, string?> { ["MAX_BODY_BYTES"] = "2000" });

        var answer = await host.Client.PostAsync("/failing/read", new string(' ', 3000), ("Authorization", "Bearer x"));

        Assert.Equal(
            (HttpStatusCode.RequestEntityTooLarge,
                """{"error":"PAYLOAD_TOO_LARGE","detail":{"error":"PAYLOAD_TOO_LARGE"},"message":"The request is too large."}"""),
            (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData(9_000, HttpStatusCode.OK)]
    [InlineData(10_000, HttpStatusCode.RequestEntityTooLarge)]
    public async Task a_body_that_would_grow_in_memory_is_413(int values, HttpStatusCode status)
    {
        var body = $$"""{"name":"a","mode":"quick","unknown":[{{string.Join(',', Enumerable.Repeat('1', values))}}]}""";

        var answer = await _host.Client.PostAsync("/failing/read", body, ("Authorization", "Bearer x"));

        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task large_bodies_wait_for_one_of_two_places_and_small_ones_do_not()
    {
        var holders = await HoldPlacesAsync();

        var third = _host.Client.PostAsync("/failing/read", Large, ("Authorization", "Bearer x"));
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await _host.Client.PostAsync("/failing/read", """{"name":"a","mode":"quick"}""", ("Authorization", "Bearer x"))).Status);
        }

        Assert.False(third.IsCompleted);
        holders.ForEach(holder => holder.Dispose());
        Assert.Equal(HttpStatusCode.OK, (await third).Status);
    }

    [Theory]
    [InlineData("stripe", "Stripe-Signature", "t=1,v1=00", "INVALID_SIGNATURE")]
    [InlineData("revenuecat", "Authorization", "Bearer rc_test", "INVALID_PAYLOAD")]
    public async Task a_large_event_of_a_store_waits_for_no_large_body_at_another_door(string source, string header, string proof, string code)
    {
        await using var api = await ApiHost.StartAsync(database, new Dictionary<string, string?> { ["REVENUECAT_WEBHOOK_SECRET"] = "rc_test" });
        var holders = await HoldPlacesAsync();

        var answer = await api.Client.SendAsync(
            HttpMethod.Post, "/webhooks/" + source, Requests.Bytes(new byte[70_000], "application/json"), (header, proof));

        holders.ForEach(holder => holder.Dispose());
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(code, answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_large_body_that_comes_slowly_is_408_and_gives_its_place_back()
    {
        var time = new FakeTimeProvider();
        await using var host = await EdgeHost.StartAsync(time: time);
        for (var i = 0; i < 3; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host.Address.Host, host.Address.Port, TestContext.Current.CancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"POST /failing/read HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer x\r\nContent-Length: 200000\r\n\r\n{new string(' ', 100_000)}"),
                TestContext.Current.CancellationToken);
            using var reader = new StreamReader(stream);
            var answer = reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();
            while (!answer.IsCompleted)
            {
                time.Advance(TimeSpan.FromSeconds(61));
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            Assert.Equal("HTTP/1.1 408 Request Timeout", await answer);
        }
    }

    [Theory]
    [InlineData("User-Agent: Caf\u00e9")]
    [InlineData("Cookie: theirs=\u00e9")]
    [InlineData("Referer: http://caf\u00e9/")]
    [InlineData("Authorization: Bearer \u00e9")]
    public async Task a_header_in_latin_1_is_no_reason_to_refuse_a_request(string header)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_host.Address.Host, _host.Address.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET /config/features HTTP/1.1\r\nHost: api\r\n{header}\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);

        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(null, null, "INVALID_TOKEN")]
    [InlineData("Bearer bad", null, "INVALID_TOKEN")]
    [InlineData("Bearer bad", "good", "INVALID_TOKEN")]
    [InlineData("bearer good", null, "INVALID_TOKEN")]
    [InlineData("Bearer revoked", null, "SESSION_REVOKED")]
    [InlineData(null, "revoked", "SESSION_REVOKED")]
    [InlineData("good", null, null)]
    [InlineData("Bearer good", "revoked", null)]
    [InlineData(null, "good", null)]
    public async Task the_header_wins_over_the_cookie(string? authorization, string? cookie, string? refusal)
    {
        var headers = new List<(string, string)>();
        if (authorization is not null)
        {
            headers.Add(("Authorization", authorization));
        }

        if (cookie is not null)
        {
            headers.Add(("Cookie", "access_token=" + cookie));
        }

        var answer = await _host.Client.FetchAsync("/things/me", [.. headers]);

        if (refusal is null)
        {
            Assert.Equal((HttpStatusCode.OK, """{"email":"ann@example.com"}"""), (answer.Status, answer.Body));
        }
        else
        {
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
            Assert.StartsWith($$$"""{"error":"{{{refusal}}}","detail":{"error":"{{{refusal}}}"},"message":"Please""", answer.Body.Replace("You have been signed out. ", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Null(answer.Header("WWW-Authenticate"));
        }
    }

    [Theory]
    [InlineData("POST", "/nope", "{", null, 403)]
    [InlineData("POST", "/nope", "{", "bad", 404)]
    [InlineData("PUT", "/things", "{", "bad", 405)]
    [InlineData("POST", "/things", "{", "bad", 422)]
    [InlineData("POST", "/things", "{}", "bad", 401)]
    [InlineData("POST", "/things", "{}", "good", 422)]
    [InlineData("GET", "/things/xyz", null, "bad", 401)]
    [InlineData("GET", "/things/xyz", null, "good", 422)]
    public async Task checks_run_in_the_order_that_clients_know(string method, string path, string? body, string? token, int status)
    {
        var answer = await _host.Client.SendAsync(
            new HttpMethod(method), path, body is null ? null : Requests.Json(body), token is null ? [] : [("Authorization", "Bearer " + token)]);

        Assert.Equal(status, (int)answer.Status);
    }

    [Fact]
    public async Task answers_with_credentials_stay_out_of_caches()
    {
        var secret = await _host.Client.PostAsync("/auth/register", "{}");
        var plain = await _host.Client.FetchAsync("/config/features");

        Assert.Equal(("no-store", null), (secret.Header("Cache-Control"), plain.Header("Cache-Control")));
    }

    [Fact]
    public async Task forwarded_addresses_count_only_from_trusted_proxies()
    {
        var limits = new Dictionary<string, string?> { ["RATE_LIMIT_ENABLED"] = "true", ["RATE_LIMIT_AUTH"] = "1/minute" };
        await using var closed = await EdgeHost.StartAsync(limits);
        await using var trusting = await EdgeHost.StartAsync(new Dictionary<string, string?>(limits) { ["TRUSTED_PROXIES"] = "127.0.0.0/8" });

        async Task<HttpStatusCode[]> TryTwoAddresses(EdgeHost host) =>
        [
            (await host.Client.PostAsync("/auth/register", Good.SignUp, ("X-Forwarded-For", "203.0.113.1"))).Status,
            (await host.Client.PostAsync("/auth/register", Good.SignUp, ("X-Forwarded-For", "203.0.113.2"))).Status,
        ];

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests], await TryTwoAddresses(closed));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], await TryTwoAddresses(trusting));
    }

    [Fact]
    public async Task the_root_greets_and_the_documents_are_served()
    {
        var root = await _host.Client.FetchAsync("/");
        var docs = await _host.Client.FetchAsync("/docs");
        var redoc = await _host.Client.FetchAsync("/redoc");

        Assert.Equal("""{"message":"Welcome to Solacore API","docs":"/docs"}""", root.Body);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (docs.Status, redoc.Status));
        Assert.StartsWith("text/html", docs.Header("Content-Type"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await _host.Client.FetchAsync("/reference/scalar.js")).Status);
    }

    [Fact]
    public async Task the_documents_can_be_switched_off()
    {
        await using var host = await EdgeHost.StartAsync(new Dictionary<string, string?> { ["DOCS_ENABLED"] = "off" });

        foreach (var path in new[] { "/docs", "/redoc", "/openapi.json" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await host.Client.FetchAsync(path)).Status);
        }
    }

    [Fact]
    public void wrong_settings_are_all_told_at_once()
    {
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationManager
        {
            ["COOKIE_DOMAIN"] = "solacore.app",
            ["TRUSTED_PROXIES"] = "nowhere",
        };
        var reader = new SettingsReader(configuration);

        EdgeOptions.Read(reader);

        Assert.Equal(["FRONTEND_URL", "COOKIE_DOMAIN", "TRUSTED_PROXIES"], reader.Problems.Select(problem => problem.Name));
    }

    /// <summary>Takes both places of large bodies, until what it returns is disposed of.</summary>
    private async Task<List<HttpResponseMessage>> HoldPlacesAsync()
    {
        var holders = new List<HttpResponseMessage>();
        for (var i = 0; i < 2; i++)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/failing/hold") { Content = Requests.Json(Large) };
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer x");
            holders.Add(await _host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken));
        }

        return holders;
    }
}

internal static class Good
{
    public const string SignUp = """{"email":"ann@example.com","password":"Pass1234","device_fingerprint":"phone"}""";
}
