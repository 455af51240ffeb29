using Microsoft.Extensions.DependencyInjection;
using Solacore.Core.Jobs;

namespace Solacore.Core.Learn;

public static class LearnRegistration
{
    /// <summary>What the api needs beside <c>AddTurns</c>.</summary>
    public static IServiceCollection AddLearnSessions(this IServiceCollection services) =>
        services.AddScoped<LearnSessions>().AddScoped<LearnIntake>();

    /// <summary>What the worker needs beside <c>AddTurnAnswers</c>.</summary>
    public static IServiceCollection AddLearnReplies(this IServiceCollection services) =>
        services.AddJobHandler<LearnReplyHandler, LearnReply>(LearnReply.Kind);
}
