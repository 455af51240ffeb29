using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.ServiceDefaults;

public sealed class HealthTests
{
    private const string Healthy = """{"status":"healthy","version":"1.0.0","database":"connected"}""";
    private const string Degraded = """{"status":"degraded","version":"1.0.0","database":"connected"}""";
    private const string Unhealthy = """{"status":"unhealthy","version":"1.0.0","database":"disconnected"}""";
    private const string Ready = """{"ready":true}""";
    private const string NotReady = """{"ready":false}""";
    private const string Live = """{"live":true}""";

    /// <summary>Longer than answers are kept.</summary>
    private static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task the_bodies_are_exact_when_all_is_well()
    {
        await using var service = await RunningService.StartAsync(h => h.Database(Up).Schema((_, _) => Task.FromResult<string?>(null)).Redis(Up).Model(Up), _time);

        Assert.Equal(new Answer(HttpStatusCode.OK, Healthy), await Answer.OfAsync(service.Clients, "/health"));
        Assert.Equal(new Answer(HttpStatusCode.OK, Ready), await Answer.OfAsync(service.Clients, "/health/ready"));
        Assert.Equal(new Answer(HttpStatusCode.OK, Live), await Answer.OfAsync(service.Clients, "/health/live"));
    }

    [Fact]
    public async Task without_a_database_the_service_is_unhealthy_and_not_ready_but_live()
    {
        await using var service = await RunningService.StartAsync(h => h.Database(Down).Redis(Up), _time);

        Assert.Equal(new Answer(HttpStatusCode.ServiceUnavailable, Unhealthy), await Answer.OfAsync(service.Clients, "/health"));
        Assert.Equal(new Answer(HttpStatusCode.ServiceUnavailable, NotReady), await Answer.OfAsync(service.Clients, "/health/ready"));
        Assert.Equal(new Answer(HttpStatusCode.OK, Live), await Answer.OfAsync(service.Clients, "/health/live"));
    }

    [Fact]
    public async Task without_redis_the_service_is_degraded_and_ready()
    {
        await using var service = await RunningService.StartAsync(h => h.Database(Up).Redis(Down), _time);

        Assert.Equal(new Answer(HttpStatusCode.OK, Degraded), await Answer.OfAsync(service.Clients, "/health"));
        Assert.Equal(new Answer(HttpStatusCode.OK, Ready), await Answer.OfAsync(service.Clients, "/health/ready"));
    }

    [Fact]
    public async Task without_the_model_the_service_is_degraded_and_ready()
    {
        await using var service = await RunningService.StartAsync(h => h.Database(Up).Model(Down), _time);

        Assert.Equal(new Answer(HttpStatusCode.OK, Degraded), await Answer.OfAsync(service.Clients, "/health"));
        Assert.Equal(new Answer(HttpStatusCode.OK, Ready), await Answer.OfAsync(service.Clients, "/health/ready"));
    }

