using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Model;
using Solacore.Core.Settings;
using Solacore.Core.Solve;
using Solacore.Core.Watch;

namespace Solacore.Core.Turns;

public static class TurnRegistration
{
    /// <summary>What the api needs: accepting messages and relaying their replies.</summary>
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
        services.AddScoped<TurnIntake>();
        services.AddScoped<SolveTurns>();
        return services.AddScoped<LearnTurns>();
    }

    /// <summary>What the worker needs: answering them.</summary>
    public static IServiceCollection AddReplies(this IServiceCollection services, SettingsReader settings)
    {
        services.AddSingleton(ModelOptions.Read(settings));
        services.AddSingleton(SolveOptions.Read(settings));
        services.AddSingleton<ModelLines>();
        services.AddSingleton<ModelLedger>();
        services.AddWatchedMetrics<ModelMetrics>();
        services.AddSingleton<ReplyModel>();
        services.AddSingleton<ProfileReader>();
        services.AddWatchedMetrics<TurnMetrics>();
        services.AddSingleton<TurnCancellations>();
        services.AddSingleton<TurnGate>();
        services.AddSingleton<StreamBeat>();
        services.AddScoped<TurnAnswer>();
        services.AddScoped<SolveReplyStore>();
        services.AddJobHandler<SettleLostCallsHandler, SettleLostCalls>(SettleLostCalls.Kind);
        services.AddRecurringJob(SettleLostCalls.Kind, SettleLostCalls.Cron, new SettleLostCalls());
        services.AddJobHandler<LearnReplyHandler, LearnReply>(LearnReply.Kind);
        return services.AddJobHandler<SolveReplyHandler, SolveReply>(SolveReply.Kind);
    }
}
