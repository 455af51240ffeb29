using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Settings;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Jobs;

/// <summary>What a test job carries: a number to recognise it by and what it should do.</summary>
public sealed record TestJob(int Number, string Behaviour = "");

/// <summary>A run as the handler saw it.</summary>
public sealed record TestRun(int Number, int Attempt, Guid Worker, DateTimeOffset At);

/// <summary>One worker "process" of the queue suite on a database that it may share with others.</summary>
public sealed class QueueHost : IAsyncDisposable
{
    public static readonly RetryPolicy Quick = new(3, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200));
    public static readonly JobKind<TestJob> Kind = new("test.job", new JobLane("test", 2_000), Quick, TimeSpan.FromSeconds(20));
    public static readonly JobKind<TestJob> Impatient = new("test.impatient", new JobLane("test", 2_000), Quick, TimeSpan.FromMilliseconds(300));

    public static readonly JobWorkerOptions Default = new() { Drain = TimeSpan.FromMilliseconds(300) };

    private readonly ServiceProvider _services;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    public QueueHost(TestDatabase database, Func<TestJob, JobContext, SolacoreDb, CancellationToken, Task> handle, JobWorkerOptions? options = null, string? recurring = null)
    {
        _services = Services(database, services =>
        {
            services.AddSingleton(options ?? Default);
            services.AddSingleton(new Handling(handle));
            services.AddJobHandler<Handler, TestJob>(Kind);
            services.AddJobHandler<Handler, TestJob>(Impatient);
            if (recurring is not null)
            {
                services.AddRecurringJob(Kind, recurring, new TestJob(0));
            }

            services.AddJobWorker(new ConnectionSettings(database.ConnectionString, database.ConnectionString, null));
        });
        _running = _services.GetRequiredService<JobWorker>().RunAsync(_stopping.Token);
    }

    public ConcurrentQueue<TestRun> Runs => _services.GetRequiredService<Handling>().Runs;

    /// <summary>A context whose commits wake the workers, as in the api.</summary>
    public static async Task EnqueueAsync(TestDatabase database, Func<SolacoreDb, Task> work)
    {
        await using var services = Services(database, _ => { });
        await using var scope = services.CreateAsyncScope();
        await work(scope.ServiceProvider.GetRequiredService<SolacoreDb>());
    }

    public static Task EnqueueAsync(TestDatabase database, params TestJob[] jobs) => EnqueueAsync(database, async db =>
    {
        foreach (var job in jobs)
        {
            db.Enqueue(Kind, job);
        }

        await db.SaveChangesAsync();
    });

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _services.DisposeAsync();
        _stopping.Dispose();
    }

    private static ServiceProvider Services(TestDatabase database, Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMetrics();
        services.AddSingleton(TimeProvider.System);
        services.AddSolacoreData(new ConnectionSettings(database.ConnectionString, database.ConnectionString, null)).AddJobQueue();
        add(services);
        return services.BuildServiceProvider();
    }

    private sealed record Handling(Func<TestJob, JobContext, SolacoreDb, CancellationToken, Task> Handle)
    {
        public ConcurrentQueue<TestRun> Runs { get; } = new();
    }

    private sealed class Handler(Handling handling, SolacoreDb db) : IJobHandler<TestJob>
    {
        public async Task HandleAsync(TestJob payload, JobContext job, CancellationToken cancellationToken)
        {
            handling.Runs.Enqueue(new TestRun(payload.Number, job.Attempt, job.Lease, TimeProvider.System.GetUtcNow()));
            await handling.Handle(payload, job, db, cancellationToken);
        }
    }
}
