using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using Solacore.LocalHost;
using Solacore.ServiceDefaults;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.LocalHost;
using Solacore.Tests.Scenarios;
using Solacore.Tests.ServiceDefaults;

namespace Solacore.Tests.Ops;

/// <summary>The smoke test says what works and what does not, line by line.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SmokeTests(ITestOutputHelper output)
{
    [Fact]
    public async Task the_lines_of_what_is_broken_are_red_and_no_others()
    {
        using var folder = new TemporaryFolder();
        await using var redis = new TemporaryRedis();
        await redis.StartAsync();
        await using var postgres = await PostgresServer.StartAsync(new PostgresOptions(folder.PathOf("postgres")) { Durable = false });
        await postgres.CreateDatabaseAsync("solacore");
        var connection = postgres.ConnectionString("solacore");
        await RunningSystem.MigrateAsync(connection);
        await using var system = await RunningSystem.StartAsync(connection, redis.Server.ConnectionString);
        await using var sentry = await Ingest.StartAsync();
        var address = system.Apis[0].Address.ToString();

        using var curl = new RecordedCurl();
        var good = await SmokeAsync(address, ("PATH", curl.Path), "--version", "1.0.0", "--sentry");
        Assert.Equal(0, good.ExitCode);
        Assert.Equal([], Red(good));
        Assert.All(
            ["password", RunningSystem.StripeSecret, RunningSystem.RevenueCatSecret],
            secret => Assert.DoesNotContain(secret, curl.Arguments, StringComparison.Ordinal));
        Assert.Contains("Smoke test of the way to Sentry", sentry.Everything, StringComparison.Ordinal);

        await using (var database = NpgsqlDataSource.Create(connection))
        {
            await using var left = database.CreateCommand(
                "select count(*) from (select kind from jobs union all select kind from dead_jobs) j where kind in ('billing.cancel_stripe_subscription', 'billing.close_stripe_customer')");
            Assert.Equal(0L, await left.ExecuteScalarAsync());
        }

        var wrongSecret = await SmokeAsync(address, ("STRIPE_WEBHOOK_SECRET", "whsec_another"), "--version", "0.9.0");
        Assert.Equal(["version", "Stripe: a signed event is taken", "and applied"], Red(wrongSecret));
        Assert.Equal(3, wrongSecret.ExitCode);

        await redis.Server.KillAsync();
        await Eventually.BeTrueAsync("degraded", async () => (await SmokeHealthAsync(address)).Contains("degraded", StringComparison.Ordinal));
        var withoutRedis = await SmokeAsync(address);
        Assert.Equal(["health", "a reply streams word by word"], Red(withoutRedis));

        await postgres.KillAsync();
        await Eventually.BeTrueAsync("unhealthy", async () => (await SmokeHealthAsync(address)).Contains("unhealthy", StringComparison.Ordinal));
        var withoutPostgres = await SmokeAsync(address);
        Assert.Equal(
            ["health", "ready", "RevenueCat: a TEST is taken", "sign-up", "sign-in", "a reply streams word by word", "Stripe: a signed event is taken"],
            Red(withoutPostgres));

        Task<ScriptResult> SmokeAsync(string url, params object[] more) => RunAsync(
            [url, .. more.OfType<string>()],
            [
                ("STRIPE_WEBHOOK_SECRET", RunningSystem.StripeSecret), ("REVENUECAT_WEBHOOK_SECRET", RunningSystem.RevenueCatSecret),
                ("SENTRY_DSN", sentry.SentryDsn), .. more.OfType<(string, string)>(),
            ]);
    }

    [Fact]
    public async Task an_address_where_nobody_answers_is_told_once_and_why()
    {
        var result = await RunAsync([$"http://127.0.0.1:{LoopbackPort.Free()}"], []);

        Assert.Equal(1, result.ExitCode);
        Assert.Matches(@"^FAIL  health +curl: \(7\) Failed to connect to 127\.0\.0\.1 port", Assert.Single(result.Lines));
    }

    [Fact]
    public async Task when_nobody_could_sign_up_no_event_is_sent_for_nobody()
    {
        var bodies = new ConcurrentQueue<string>();
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var busy = builder.Build();
        busy.MapPost("/auth/register", () => Results.StatusCode(StatusCodes.Status429TooManyRequests));
        busy.MapPost("/webhooks/stripe", async (HttpRequest request) => bodies.Enqueue(await new StreamReader(request.Body).ReadToEndAsync()));
        await busy.StartAsync(TestContext.Current.CancellationToken);

        var result = await RunAsync([busy.Urls.Single()], [("STRIPE_WEBHOOK_SECRET", RunningSystem.StripeSecret)]);

        Assert.Contains(result.Lines, line => line.StartsWith("FAIL  sign-up ", StringComparison.Ordinal)
            && line.EndsWith("429 wait a minute: five sign-ups a minute from one address", StringComparison.Ordinal));
        Assert.Contains(result.Lines, line => line.StartsWith("FAIL  Stripe: a signed event is taken ", StringComparison.Ordinal));
        Assert.Equal(["{}"], bodies);
    }

    private async Task<ScriptResult> RunAsync(IReadOnlyList<string> arguments, IEnumerable<(string, string)> environment)
    {
        var result = await Script.RunAsync("smoke", arguments, environment.Select(setting => (setting.Item1, (string?)setting.Item2)));
        output.WriteLine(result.Text + "\n");
        return result;
    }

    private static async Task<string> SmokeHealthAsync(string address)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(new Uri(address), "/health"));
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>The names of the failed lines, in their order.</summary>
    private static IEnumerable<string> Red(ScriptResult result) => result.Lines
        .Where(line => line.StartsWith("FAIL", StringComparison.Ordinal))
        .Select(line => line[6..50].Trim());
}
