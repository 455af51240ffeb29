using System.Diagnostics;
using System.Net;
using System.Runtime.Versioning;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Settings;
using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Ops;
using Solacore.Tests.ServiceDefaults;
using Solacore.Worker.Billing;
using Solacore.Worker.Jobs;

namespace Solacore.Tests.Billing;

/// <summary>What an operator can see and do, over HTTP and with <c>ops/parked</c>.</summary>
public sealed class OperatorTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string Key = "operator \"test\" \\ not a key";

    public async ValueTask InitializeAsync() => await database.ExecuteAsync("truncate jobs, dead_jobs");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task operator_routes_are_closed_without_the_key()
    {
        await using var worker = await StartAsync();
        foreach (var path in new[] { "/admin/dead-jobs", "/admin/dead-jobs/1", $"/admin/plans/{Guid.NewGuid()}" })
        {
            Assert.Equal(new Answer(HttpStatusCode.Forbidden, "OPERATOR_KEY is not this one."), await Answer.OfAsync(worker.Inside, path));
        }

        worker.Inside.DefaultRequestHeaders.Authorization = new("Bearer", "wrong");
        using var replay = await worker.Inside.PostAsync(new Uri("/admin/dead-jobs/replay", UriKind.Relative), content: null);
        Assert.Equal(HttpStatusCode.Forbidden, replay.StatusCode);
    }

    [Fact]
    public async Task a_kind_that_no_text_can_be_is_refused()
    {
        await using var worker = await StartAsync();
        worker.Inside.DefaultRequestHeaders.Authorization = new("Bearer", Key);

        Assert.Equal(new Answer(HttpStatusCode.BadRequest, "kind is no text."), await Answer.OfAsync(worker.Inside, "/admin/dead-jobs?kind=%00"));
    }

    [Fact]
    public async Task parked_events_are_listed_shown_and_replayed_one_by_one_or_by_time()
    {
        await ParkAsync(901, "evt_901", "2026-11-01T10:00:00Z");
        await ParkAsync(902, "evt_902", "2026-11-02T10:00:00Z");
        await ParkAsync(903, "evt_903", "2026-11-03T10:00:00Z");
        await ParkAsync(904, "evt_904", "2026-11-04T10:00:00Z");
        await using var worker = await StartAsync();

        Assert.Equal([904, 903, 902, 901], Ids(await CommandAsync(worker, "list", "webhooks.apply")));
        Assert.Equal([], Ids(await CommandAsync(worker, "list", "no.such.kind")));

        var shown = await CommandAsync(worker, "show", "902");
        Assert.Equal(
            (902, "PostgresException: broken", "evt_902", "stripe", "invoice.paid", """{"id":"evt_902"}"""),
            (shown.GetProperty("job").GetProperty("id").GetInt64(), shown.GetProperty("job").GetProperty("lastError").GetString(),
                shown.GetProperty("event").GetProperty("eventId").GetString(), shown.GetProperty("event").GetProperty("source").GetString(),
                shown.GetProperty("event").GetProperty("eventType").GetString(), shown.GetProperty("event").GetProperty("body").GetString()));

        Assert.Equal(1, (await CommandAsync(worker, "replay", "901")).GetProperty("replayed").GetInt32());
        Assert.Equal(
            2,
            (await CommandAsync(worker, "replay", "--kind", "webhooks.apply", "--from", "2026-11-02T10:00:00Z", "--to", "2026-11-04T10:00:00Z"))
                .GetProperty("replayed").GetInt32());
        Assert.Equal([904], Ids(await CommandAsync(worker, "list")));
        Assert.Equal(3, await database.ScalarAsync<long>("select count(*) from jobs where kind = 'webhooks.apply' and attempts = 0"));
    }

    [Fact]
    public async Task a_long_list_ends_with_how_many_there_are()
    {
        await database.ExecuteAsync(
            """
            insert into dead_jobs (id, lane, kind, payload, priority, attempts, max_attempts, created_at, died_at)
            select n, 'mail', 'test.many', '{}', 1, 1, 1, now(), now() from generate_series(5001, 5250) n
            """);
        await using var worker = await StartAsync();

        var list = await CommandAsync(worker, "list", "test.many");

        Assert.Equal((200, 250), (Ids(list).Count(), list.GetProperty("total").GetInt32()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?ids=911")]
    [InlineData("?id=911&ids=912")]
    [InlineData("?kind=")]
    [InlineData("?kind=webhooks.apply&to=")]
    [InlineData("?all=false")]
    [InlineData("?all=perhaps")]
    [InlineData("?id=911&id=x")]
    [InlineData("?all=true&kind=webhooks.apply")]
    public async Task nothing_is_replayed_when_the_selection_is_empty_or_not_understood(string query)
    {
        await ParkAsync(911, $"evt_{Guid.NewGuid()}", "2026-11-01T10:00:00Z");
        await using var worker = await StartAsync();
        worker.Inside.DefaultRequestHeaders.Authorization = new("Bearer", Key);

        using var refused = await worker.Inside.PostAsync(new Uri($"/admin/dead-jobs/replay{query}", UriKind.Relative), content: null);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(1, await database.ScalarAsync<long>("select count(*) from dead_jobs"));
    }

    [Theory]
    [InlineData("kinds=webhooks.apply", "kinds is no parameter here, or has no value.")]
    [InlineData("kind=", "kind is no parameter here, or has no value.")]
    [InlineData("kind=webhooks.apply&from=yesterday", "from is no time such as 2026-01-31T02:00:00Z.")]
    public async Task a_list_by_what_is_not_understood_is_refused_and_the_parameter_named(string query, string reason)
    {
        await using var worker = await StartAsync();
        worker.Inside.DefaultRequestHeaders.Authorization = new("Bearer", Key);

        Assert.Equal(new Answer(HttpStatusCode.BadRequest, reason), await Answer.OfAsync(worker.Inside, $"/admin/dead-jobs?{query}"));
    }

    [Fact]
    public async Task a_database_that_is_away_is_told_to_the_operator_with_its_reason()
    {
        var wrong = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Password = "wrong" }.ConnectionString;
        await using var worker = await StartAsync(connection: wrong);
        worker.Inside.DefaultRequestHeaders.Authorization = new("Bearer", Key);

        foreach (var path in new[] { "/admin/dead-jobs", "/admin/dead-jobs/1", $"/admin/plans/{Guid.NewGuid()}" })
        {
            Assert.Equal(new Answer(HttpStatusCode.ServiceUnavailable, "The database is away: 28P01."), await Answer.OfAsync(worker.Inside, path));
        }
    }

    [Fact]
    public async Task the_command_says_why_there_is_nothing_to_see()
    {
        await using var worker = await StartAsync();

        var (exitCode, printed, errors) = await RunAsync(worker, ["show", "19"], address: worker.Inside.BaseAddress!.ToString());

        Assert.Equal((22, "There is no dead job 19: a replayed job has a new id."), (exitCode, printed.Trim()));
        Assert.Contains("404", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task everything_is_replayed_when_all_is_said()
    {
        await ParkAsync(921, "evt_921", "2026-11-01T10:00:00Z");
        await ParkAsync(922, "evt_922", "2026-11-01T10:00:00Z");
        await using var worker = await StartAsync();
        worker.Inside.DefaultRequestHeaders.Authorization = new("Bearer", Key);

        using var replay = await worker.Inside.PostAsync(new Uri("/admin/dead-jobs/replay?all=true", UriKind.Relative), content: null);

        Assert.Equal("""{"replayed":2}""", await replay.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task dead_letters_are_dropped_by_their_ids_alone_and_the_log_says_so()
    {
        await ParkAsync(931, "evt_931", "2026-11-01T10:00:00Z");
        await ParkAsync(932, "evt_932", "2026-11-01T10:00:00Z");
        await ParkAsync(933, "evt_933", "2026-11-01T10:00:00Z");
        var log = new LogRecorder();
        await using var worker = await StartAsync(log);

        Assert.Equal(2, (await RunAsync(worker, ["drop"])).ExitCode);
        Assert.Equal(2, (await RunAsync(worker, ["drop", "--kind", "webhooks.apply"])).ExitCode);
        Assert.Equal(2, (await RunAsync(worker, ["drop", "931", "all"])).ExitCode);
        Assert.Equal([933, 932, 931], Ids(await CommandAsync(worker, "list")));

        Assert.Equal(931, (await CommandAsync(worker, "drop", "931")).GetProperty("id").GetInt64());
        var (exitCode, printed, errors) = await RunAsync(worker, ["drop", "931", "932"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("404", errors, StringComparison.Ordinal);
        Assert.Contains("\"id\":932", printed, StringComparison.Ordinal);

        Assert.Equal([933], Ids(await CommandAsync(worker, "list")));
        Assert.Equal(
            ["931", "932"],
            log.Lines.Where(line => line.Contains("An operator dropped the dead letter of webhooks.apply job", StringComparison.Ordinal))
                .Select(line => line.Split("job ")[1][..3]));
    }

    [Fact]
    public async Task nothing_is_dropped_without_the_key_nor_many_at_once()
    {
        await ParkAsync(941, "evt_941", "2026-11-01T10:00:00Z");
        await using var worker = await StartAsync();

        Assert.Equal(HttpStatusCode.Forbidden, await DeleteAsync("/admin/dead-jobs/941"));
        worker.Inside.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await DeleteAsync("/admin/dead-jobs?kind=webhooks.apply"));
        Assert.Equal(HttpStatusCode.BadRequest, await DeleteAsync("/admin/dead-jobs/941?id=942"));
        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync("/admin/dead-jobs/942"));
        Assert.Equal(1, await database.ScalarAsync<long>("select count(*) from dead_jobs"));

        async Task<HttpStatusCode> DeleteAsync(string path)
        {
            using var response = await worker.Inside.DeleteAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task a_plan_tells_why_it_is_what_it_is()
    {
        Guid user;
        await using (var billing = new BillingHost(database))
        {
            user = await billing.UserAsync();
            await billing.StripeAsync(new
            {
                id = "evt_why",
                type = "checkout.session.completed",
                data = new { @object = new { customer = "cus_why", subscription = "sub_why", metadata = new { user_id = user, price_id = "price_pro" } } },
            });
            Assert.Equal("pro active", await billing.PlanAsync(user));
        }

        await using var worker = await StartAsync();
        var plan = await CommandAsync(worker, "plan", user.ToString());
        var change = Assert.Single(plan.GetProperty("changes").EnumerateArray());
        Assert.Equal(
            ("pro", "checkout.session.completed", "stripe", "evt_why", "free", "pro", "sub_why"),
            (plan.GetProperty("tier").GetString(), change.GetProperty("cause").GetString(), change.GetProperty("source").GetString(),
                change.GetProperty("eventId").GetString(), change.GetProperty("tierBefore").GetString(), change.GetProperty("tierAfter").GetString(),
                plan.GetProperty("stores")[0].GetProperty("subscription").GetString()));

        var said = plan.GetProperty("stores")[0].GetProperty("said");
        Assert.Equal(
            ("pro", "active"),
            (said.GetProperty("statedTier").GetProperty("value").GetString(),
                said.GetProperty("standing").GetProperty("undated").GetProperty("value").GetProperty("standing").GetString()));

        await database.ExecuteAsync(
            """
            insert into entitlement_changes (user_id, at, cause, tier_before, status_before, tier_after, status_after, cancel_at_period_end_after)
            values ($1, now(), 'time', 'pro', 'active', 'free', 'canceled', false)
            """,
            user);
        var latest = (await CommandAsync(worker, "plan", user.ToString())).GetProperty("changes")[0];
        Assert.Equal(("time", JsonValueKind.Null), (latest.GetProperty("cause").GetString(), latest.GetProperty("source").ValueKind));

        worker.Inside.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        var nobody = Guid.NewGuid();
        Assert.Equal(new Answer(HttpStatusCode.NotFound, $"There is no account {nobody}."), await Answer.OfAsync(worker.Inside, $"/admin/plans/{nobody}"));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task the_key_is_no_argument_that_others_on_the_machine_can_see()
    {
        await using var worker = await StartAsync();
        using var curl = new RecordedCurl();

        Assert.Equal(0, (await RunAsync(worker, ["list"], curl.Path)).ExitCode);

        Assert.Contains("/admin/dead-jobs", curl.Arguments, StringComparison.Ordinal);
        Assert.DoesNotContain("operator", curl.Arguments, StringComparison.Ordinal);
    }

    private Task<RunningService> StartAsync(LogRecorder? log = null, string? connection = null) => RunningService.StartAsync(
        time: TimeProvider.System,
        worker: true,
        configure: builder =>
        {
            builder.Services.AddSolacoreData(new ConnectionSettings(connection ?? database.ConnectionString, connection ?? database.ConnectionString, null)).AddJobQueue();
            builder.Services.AddSingleton(new OperatorAccess(Key, Open: false));
            if (log is not null)
            {
                builder.Logging.AddProvider(log);
            }
        },
        map: app =>
        {
            app.MapDeadJobs();
            app.MapPlanHistory();
        });

    private async Task ParkAsync(long job, string eventId, string diedAt)
    {
        var id = Guid.CreateVersion7();
        await database.ExecuteAsync(
            """
            insert into webhook_events (id, source, event_id, event_type, body, payload_hash)
            values ($1, 'stripe', $2, 'invoice.paid', convert_to($3, 'UTF8'), repeat('0', 64))
            """,
            id,
            eventId,
            $$"""{"id":"{{eventId}}"}""");
        await database.ExecuteAsync(
            """
            insert into dead_jobs (id, lane, kind, payload, priority, attempts, max_attempts, last_error, created_at, died_at)
            values ($1, 'webhooks', $2, jsonb_build_object('event_id', $3), 1, 10, 10, 'PostgresException: broken', now(), $4::timestamptz)
            """,
            job,
            ApplyWebhook.Kind.Name,
            id,
            diedAt);
    }

    private static IEnumerable<long> Ids(JsonElement list) => list.GetProperty("jobs").EnumerateArray().Select(j => j.GetProperty("id").GetInt64());

    /// <summary>Runs <c>ops/parked</c> as an operator would, and reads what it prints.</summary>
    private static async Task<JsonElement> CommandAsync(RunningService worker, params string[] arguments)
    {
        var (exitCode, printed, errors) = await RunAsync(worker, arguments);
        Assert.True(exitCode == 0, $"{string.Join(' ', arguments)}: {printed} {errors}");
        return JsonSerializer.Deserialize<JsonElement>(printed);
    }

    private static async Task<(int ExitCode, string Printed, string Errors)> RunAsync(RunningService worker, string[] arguments, string? path = null, string? address = null)
    {
        var start = new ProcessStartInfo(Path.Combine(BuildOutput.RepositoryRoot, "ops", "parked"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["WORKER_URL"] = address ?? worker.Inside.BaseAddress!.ToString().TrimEnd('/');
        start.Environment["OPERATOR_KEY"] = Key;
        start.Environment["PATH"] = path ?? start.Environment["PATH"];
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var printed = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, printed, await errors);
    }
}
