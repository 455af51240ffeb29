using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Solacore.Core.Jobs;
using Solacore.Core.Model;
using Solacore.Core.Settings;
using Solacore.Core.Solve;

namespace Solacore.Core.Turns;

public static class TurnRegistration
{
    /// <summary>What the api needs: accepting messages and relaying their replies.</summary>
    public static IServiceCollection AddTurns(this IServiceCollection services, ConnectionSettings connections)
    {
        services.AddSingleton(_ => RedisLink.Open(connections.Redis));
        services.AddSingleton(provider => new TurnRelay(
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<RedisLink>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<TurnRelay>>()));
        return services.AddScoped<SolveTurns>();
    }

    /// <summary>What the worker needs: answering them.</summary>
    public static IServiceCollection AddReplies(
        this IServiceCollection services, ConnectionSettings connections, ModelOptions model, SolveOptions solve)
    {
        services.AddSingleton(_ => RedisLink.Open(connections.Redis));
        services.AddSingleton(model);
        services.AddSingleton(solve);
        services.AddSingleton<ReplyModel>();
        services.AddSingleton<TurnMetrics>();
        services.AddSingleton<TurnCancellations>();
        services.AddScoped<SolveReplyStore>();
        return services.AddJobHandler<SolveReplyHandler, SolveReply>(SolveReply.Kind);
    }
}
