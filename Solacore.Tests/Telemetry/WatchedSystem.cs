using System.Globalization;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;
using Solacore.Tests.ServiceDefaults;

namespace Solacore.Tests.Telemetry;

/// <summary>
/// Api and worker with the settings of production, watched by a collector and a Sentry of our own, after a small evening:
/// a sign-up, a conversation, a cry for help, a payment, a mail, a provider's outage, and a few crashes.
/// </summary>
public sealed class WatchedSystem : IAsyncLifetime
{
    public const string MessageTrace = "0af7651916cd43dd8448eb211c80319c";
    public const string WebhookTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private readonly TestDatabase _database = new();
    private readonly List<IAsyncDisposable> _parts = [];

    public SpanCollector Collector { get; private set; } = null!;

    /// <summary>The exceptions that Sentry was sent, one JSON object each.</summary>
    public IReadOnlyList<string> Reports { get; private set; } = [];

    public Scrape Api { get; private set; } = null!;

    public Scrape Worker { get; private set; } = null!;

    /// <summary>What identifies the visitor.</summary>
    public IReadOnlyList<string> Personal { get; private set; } = [];

    /// <summary>The visitor's id as reports may name it.</summary>
    public string UserHash { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        await AddFormerVisitorsAsync();
        var redis = await SharedServers.Redis;
        var sentry = Owned(await Ingest.StartAsync());
        var model = Owned(await ModelStandIn.StartAsync());
        var smtp = Owned(SmtpStandIn.Start());
        var stripe = Owned(await StripeStandIn.StartAsync());
        Collector = Owned(await SpanCollector.StartAsync());
        var inside = LoopbackPort.Free();
        var system = Owned(await RunningSystem.StartAsync(
            _database.ConnectionString,
            redis.ConnectionString,
            settings: new Dictionary<string, string?>(Collector.Settings.Concat(stripe.Settings), StringComparer.Ordinal)
            {
                ["DEBUG"] = "false",
                ["INTERNAL_PORT"] = inside.ToString(CultureInfo.InvariantCulture),
                ["DRAIN_SECONDS"] = "0",
                ["APP_VERSION"] = "7.8.9",
                ["SENTRY_DSN"] = sentry.SentryDsn,
                ["SENTRY_ENVIRONMENT"] = "rehearsal",
                ["SENTRY_TRACES_SAMPLE_RATE"] = "0",
                ["FRONTEND_URL"] = "https://app.example.com",
                ["COOKIE_DOMAIN"] = ".example.com",
                ["GOOGLE_CLIENT_ID"] = "not-a-client",
                ["OPENAI_API_KEY"] = "not-a-key",
                ["OPENAI_BASE_URL"] = model.BaseUrl,
                ["LLM_PROFILE"] = "false",
                ["SMTP_ENABLED"] = "true",
                ["SMTP_HOST"] = "127.0.0.1",
                ["SMTP_PORT"] = smtp.Port,
                ["SMTP_USER"] = "not-a-user",
                ["SMTP_PASSWORD"] = "not-a-password",
            }));
        var api = system.Apis[0];
        using var ann = await Visitor.RegisterAsync(api);
        Personal = [ann.Fingerprint, ann.Id.ToString(), ann.Token!, "put off my thesis"];
        UserHash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            System.Text.Encoding.UTF8.GetBytes(ann.Id.ToString())))[..16];

        await TalkAsync(api, ann, model);
        await PayAsync(api, ann);
        await ForgetPasswordAsync(api, ann);
        await CrashAsync(api, ann);
        using var client = new HttpClient();
        Reports = await Eventually.BeAsync(
            "a report of the api and one of the worker",
            () => sentry.Everything.Split('\n').Where(line => line.Contains("\"exception\":", StringComparison.Ordinal)).ToArray(),
            reports => reports.Length == 2);
        Api = await Scrape.OfAsync(client, new Uri($"http://127.0.0.1:{inside}"));
        Worker = await Eventually.BeAsync(
            "the parked job and the sent mail in the worker's metrics",
            () => Scrape.OfAsync(client, system.WorkerAddresses[0]),
            scrape => scrape.Value("solacore_jobs_parked", "webhooks.apply") == 1 && scrape.Value("solacore_mail_handled_total", "sent") == 1);
    }

    private async Task TalkAsync(Scenarios.Api api, Visitor ann, ModelStandIn model)
    {
        var session = await ann.StartSessionAsync(api);
        using (var reply = await ann.SayAsync(api, session, "I put off my thesis", traceParent: $"00-{MessageTrace}-b7ad6b7169203331-01"))
        {
            await reply.ToEndAsync();
        }

        using (var help = await ann.SayAsync(api, session, "I want to die"))
        {
            await help.ToEndAsync();
        }

        model.Script = new ModelScript { Status = 500 };
        using (var offline = await ann.SayAsync(api, session, "It is about the last chapter"))
        {
            await offline.ToEndAsync();
        }

        Assert.Equal(HttpStatusCode.OK, await ann.SendAsync(api, HttpMethod.Patch, $"/sessions/{session}", new { status = "completed" }));
        await ann.StartLearningAsync(api);
    }

    private async Task PayAsync(Scenarios.Api api, Visitor ann)
    {
        using var stripe = new StripeSender();
        var checkout = StripeSender.Checkout("evt_watched", ann.Id, "cus_watched");
        Assert.Equal(HttpStatusCode.OK, await stripe.DeliverAsync(api.Address, checkout, $"00-{WebhookTrace}-00f067aa0ba902b7-01"));
        await Eventually.BeTrueAsync("the plan", async () =>
            await _database.ScalarAsync<bool>("select exists (select 1 from subscriptions where user_id = $1 and tier = 'standard')", ann.Id));
    }

    private static async Task ForgetPasswordAsync(Scenarios.Api api, Visitor ann)
    {
        var address = $"{ann.Fingerprint}@example.com";
        await ann.SendAsync(api, HttpMethod.Post, "/auth/login", new { email = address, password = "Wrong1234", device_fingerprint = ann.Fingerprint });
        await ann.SendAsync(api, HttpMethod.Post, "/auth/forgot-password", new { email = address });
    }

    /// <summary>A job that cannot succeed, and a table that is not what the code expects.</summary>
    private async Task CrashAsync(Scenarios.Api api, Visitor ann)
    {
        await _database.ExecuteAsync("insert into jobs (lane, kind, payload, max_attempts) values ('webhooks', 'webhooks.apply', 'null', 10)");
        await Eventually.BeTrueAsync("a dead letter", () => _database.ScalarAsync<bool>("select exists (select 1 from dead_jobs)"));
        await _database.ExecuteAsync("alter table subscriptions rename column tier to tier_gone");
        Assert.Equal(HttpStatusCode.InternalServerError, await ann.SendAsync(api, HttpMethod.Get, "/subscriptions/current"));
    }

    /// <summary>One wrote an hour ago, one three days ago, one eight.</summary>
    private async Task AddFormerVisitorsAsync()
    {
        await using var db = _database.Open();
        var now = TimeProvider.System.GetUtcNow();
        foreach (var at in new[] { now.AddHours(-1), now.AddDays(-3), now.AddDays(-8) })
        {
            var user = new User { Id = Guid.CreateVersion7(), Email = $"{Guid.NewGuid():n}@example.com" };
            var session = new LearnSession { Id = Guid.CreateVersion7(), UserId = user.Id, LearningMode = "quick", CreatedAt = at };
            db.AddRange(user, session);
            db.Turns.Add(new Turn
            {
                Id = Guid.CreateVersion7(at),
                UserId = user.Id,
                LearnSessionId = session.Id,
                UserMessageId = Guid.CreateVersion7(),
                Status = TurnStatus.Completed,
                Locale = "en",
                CreatedAt = at,
                FinishedAt = at,
            });
        }

        await db.SaveChangesAsync();
    }

    private T Owned<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }

        await _database.DisposeAsync();
    }
}
