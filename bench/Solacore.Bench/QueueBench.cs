using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Settings;

namespace Solacore.Bench;

/// <summary>From the commit to the handler on an idle queue, and how many jobs that do nothing one worker gets through.</summary>
internal static class QueueBench
{
    private const int WarmUp = 50;
    private const int Pickups = 500;
    private const int Jobs = 20_000;

    private static readonly JobKind<Ping> Kind = new("bench.ping", new JobLane("bench", 256), RetryPolicy.Standard, TimeSpan.FromSeconds(30));

    public static async Task RunAsync()
    {
        await using var servers = await BenchServers.StartAsync();
        var connections = new ConnectionSettings(servers.Database, servers.Database, null);
        var seen = new Seen();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        services.AddMetrics();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(seen);
        services.AddSolacoreData(connections);
        services.AddJobHandler<Handler, Ping>(Kind);
        services.AddJobWorker(connections);
        await using var provider = services.BuildServiceProvider();
        using var stopping = new CancellationTokenSource();
        var running = provider.GetRequiredService<JobWorker>().RunAsync(stopping.Token);

        await PickupAsync(provider, seen);
        await ThroughputAsync(provider, servers);
        await stopping.CancelAsync();
        await running;
    }

    private static async Task PickupAsync(ServiceProvider provider, Seen seen)
    {
        var waits = new List<TimeSpan>();
        for (var n = 0; n < WarmUp + Pickups; n++)
        {
            await using var scope = provider.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<SolacoreDb>();
            db.Enqueue(Kind, new Ping(n));
            var handled = seen.Expect(n);
            await db.SaveChangesAsync();
            var committed = Stopwatch.GetTimestamp();
            var at = await handled;
            if (n >= WarmUp)
            {
                waits.Add(Stopwatch.GetElapsedTime(committed, Math.Max(committed, at)));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(5, 25)));
        }

        Console.WriteLine("Commit to handler, idle queue");
        Console.WriteLine(Percentiles.Header);
        Console.WriteLine(new Percentiles(waits));
    }

    private static async Task ThroughputAsync(ServiceProvider provider, BenchServers servers)
    {
        await using var dataSource = Npgsql.NpgsqlDataSource.Create(servers.Database);
        await using var fill = dataSource.CreateCommand(
            "insert into jobs (lane, kind, payload, max_attempts) select $1, $2, jsonb_build_object('number', -1), 10 from generate_series(1, $3)");
        fill.Parameters.AddWithValue(Kind.Lane.Name);
        fill.Parameters.AddWithValue(Kind.Name);
        fill.Parameters.AddWithValue(Jobs);
        await fill.ExecuteNonQueryAsync();
        var started = Stopwatch.GetTimestamp();
        provider.GetRequiredService<WakeHint>().Signal(Kind.Lane.Name);
        await using var left = dataSource.CreateCommand("select exists (select 1 from jobs)");
        while ((bool)(await left.ExecuteScalarAsync())!)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{Jobs} jobs that do nothing: {Jobs / Stopwatch.GetElapsedTime(started).TotalSeconds:F0} jobs/s with one worker"));
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

        public Task<long> Expect(int number) =>
            _expected.GetOrAdd(number, _ => new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public void Handled(int number)
        {
            if (_expected.TryGetValue(number, out var expected))
            {
                expected.TrySetResult(Stopwatch.GetTimestamp());
            }
        }
    }
}
