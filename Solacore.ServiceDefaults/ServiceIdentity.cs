using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Solacore.ServiceDefaults;

/// <summary>Who this process says it is, in health answers, telemetry and error reports alike.</summary>
/// <param name="Name">Name of the process in the system, for example <c>api</c>.</param>
/// <param name="Version"><c>APP_VERSION</c>, else <see cref="BuildVersion"/>.</param>
/// <param name="Environment"><c>SENTRY_ENVIRONMENT</c>, else the host's environment in lower case.</param>
/// <param name="Debug"><c>DEBUG</c>: a developer reads the console and nothing is reported to Sentry.</param>
public sealed record ServiceIdentity(string Name, string Version, string Environment, bool Debug)
{
    /// <summary>Version of the entry assembly without build metadata.</summary>
    public static string BuildVersion { get; } =
        Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    internal static ServiceIdentity Read(string name, IConfiguration configuration, IHostEnvironment environment) => new(
        name,
        configuration.Setting("APP_VERSION") ?? BuildVersion,
        configuration.Setting("SENTRY_ENVIRONMENT") ?? environment.EnvironmentName.ToLowerInvariant(),
        IsYes(configuration.Setting(SettingNames.Debug)));

    /// <summary>As Core's reader of settings takes it, which also tells of every other writing at start.</summary>
    private static bool IsYes(string? value) => value?.ToLowerInvariant() is "true" or "1" or "yes" or "on";
}
