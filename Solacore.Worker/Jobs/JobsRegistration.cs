using Solacore.Core.Jobs;
using Solacore.Core.Settings;

namespace Solacore.Worker.Jobs;

/// <summary>The queue, as this process runs it.</summary>
internal static class JobsRegistration
{
    public static void AddJobs(this WebApplicationBuilder builder, SettingsReader settings, ConnectionSettings connections)
    {
        builder.Services.AddSingleton(OperatorAccess.Read(settings));
        builder.Services.AddJobWorker(connections);

        // The drain, then the hand-over: longer than both, shorter than what orchestrators grant before they kill.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(25));
    }
}
