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
}
