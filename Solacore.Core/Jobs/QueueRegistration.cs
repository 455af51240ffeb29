using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;
using Solacore.Core.Settings;

namespace Solacore.Core.Jobs;

public static class QueueRegistration
{
    /// <summary>What every process needs that enqueues or works: the hint that follows the commit of a job.</summary>
    public static IServiceCollection AddJobQueue(this IServiceCollection services) =>
        services.AddSingleton<WakeHint>().AddSingleton<IInterceptor, WakeHintInterceptor>();

    /// <summary>The worker that runs the handlers registered with <c>AddJobHandler</c>; the process decides when. Needs <see cref="AddJobQueue"/>.</summary>
    public static IServiceCollection AddJobWorker(this IServiceCollection services, ConnectionSettings connections)
    {
        services.TryAddSingleton(new JobWorkerOptions());
        services.AddSingleton(provider => new JobTelemetry(provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<TimeProvider>()));
        return services.AddSingleton(provider => new JobWorker(
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetServices<JobRegistration>(),
            provider.GetServices<RecurringRegistration>(),
            provider.GetRequiredService<NpgsqlDataSource>(),
            Direct(connections),
            provider.GetRequiredService<JobTelemetry>(),
            provider.GetRequiredService<WakeHint>(),
            provider.GetRequiredService<JobWorkerOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<JobWorker>>()));
    }

    /// <summary>One connection that lives as long as the process, never shared with a pool.</summary>
    private static NpgsqlDataSource? Direct(ConnectionSettings connections) => connections.DatabaseDirect is { } direct
        ? new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(direct) { Pooling = false, KeepAlive = 10 }.ConnectionString)
        {
            Name = "solacore-direct",
        }.Build()
        : null;
}
