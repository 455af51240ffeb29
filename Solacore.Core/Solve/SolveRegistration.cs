using Microsoft.Extensions.DependencyInjection;
using Solacore.Core.Jobs;
using Solacore.Core.Settings;

namespace Solacore.Core.Solve;

public static class SolveRegistration
{
    /// <summary>What the api needs beside <c>AddTurns</c>.</summary>
    public static IServiceCollection AddSolveSessions(this IServiceCollection services) =>
        services.AddScoped<SolveSessions>().AddScoped<SolveIntake>();

    /// <summary>What the worker needs beside <c>AddTurnAnswers</c>.</summary>
    public static IServiceCollection AddSolveReplies(this IServiceCollection services, SettingsReader settings)
    {
        services.AddSingleton(SolveOptions.Read(settings));
        services.AddScoped<SolveReplyStore>();
        return services.AddJobHandler<SolveReplyHandler, SolveReply>(SolveReply.Kind);
    }
}
