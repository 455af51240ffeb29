using Solacore.Core.Jobs;
using Solacore.Core.Settings;

namespace Solacore.Worker.Upkeep;

/// <summary>What keeps the database small and whole; each job has one owner across all workers.</summary>
public static class UpkeepRegistration
{
    public static IServiceCollection AddUpkeep(this IServiceCollection services, SettingsReader settings)
    {
        services.AddSingleton(UpkeepOptions.Read(settings));
        services.AddSingleton<UpkeepMetrics>();
        services.AddJobHandler<PurgeHandler, Purge>(Purge.Kind);
        services.AddRecurringJob(Purge.Kind, "17 * * * *", new Purge());
        services.AddJobHandler<EndLostTurnsHandler, EndLostTurns>(EndLostTurns.Kind);
        return services.AddRecurringJob(EndLostTurns.Kind, "* * * * *", new EndLostTurns());
    }
}