    [Fact]
    public async Task an_old_schema_makes_the_service_not_ready_and_leaves_it_healthy()
    {
        await using var service = await RunningService.StartAsync(
            h => h.Database(Up).Schema((_, _) => Task.FromResult<string?>("is at 1_Old, needs 2_New: run migrate")), _time);

        Assert.Equal(new Answer(HttpStatusCode.OK, Healthy), await Answer.OfAsync(service.Clients, "/health"));
        Assert.Equal(new Answer(HttpStatusCode.ServiceUnavailable, NotReady), await Answer.OfAsync(service.Clients, "/health/ready"));
        Assert.Contains(
            """{"name":"schema","up":false,"latency_ms":0,"error":"is at 1_Old, needs 2_New: run migrate"}""",
            (await Answer.OfAsync(service.Inside, "/health/details")).Body,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/ready")]
    [InlineData("/health/live")]
    public async Task head_is_answered_like_get_without_a_body(string path)
    {
        await using var service = await RunningService.StartAsync(h => h.Database(Up), _time);
        var get = await Answer.OfAsync(service.Clients, path);

        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var response = await service.Clients.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(get.Status, response.StatusCode);
        Assert.Equal(get.Body.Length, response.Content.Headers.ContentLength);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task a_hanging_database_does_not_hang_the_answer_and_is_asked_once()
    {
        var asked = 0;
        var entered = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var service = await RunningService.StartAsync(
            h => h.Database(async (_, _) =>
            {
                Interlocked.Increment(ref asked);
                entered.TrySetResult();
                await release.Task;
            }),
            _time);

        var first = Answer.OfAsync(service.Clients, "/health");
        await entered.Task;
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(new Answer(HttpStatusCode.ServiceUnavailable, Unhealthy), await first);

        // The next sweep waits for the same call instead of piling up connections on a sick server.
        _time.Advance(CacheTime);
        var second = Answer.OfAsync(service.Clients, "/health");
        while (!second.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.Equal(new Answer(HttpStatusCode.ServiceUnavailable, Unhealthy), await second);
        Assert.Equal(1, asked);

        release.SetResult();
        _time.Advance(CacheTime);
        Assert.Equal(new Answer(HttpStatusCode.OK, Healthy), await Answer.OfAsync(service.Clients, "/health"));
    }

    [Fact]
    public async Task a_driver_that_hangs_in_its_own_cancellation_does_not_hang_the_answer()
    {
        var entered = new TaskCompletionSource();
        using var release = new ManualResetEventSlim();
        await using var service = await RunningService.StartAsync(
            h => h.Database(async (_, cancellationToken) =>
            {
                var cancelled = new TaskCompletionSource();
                await using var hanging = cancellationToken.Register(() =>
                {
                    release.Wait(CancellationToken.None);
                    cancelled.SetResult();
                });
                entered.SetResult();
                await cancelled.Task;
            }),
            _time);

        var answer = Answer.OfAsync(service.Clients, "/health");
        await entered.Task;
        var limit = Task.Run(() => _time.Advance(TimeSpan.FromSeconds(2)), TestContext.Current.CancellationToken);

        Assert.Equal(
            new Answer(HttpStatusCode.ServiceUnavailable, Unhealthy),
            await answer.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        release.Set();
        await limit;
    }

    [Fact]
    public async Task answers_are_kept_for_a_few_seconds_and_recovery_is_seen_after_them()
    {
        var asked = 0;
        var up = false;
        await using var service = await RunningService.StartAsync(
            h => h.Database((_, _) =>
            {
                Interlocked.Increment(ref asked);
                return Volatile.Read(ref up) ? Task.CompletedTask : throw new TimeoutException();
            }),
            _time);

        Assert.Equal(Unhealthy, (await Answer.OfAsync(service.Clients, "/health")).Body);
        Volatile.Write(ref up, true);
        Assert.Equal(Unhealthy, (await Answer.OfAsync(service.Clients, "/health")).Body);
        Assert.Equal(1, asked);

        _time.Advance(CacheTime);
        Assert.Equal(Healthy, (await Answer.OfAsync(service.Clients, "/health")).Body);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task many_callers_share_one_question()
    {
        var asked = 0;
        var release = new TaskCompletionSource();
        await using var service = await RunningService.StartAsync(
            h => h.Database((_, _) =>
            {
                Interlocked.Increment(ref asked);
                return release.Task;
            }),
            _time);

        var answers = Enumerable.Range(0, 20).Select(_ => Answer.OfAsync(service.Clients, "/health/ready")).ToList();
        release.SetResult();

        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal(new Answer(HttpStatusCode.OK, Ready), answer));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task a_draining_process_is_not_ready_while_its_listener_is_still_open()
    {
        await using var service = await RunningService.StartAsync(
            h => h.Database(Up), _time, new() { ["DRAIN_SECONDS"] = "7" });
        Assert.Equal(Ready, (await Answer.OfAsync(service.Clients, "/health/ready")).Body);

        var stopping = service.StopAsync();

        Assert.Equal(new Answer(HttpStatusCode.ServiceUnavailable, NotReady), await Answer.OfAsync(service.Clients, "/health/ready"));
        Assert.Equal(new Answer(HttpStatusCode.OK, Healthy), await Answer.OfAsync(service.Clients, "/health"));
        Assert.False(stopping.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(7));
        await stopping;
        await Assert.ThrowsAsync<HttpRequestException>(() => Answer.OfAsync(service.Clients, "/health/ready"));
    }

    [Fact]
    public async Task details_name_each_dependency_with_latency_and_error_class_only()
    {
        await using var service = await RunningService.StartAsync(
            h => h.Database(Up).Redis((_, _) => throw new InvalidOperationException("no route to redis://user:pass@host")), _time);

        Assert.Equal(
            new Answer(
                HttpStatusCode.OK,
                """
                {"status":"degraded","version":"1.0.0","ready":true,"draining":false,"checked_at":"2000-01-01T00:00:00+00:00","dependencies":[{"name":"database","up":true,"latency_ms":0,"error":null},{"name":"redis","up":false,"latency_ms":0,"error":"InvalidOperationException"}]}
                """),
            await Answer.OfAsync(service.Inside, "/health/details"));
    }

    [Fact]
    public async Task an_error_of_the_database_is_named_by_its_code_and_not_by_its_text()
    {
        var log = new LogRecorder();
        await using var service = await RunningService.StartAsync(
            h => h.Database((_, _) => throw new InvalidOperationException("it failed", new PostgresException("no password for ann", "FATAL", "FATAL", "28P01"))),
            _time,
            configure: builder => builder.Logging.AddProvider(log));

        var details = (await Answer.OfAsync(service.Inside, "/health/details")).Body;
        Assert.Contains("""{"name":"database","up":false,"latency_ms":0,"error":"InvalidOperationException 28P01"}""", details, StringComparison.Ordinal);
        Assert.Contains("Warning Database is down: InvalidOperationException 28P01 ", log.Lines);
        Assert.DoesNotContain(log.Lines, line => line.Contains("ann", StringComparison.Ordinal));
    }

    [Fact]
    public async Task the_model_is_not_judged_while_the_database_is_down_and_what_was_known_of_it_stands()
    {
        var log = new LogRecorder();
        var (databaseIsUp, modelIsUp) = (true, true);
        await using var service = await RunningService.StartAsync(
            h => h.Database((_, _) => Of(databaseIsUp)).Model((_, _) => Of(databaseIsUp && modelIsUp)),
            _time,
            configure: builder => builder.Logging.AddProvider(log));
        async Task<string> AskAsync()
        {
            _time.Advance(CacheTime);
            return (await Answer.OfAsync(service.Inside, "/health/details")).Body;
        }

        const string modelUp = """{"name":"model","up":true,"latency_ms":0,"error":null}""";
        const string modelDown = """{"name":"model","up":false,"latency_ms":0,"error":"TimeoutException"}""";
        databaseIsUp = false;
        Assert.Contains(modelUp, await AskAsync(), StringComparison.Ordinal);
        (databaseIsUp, modelIsUp) = (true, false);
        Assert.Contains(modelDown, await AskAsync(), StringComparison.Ordinal);
        databaseIsUp = false;
        Assert.Contains(modelDown, await AskAsync(), StringComparison.Ordinal);
        (databaseIsUp, modelIsUp) = (true, true);
        Assert.Contains(modelUp, await AskAsync(), StringComparison.Ordinal);

        Assert.Equal(
            [
                "Warning Database is down: TimeoutException ",
                "Information Database is up again ",
                "Warning Model is down: TimeoutException ",
                "Warning Database is down: TimeoutException ",
                "Information Database is up again ",
                "Information Model is up again ",
            ],
            log.Lines.Where(line => line.Contains(" is down", StringComparison.Ordinal) || line.Contains(" is up again", StringComparison.Ordinal)));

        static Task Of(bool isUp) => isUp ? Task.CompletedTask : throw new TimeoutException();
    }

    [Fact]
    public async Task a_worker_answers_ready_and_live_on_its_internal_port()
    {
        await using var worker = await RunningService.StartAsync(h => h.Database(Up), _time, worker: true);

        Assert.Equal(new Answer(HttpStatusCode.OK, Ready), await Answer.OfAsync(worker.Inside, "/health/ready"));
        Assert.Equal(new Answer(HttpStatusCode.OK, Live), await Answer.OfAsync(worker.Inside, "/health/live"));
    }

    private static Task Up(IServiceProvider services, CancellationToken cancellationToken) => Task.CompletedTask;

    private static Task Down(IServiceProvider services, CancellationToken cancellationToken) => throw new TimeoutException();
}
