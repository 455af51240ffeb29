using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Solacore.Core.Settings;

namespace Solacore.Core.Jobs;

public static class QueueRegistration
{
    /// <summary>What every process needs that enqueues or works: the hint that follows the commit of a job.</summary>
    public static IServiceCollection AddJobQueue(this IServiceCollection services) =>
        services.AddSingleton<WakeHint>().AddSingleton<IInterceptor, WakeHintInterceptor>();

    /// <summary>
    /// The worker that runs the handlers registered with <c>AddJobHandler</c>; the process starts it with its other services, and
    /// a stop drains it. Needs <see cref="AddJobQueue"/>.
    /// </summary>
    public static IServiceCollection AddJobWorker(this IServiceCollection services, ConnectionSettings connections)
    {
        services.TryAddSingleton(new JobWorkerOptions());
        services.AddSingleton<JobTelemetry>().AddSingleton<QueueErrors>();
        services.AddSingleton<JobStore>().AddSingleton<WorkerLeases>().AddSingleton<QueueGauges>();
        services.AddSingleton<JobRunner>().AddSingleton<RecurringJobs>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<HintListener>(provider, connections));
        services.AddSingleton<SchemaWait>().AddSingleton<JobWorker>();
        return services.AddHostedService<JobLoop>();
    }

    /// <summary>Lets this process do jobs of a kind; the handler is created afresh, in a scope of its own, for every run.</summary>
    public static IServiceCollection AddJobHandler<THandler, TPayload>(this IServiceCollection services, JobKind<TPayload> kind)
        where THandler : class, IJobHandler<TPayload>
    {
        services.AddScoped<THandler>();
        return services.AddSingleton(Describe(
            kind,
            (provider, payload, job, cancellationToken) => provider.GetRequiredService<THandler>().HandleAsync(payload, job, cancellationToken)));
    }

    /// <summary>The same for a handler that does many jobs at a time; it is created afresh for every batch.</summary>
    public static IServiceCollection AddBatchJobHandler<THandler, TPayload>(this IServiceCollection services, JobKind<TPayload> kind)
        where THandler : class, IBatchJobHandler<TPayload>
    {
        services.AddScoped<THandler>();
        services.AddSingleton<JobBatches<THandler, TPayload>>();
        return services.AddSingleton(Describe(
            kind,
            (provider, payload, job, cancellationToken) => provider.GetRequiredService<JobBatches<THandler, TPayload>>()
                .RunAsync(new BatchedJob<TPayload>(payload, job, Activity.Current), cancellationToken)));
    }

    /// <summary>Lets a kind come back by the clock. A run that is still waiting or running is not piled upon.</summary>
    /// <param name="services">The process.</param>
    /// <param name="kind">The work.</param>
    /// <param name="cron">Five fields (minute hour day month weekday) or six with seconds in front; UTC.</param>
    /// <param name="payload">What every run gets.</param>
    public static IServiceCollection AddRecurringJob<TPayload>(
        this IServiceCollection services, JobKind<TPayload> kind, string cron, TPayload payload) =>
        services.AddSingleton(new RecurringJobDescriptor(
            kind.Name, cron, kind.Lane.Name, JsonSerializer.Serialize(payload, JobPayload.Json), kind.Retry.MaxAttempts));

    private static JobHandlerDescriptor Describe<TPayload>(
        JobKind<TPayload> kind, Func<IServiceProvider, TPayload, JobContext, CancellationToken, Task> runAsync) => new(
        kind.Name,
        kind.Lane,
        kind.Retry,
        kind.Timeout,
        (provider, payload, job, cancellationToken) => runAsync(provider, JobPayload.Read<TPayload>(payload), job, cancellationToken));
}
