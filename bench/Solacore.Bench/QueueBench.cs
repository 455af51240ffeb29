using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Settings;
using Solacore.Core.Telemetry;

namespace Solacore.Bench;

/// <summary>
/// The queue alone, with jobs that do nothing: from the commit to the handler, and jobs per second; each also under what
/// wears a queue in a table out, which is a million waiting jobs, and a transaction that somebody holds open.
/// </summary>
internal static class QueueBench
{
    private const int WarmUp = 50;
    private const int Pickups = 500;
    private const int Many = 1_000_000;

    /// <summary>More than any number of workers gets through in a second here.</summary>
    private const int PerSecond = 40_000;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);
    private static readonly JobKind<Ping> Kind = new("bench.ping", new JobLane("bench", 256), RetryPolicy.Standard, TimeSpan.FromSeconds(30));

    public static async Task<int> RunAsync(string[] options)
    {
        if (BenchOptions.Read(options, ("seconds", 10), ("held", 60)) is not { } settings)
        {
            return BenchOptions.NotUnderstood;
        }

        var (length, held) = (TimeSpan.FromSeconds(settings["seconds"]), TimeSpan.FromSeconds(settings["held"]));
        var report = new BenchReport("queue", settings.ToDictionary(s => s.Key, s => (object)s.Value));
        await using var servers = await BenchServers.StartAsync();
        await using var database = NpgsqlDataSource.Create(servers.Database + ";Command Timeout=600");

        await PickupAsync(servers, report, "idle", "goal: 15");
        foreach (var workers in new[] { 1, 2, 4 })
        {
            await FillAsync(database, (int)((length + Settling).TotalSeconds * PerSecond));
            report.Add($"done by {workers} workers", await RateAsync(servers, workers, length), "/s", workers == 1 ? "goal: 3000" : "");
        }

        await FillAsync(database, Many);
        var amongMany = await RateAsync(servers, 1, length);
        report.Add($"done by one worker, {Many} waiting", amongMany, "/s");
        await FillAsync(database, Many, due: "now() + interval '1 day'");
        await PickupAsync(servers, report, $"{Many} scheduled for later");

        var load = (int)((held + Settling).TotalSeconds * PerSecond);
        await FillAsync(database, load);
        var free = await RateAsync(servers, 1, held);
        await FillAsync(database, load);
        await using (var connection = await database.OpenConnectionAsync())
        await using (var holder = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead))
        {
            // The snapshot is what keeps every finished job in the table.
            await using var look = new NpgsqlCommand("select count(*) from users", connection, holder);
            await look.ExecuteScalarAsync();
            var kept = await RateAsync(servers, 1, held);
            report.Add($"done by one worker in {held.TotalSeconds} s", free, "/s");
            report.Add("done while a transaction is held open all the time", kept, "/s");
            report.Add("held open / not", kept / free, "ratio", "goal: 0.7");
        }

        await report.WriteAsync();
        return 0;
    }

    /// <summary>From the commit of one job to its handler, again and again with pauses.</summary>
    private static async Task PickupAsync(BenchServers servers, BenchReport report, string state, string goal = "")
    {
        await using var worker = Worker.Start(servers.Database);
        var waits = new List<TimeSpan>();
        for (var n = 0; n < WarmUp + Pickups; n++)
        {
            await using var scope = worker.Services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<SolacoreDb>();
            db.Enqueue(Kind, new Ping(n));
            var handled = worker.Seen.Expect(n);
            await db.SaveChangesAsync();
            var committed = Stopwatch.GetTimestamp();
            var at = await handled;
            if (n >= WarmUp)
            {
                waits.Add(Stopwatch.GetElapsedTime(committed, Math.Max(committed, at)));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(5, 25)));
        }

        var percentiles = new Percentiles(waits);
        report.Add($"commit to handler, {state}, p50", percentiles.Milliseconds(50), "ms", goal);
        report.Add($"commit to handler, {state}, p99", percentiles.Milliseconds(99), "ms");
    }

    /// <summary>Leaves exactly so many jobs in the table.</summary>
    private static async Task FillAsync(NpgsqlDataSource database, int jobs, string due = "now()")
    {
        await using var clear = database.CreateCommand("truncate jobs");
        await clear.ExecuteNonQueryAsync();
        await using var fill = database.CreateCommand(
            $"insert into jobs (lane, kind, payload, max_attempts, run_at) select $1, $2, jsonb_build_object('number', -1), 10, {due} from generate_series(1, $3)");
        fill.Parameters.AddWithValue(Kind.Lane.Name);
        fill.Parameters.AddWithValue(Kind.Name);
        fill.Parameters.AddWithValue(jobs);
        await fill.ExecuteNonQueryAsync();
        await using var analyze = database.CreateCommand("vacuum analyze jobs");
        await analyze.ExecuteNonQueryAsync();
    }

    /// <summary>Jobs per second, removal included, while there are more than the workers can do.</summary>
    private static async Task<double> RateAsync(BenchServers servers, int workers, TimeSpan length)
    {
        var running = Enumerable.Range(0, workers).Select(_ => Worker.Start(servers.Database)).ToList();
        await Task.Delay(Settling);
        var (before, since) = (running.Sum(w => w.Seen.Count), Stopwatch.GetTimestamp());
        await Task.Delay(length);
        var rate = (running.Sum(w => w.Seen.Count) - before) / Stopwatch.GetElapsedTime(since).TotalSeconds;
        foreach (var worker in running)
        {
            await worker.DisposeAsync();
        }

        return rate;
    }

    /// <summary>A worker of the product, in this process.</summary>
    private sealed class Worker : IAsyncDisposable
    {
        private readonly ServiceProvider _services;
        private readonly CancellationTokenSource _stopping = new();
        private readonly Task _running;

        private Worker(ServiceProvider services)
        {
            _services = services;
            _running = services.GetRequiredService<JobWorker>().RunAsync(_stopping.Token);
        }

        public IServiceProvider Services => _services;

        public Seen Seen => _services.GetRequiredService<Seen>();

        public static Worker Start(string database)
        {
            var connections = new ConnectionSettings(database, database, null);
            var services = new ServiceCollection();
            services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
            services.AddMetrics();
            services.AddSingleton(TimeProvider.System);
            services.AddSingleton<Seen>();
            services.AddSolacoreData(connections).AddJobQueue().AddProductTelemetry();
            services.AddJobHandler<Handler, Ping>(Kind);
            services.AddJobWorker(connections);
            return new Worker(services.BuildServiceProvider());
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _running;
            await _services.DisposeAsync();
            _stopping.Dispose();
        }
    }

    private sealed record Ping(int Number);

    private sealed class Handler(Seen seen) : IJobHandler<Ping>
    {
        public Task HandleAsync(Ping payload, JobContext job, CancellationToken cancellationToken)
        {
            seen.Handled(payload.Number);
            return Task.CompletedTask;
        }
    }

    private sealed class Seen
    {
        private readonly ConcurrentDictionary<int, TaskCompletionSource<long>> _expected = new();
        private long _count;

        /// <summary>Jobs that came to the handler.</summary>
        public long Count => Interlocked.Read(ref _count);

        public Task<long> Expect(int number) =>
            _expected.GetOrAdd(number, _ => new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public void Handled(int number)
        {
            Interlocked.Increment(ref _count);
            if (_expected.TryGetValue(number, out var expected))
            {
                expected.TrySetResult(Stopwatch.GetTimestamp());
            }
        }
    }
}
