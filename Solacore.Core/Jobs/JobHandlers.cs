using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Solacore.Core.Jobs;

/// <summary>A kind of work that this process can do.</summary>
internal sealed record JobRegistration(
    string Kind, JobLane Lane, RetryPolicy Retry, TimeSpan Timeout,
    Func<IServiceProvider, string, JobContext, CancellationToken, Task> RunAsync);

/// <summary>A kind of work that comes back by the clock, with one owner across all workers.</summary>
internal sealed record RecurringRegistration(string Kind, string Cron, string Lane, string Payload, int MaxAttempts);

public static class JobRegistrations
{
    /// <summary>Lets this process do jobs of a kind; the handler is created afresh, in a scope of its own, for every run.</summary>
    public static IServiceCollection AddJobHandler<THandler, TPayload>(this IServiceCollection services, JobKind<TPayload> kind)
        where THandler : class, IJobHandler<TPayload>
    {
        services.AddScoped<THandler>();
        return services.AddSingleton(Registration(
            kind,
            (provider, payload, job, cancellationToken) => provider.GetRequiredService<THandler>().HandleAsync(payload, job, cancellationToken)));
    }

    /// <summary>The same for a handler that does many jobs at a time; it is created afresh for every batch.</summary>
    public static IServiceCollection AddBatchJobHandler<THandler, TPayload>(this IServiceCollection services, JobKind<TPayload> kind)
        where THandler : class, IBatchJobHandler<TPayload>
    {
        services.AddScoped<THandler>();
        services.AddSingleton<JobBatches<THandler, TPayload>>();
        return services.AddSingleton(Registration(
            kind,
            (provider, payload, job, cancellationToken) => provider.GetRequiredService<JobBatches<THandler, TPayload>>()
                .RunAsync(new BatchedJob<TPayload>(payload, job, Activity.Current), cancellationToken)));
    }

    private static JobRegistration Registration<TPayload>(
        JobKind<TPayload> kind, Func<IServiceProvider, TPayload, JobContext, CancellationToken, Task> runAsync) => new(
        kind.Name,
        kind.Lane,
        kind.Retry,
        kind.Timeout,
        (provider, payload, job, cancellationToken) => runAsync(provider, JobPayload.Read<TPayload>(payload), job, cancellationToken));

    /// <summary>Lets a kind come back by the clock. A run that is still waiting or running is not piled upon.</summary>
    /// <param name="services">The process.</param>
    /// <param name="kind">The work.</param>
    /// <param name="cron">Five fields (minute hour day month weekday) or six with seconds in front; UTC.</param>
    /// <param name="payload">What every run gets.</param>
    public static IServiceCollection AddRecurringJob<TPayload>(
        this IServiceCollection services, JobKind<TPayload> kind, string cron, TPayload payload) =>
        services.AddSingleton(new RecurringRegistration(
            kind.Name, cron, kind.Lane.Name, JsonSerializer.Serialize(payload, JobPayload.Json), kind.Retry.MaxAttempts));
}
