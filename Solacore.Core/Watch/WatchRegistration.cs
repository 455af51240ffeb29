using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Solacore.Core.Watch;

public static class WatchRegistration
{
    /// <summary>What is counted and told of committed rows, in every process that commits some.</summary>
    public static IServiceCollection AddWatch(this IServiceCollection services) => services
        .AddSingleton<ProductMetrics>()
        .AddSingleton<AnalyticsWriter>()
        .AddSingleton<CommittedFacts>()
        .AddSingleton<IInterceptor>(provider => provider.GetRequiredService<CommittedFacts>());

    /// <summary>Metrics that begin at zero with the process.</summary>
    public static IServiceCollection AddWatchedMetrics<TMetrics>(this IServiceCollection services)
        where TMetrics : class, IWatchedMetrics
    {
        services.AddSingleton<TMetrics>();
        return services.AddSingleton<IWatchedMetrics>(provider => provider.GetRequiredService<TMetrics>());
    }
}
