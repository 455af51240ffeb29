using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Solacore.ServiceDefaults;

/// <summary>What every process of the system has in common, whatever it does.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Adds telemetry, redacted console logs, error reports and an orderly stop.</summary>
    /// <param name="builder">The process.</param>
    /// <param name="serviceName">Its name in the system, for example <c>api</c>; <c>service.name</c> in telemetry.</param>
    /// <param name="report">Takes the name of a wrong setting and what is wrong with it; the default is used instead.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong and <paramref name="report"/> is null; the message names it.</exception>
    public static WebApplicationBuilder AddServiceDefaults(
        this WebApplicationBuilder builder, string serviceName, Action<string, string>? report = null)
    {
        report ??= SettingReading.Throw;
        var identity = ServiceIdentity.Read(serviceName, builder.Configuration, builder.Environment);
        builder.Services.AddSingleton(identity);
        builder.AddRedactedLogs(identity);
        builder.AddTelemetry(identity, report);
        builder.Services.AddErrorCounts();
        builder.AddErrorReports(identity, report);
        builder.Services.AddDrain(builder.Configuration, identity.Debug, report);
        return builder;
    }
}
