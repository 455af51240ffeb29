using Microsoft.Extensions.DependencyInjection;

namespace Solacore.Core.Watch;

/// <summary>Metrics of which an alert counts every occasion, the first one too.</summary>
public interface IWatchedMetrics
{
    /// <summary>
    /// Makes the series exist at zero, when the process starts: an alert compares two samples, and a counter that appeared with
    /// its first occasion would have only one.
    /// </summary>
    void Begin();
}

public static class WatchedMetricsRegistration
{
    public static IServiceCollection AddWatchedMetrics<TMetrics>(this IServiceCollection services)
        where TMetrics : class, IWatchedMetrics
    {
        services.AddSingleton<TMetrics>();
        return services.AddSingleton<IWatchedMetrics>(provider => provider.GetRequiredService<TMetrics>());
    }
}
