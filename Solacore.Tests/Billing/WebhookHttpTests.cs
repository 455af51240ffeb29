using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Solacore.Api.Http;
using Solacore.Api.Http.Errors;
using Solacore.Api.Subscriptions;
using Solacore.Api.Webhooks;
using Solacore.Core.Billing;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Settings;
using Solacore.ServiceDefaults;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

/// <summary>The two doors and the two views as HTTP shows them.</summary>
public sealed class WebhookHttpTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string Secret = "whsec_test";

    [Theory]
    [InlineData("stripe", null, 400, """{"error":"MISSING_SIGNATURE"}""")]
    [InlineData("stripe", "garbled", 400, """{"error":"INVALID_SIGNATURE"}""")]
    [InlineData("stripe", "t=1,v1=00", 400, """{"error":"INVALID_SIGNATURE"}""")]
    [InlineData("revenuecat", null, 401, """{"error":"MISSING_AUTH","detail":{"error":"MISSING_AUTH"}}""")]
    [InlineData("revenuecat", "Basic rc_test", 401, """{"error":"MISSING_AUTH","detail":{"error":"MISSING_AUTH"}}""")]
    [InlineData("revenuecat", "Bearer wrong", 401, """{"error":"INVALID_AUTH","detail":{"error":"INVALID_AUTH"}}""")]
    public async Task what_cannot_be_verified_is_refused(string source, string? proof, int status, string expected)
    {
        await using var host = await StartAsync();
        var answer = await host.PostAsync(source, "{}"u8.ToArray(), proof);
        await AssertErrorAsync(answer, status, expected);
    }

    [Fact]
    public async Task a_stale_signature_is_refused()
    {
        await using var host = await StartAsync();
        var body = """{"id":"stale","type":"invoice.paid"}"""u8.ToArray();
        await AssertErrorAsync(await host.PostAsync("stripe", body, Sign(body, DateTimeOffset.UtcNow.AddSeconds(-310))), 400, """{"error":"INVALID_SIGNATURE"}""");
        Assert.Equal(0, await StoredAsync("stale"));
    }

    [Fact]
    public async Task an_empty_secret_opens_no_door()
    {
        await using var host = await StartAsync(options => options with { StripeWebhookSecrets = [""], RevenueCatWebhookSecrets = [] });
        var body = "{}"u8.ToArray();
        await AssertErrorAsync(await host.PostAsync("stripe", body, Sign(body, DateTimeOffset.UtcNow, secret: "")), 400, """{"error":"INVALID_SIGNATURE"}""");
        await AssertErrorAsync(await host.PostAsync("revenuecat", body, "Bearer x"), 401, """{"error":"INVALID_AUTH","detail":{"error":"INVALID_AUTH"}}""");
    }

    [Fact]
    public async Task either_of_two_live_secrets_opens_the_door()
    {
        await using var host = await StartAsync(options => options with { StripeWebhookSecrets = ["new", Secret], RevenueCatWebhookSecrets = ["new", "rc_test"] });
        var body = """{"id":"rolled","type":"x"}"""u8.ToArray();
        await AssertReceivedAsync(await host.PostAsync("stripe", body, Sign(body, DateTimeOffset.UtcNow)));
        await AssertReceivedAsync(await host.PostAsync("revenuecat", body, "Bearer rc_test"));
        Assert.Equal(2, await StoredAsync("rolled"));
    }

    [Fact]
    public async Task payments_that_are_off_answer_501()
    {
        await using var host = await StartAsync(options => options with { PaymentsEnabled = false });
        const string expected = """{"error":"PAYMENTS_DISABLED","detail":{"error":"PAYMENTS_DISABLED"}}""";
        await AssertErrorAsync(await host.PostAsync("stripe", [], null), 501, expected);
        await AssertErrorAsync(await host.PostAsync("revenuecat", [], null), 501, expected);
        await AssertErrorAsync(await host.Client.GetAsync("/subscriptions/current"), 401, """{"error":"INVALID_TOKEN","detail":{"error":"INVALID_TOKEN"}}""");
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", Guid.NewGuid().ToString());
        await AssertErrorAsync(await host.Client.GetAsync("/subscriptions/current"), 501, expected);
    }

    [Fact]
    public async Task two_hundred_deliveries_over_two_instances_are_one_event()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        var body = """{"id":"evt_200","type":"invoice.paid","data":{"object":{"customer":"cus_200"}}}"""u8.ToArray();
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            (i % 2 == 0 ? first : second).PostAsync("stripe", body, Sign(body, DateTimeOffset.UtcNow))));

        foreach (var answer in answers)
        {
            await AssertReceivedAsync(answer);
        }

        Assert.Equal(1, await StoredAsync("evt_200"));
        Assert.Equal(1, await database.ScalarAsync<long>("select count(*) from jobs where serial_key = 'stripe:cus_200'"));
    }

    [Fact]
    public async Task strangers_who_send_large_bodies_slowly_hold_up_stripe_for_seconds_and_revenuecat_not_at_all()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await StartAsync(time: time);
        using var first = await StrangerAsync(host);
        using var second = await StrangerAsync(host);
        await Eventually.BeTrueAsync("both places taken", async () =>
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            try
            {
                await host.PostAsync("stripe", Large("probe"), "t=1,v1=00", patience.Token);
                return false;
            }
            catch (OperationCanceledException)
            {
                return true;
            }
        });

        await AssertReceivedAsync(await host.PostAsync("revenuecat", Large("of_revenuecat"), "Bearer rc_test").WaitAsync(TimeSpan.FromSeconds(30)));
        var waiting = host.PostAsync("stripe", Large("of_stripe"), Sign(Large("of_stripe"), time.GetUtcNow()));
        time.Advance(TimeSpan.FromSeconds(10));

        await AssertReceivedAsync(await waiting.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal("HTTP/1.1 408 Request Timeout", await new StreamReader(first.GetStream()).ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal((1, 1), (await StoredAsync("of_revenuecat"), await StoredAsync("of_stripe")));

        static byte[] Large(string id) => Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","type":"x","unknown":"{{new string('x', 100_000)}}"}""");
    }

    private static async Task<TcpClient> StrangerAsync(Host host)
    {
        var client = new TcpClient();
        var address = host.Client.BaseAddress!;
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"POST /webhooks/stripe HTTP/1.1\r\nHost: api\r\nStripe-Signature: t=1,v1=00\r\nContent-Length: 200000\r\n\r\n{new string(' ', 100_000)}"),
            TestContext.Current.CancellationToken);
        return client;
    }

    [Fact]
    public async Task an_event_without_id_is_taken_each_time()
    {
        await using var host = await StartAsync();
        var body = """{"type":"no.id"}"""u8.ToArray();
        await AssertReceivedAsync(await host.PostAsync("stripe", body, Sign(body, DateTimeOffset.UtcNow)));
        await AssertReceivedAsync(await host.PostAsync("stripe", body, Sign(body, DateTimeOffset.UtcNow)));
        Assert.Equal(2, await database.ScalarAsync<long>("select count(*) from webhook_events where event_type = 'no.id'"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("[1,2]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("{\"id\":\"cut")]
    public async Task what_is_no_event_is_refused_although_it_is_signed(string text)
    {
        await using var host = await StartAsync();
        var body = Encoding.UTF8.GetBytes(text);
        const string expected = """{"error":"INVALID_PAYLOAD","detail":{"error":"INVALID_PAYLOAD"}}""";
        await AssertErrorAsync(await host.PostAsync("stripe", body, Sign(body, DateTimeOffset.UtcNow)), 400, expected);
        await AssertErrorAsync(await host.PostAsync("revenuecat", body, "Bearer rc_test"), 400, expected);
    }

    [Fact]
    public async Task odd_events_are_stored_or_refused_and_applied_without_a_crash()
    {
        await using var host = await StartAsync();
        await using var worker = new BillingHost(database);
        foreach (var body in OddEvents.All())
        {
            foreach (var answer in new[] { await host.PostAsync("stripe", body, Sign(body, DateTimeOffset.UtcNow)), await host.PostAsync("revenuecat", body, "Bearer rc_test") })
            {
                Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge });
            }
        }

        await worker.AllAppliedAsync();
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_jobs"));
    }

    [Fact]
    public async Task a_signed_checkout_shows_as_the_current_plan()
    {
        await using var host = await StartAsync();
        await using var worker = new BillingHost(database);
        var user = await worker.UserAsync();
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", user.ToString());
        Assert.Equal(
            """{"tier":"free","status":"active","period_start":null,"period_end":null,"cancel_at_period_end":false}""",
            await host.Client.GetStringAsync("/subscriptions/current"));
        var usage = (await host.Client.GetFromJsonAsync<JsonObject>("/subscriptions/usage"))!;
        Assert.EndsWith("T00:00:00Z", (string)usage["period_start"]!, StringComparison.Ordinal);
        usage.Remove("period_start");
        Assert.Equal("""{"tier":"free","sessions_used":0,"sessions_limit":10,"period_end":null,"is_lifetime":true,"usage_percent":0,"upgrade_hint":null}""", usage.ToJsonString());

        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            id = "evt_view",
            type = "checkout.session.completed",
            created = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            data = new { @object = new { customer = "cus_view", subscription = "sub_view", metadata = new { user_id = user, price_id = "price_pro" } } },
        });
        await AssertReceivedAsync(await host.PostAsync("stripe", body, Sign(body, DateTimeOffset.UtcNow)));
        await worker.SettledAsync(user);

        Assert.Equal(
            """{"tier":"pro","status":"active","period_start":null,"period_end":null,"cancel_at_period_end":false}""",
            await host.Client.GetStringAsync("/subscriptions/current"));
    }

    [Fact]
    public async Task a_database_that_is_away_makes_the_store_try_again()
    {
        await using var host = await StartAsync(connection: "Host=127.0.0.1;Port=1;Username=x;Database=x;Timeout=2");
        var body = """{"id":"away"}"""u8.ToArray();
        var answer = await host.PostAsync("stripe", body, Sign(body, DateTimeOffset.UtcNow));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    private static string Sign(byte[] body, DateTimeOffset at, string secret = Secret)
    {
        var time = at.ToUnixTimeSeconds();
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{time}."), .. body];
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed);
        return $"t={time},v0=ignored,v1={Convert.ToHexStringLower(new byte[32])},v1={Convert.ToHexStringLower(hash)}";
    }

    private static async Task AssertReceivedAsync(HttpResponseMessage answer) =>
        Assert.Equal((HttpStatusCode.OK, """{"received":true}"""), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));

    private static async Task AssertErrorAsync(HttpResponseMessage answer, int status, string expected)
    {
        var body = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        body.Remove("message");
        Assert.Equal((status, expected), ((int)answer.StatusCode, body.ToJsonString()));
    }

    private Task<long> StoredAsync(string eventId) => database.ScalarAsync<long>("select count(*) from webhook_events where event_id = $1", eventId);

    private Task<Host> StartAsync(Func<BillingOptions, BillingOptions>? change = null, string? connection = null, TimeProvider? time = null) =>
        Host.StartAsync(connection ?? database.ConnectionString, change?.Invoke(BillingHost.Options) ?? BillingHost.Options, time ?? TimeProvider.System);

    /// <summary>An api process with nothing but billing behind the real edge; a token is the id of its user.</summary>
    private sealed class Host : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private Host(WebApplication app)
        {
            _app = app;
            Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        }

        public HttpClient Client { get; }

        public static async Task<Host> StartAsync(string connection, BillingOptions options, TimeProvider time)
        {
            var builder = ServiceHost.CreateBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["DEBUG"] = "true", ["RATE_LIMIT_ENABLED"] = "false" });
            builder.Services.AddSingleton(time);
            builder.Services.AddSingleton<IAuthenticator, TokensAreUsers>();
            builder.Services.AddSolacoreData(new ConnectionSettings(connection, connection, null)).AddJobQueue();
            builder.Services.AddWebhookInbox(options);
            builder.Services.AddCheckouts(new StoreOptions());
            builder.AddHttpEdge(new SettingsReader(builder.Configuration));
            var app = builder.Build();
            app.UseHttpEdge();
            var api = app.MapApi();
            api.MapWebhooks();
            api.MapSubscriptions();
            await app.StartAsync();
            return new Host(app);
        }

        public async Task<HttpResponseMessage> PostAsync(string source, byte[] body, string? proof, CancellationToken cancellationToken = default)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/" + source) { Content = new ByteArrayContent(body) };
            if (proof is not null)
            {
                request.Headers.TryAddWithoutValidation(source == "stripe" ? "Stripe-Signature" : "Authorization", proof);
            }

            return await Client.SendAsync(request, cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await _app.DisposeAsync();
        }
    }

    private sealed class TokensAreUsers : IAuthenticator
    {
        public ValueTask<AccessOutcome> AuthenticateAsync(string token, CancellationToken cancellationToken) => ValueTask.FromResult(
            Guid.TryParse(token, out var user)
                ? AccessOutcome.Granted(new Caller(user, Guid.NewGuid(), Guid.NewGuid(), "ann@example.org", "email", "en"))
                : AccessOutcome.Refused(ErrorCode.InvalidToken));

        public ValueTask<Guid?> FindSubjectAsync(string token) => ValueTask.FromResult<Guid?>(null);
    }
}
