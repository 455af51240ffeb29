using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Solacore.Core.Telemetry;

public static class TelemetryRegistration
{
    /// <summary>What is counted and told of committed rows, in every process that commits some.</summary>
    public static IServiceCollection AddProductTelemetry(this IServiceCollection services) => services
        .AddSingleton<ProductMetrics>()
        .AddSingleton<AnalyticsWriter>()
        .AddSingleton<CommittedFacts>()
        .AddSingleton<IInterceptor>(provider => provider.GetRequiredService<CommittedFacts>());

    /// <summary>Metrics that begin at zero with the process.</summary>
    public static IServiceCollection AddZeroInitializedMetrics<TMetrics>(this IServiceCollection services)
        where TMetrics : class, IZeroInitializedMetrics
    {
        services.AddSingleton<TMetrics>();
        return services.AddSingleton<IZeroInitializedMetrics>(provider => provider.GetRequiredService<TMetrics>());
    }
}
