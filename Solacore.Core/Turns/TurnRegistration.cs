using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Model;
using Solacore.Core.Safety;
using Solacore.Core.Settings;
using Solacore.Core.Telemetry;

namespace Solacore.Core.Turns;

public static class TurnRegistration
{
    /// <summary>What the api needs: accepting messages, relaying their replies, and the hotlines for a crisis.</summary>
    public static IServiceCollection AddTurns(this IServiceCollection services, SettingsReader settings)
    {
        services.AddSingleton(ModerationOptions.Read(settings));
        services.AddSingleton<Moderation>();
        var heartbeatEvery = settings.Seconds("SSE_HEARTBEAT_SECONDS", 15, min: 1, max: 300);
        services.AddSingleton(provider => new TurnRelay(
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<RedisLink>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<TurnRelay>>())
        {
            HeartbeatEvery = heartbeatEvery,
        });
        services.AddSingleton(CrisisSettings.Read(settings));
        return services.AddScoped<TurnIntake>();
    }

    /// <summary>What the worker needs: answering them, whatever kind of session they belong to.</summary>
    public static IServiceCollection AddTurnAnswers(this IServiceCollection services, SettingsReader settings)
    {
        services.AddSingleton(ModelOptions.Read(settings));
        services.AddSingleton<ModelLines>();
        services.AddSingleton<ModelLedger>();
        services.AddZeroInitializedMetrics<ModelMetrics>();
        services.AddSingleton<ReplyModel>();
        services.AddSingleton<StructuredReader>();
        services.AddZeroInitializedMetrics<TurnMetrics>();
        services.AddSingleton<TurnCancellations>();
        services.AddSingleton<TurnGate>();
        services.AddSingleton<StreamBeat>();
        services.AddScoped<TurnStore>();
        services.AddScoped<ReplySpeaker>();
        services.AddScoped<TurnAnswer>();
        services.AddJobHandler<SettleLostCallsHandler, SettleLostCalls>(SettleLostCalls.Kind);
        return services.AddRecurringJob(SettleLostCalls.Kind, SettleLostCalls.Cron, new SettleLostCalls());
    }
}
