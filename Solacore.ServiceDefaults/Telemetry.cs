using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Solacore.ServiceDefaults;

/// <summary>Traces, metrics and logs over OpenTelemetry.</summary>
internal static class Telemetry
{
    /// <summary>Every activity source and meter of ours is named below this.</summary>
    private const string Ours = "Solacore.*";

    public static void AddTelemetry(this IHostApplicationBuilder builder, ServiceIdentity identity, Action<string, string> report)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService(identity.Name, serviceVersion: identity.Version)
                .AddAttributes([new("deployment.environment", identity.Environment)])
                // Last, because a platform that names its instances knows better.
                .AddEnvironmentVariableDetector())
            .WithTracing(traces => traces
                .AddSource(Ours)
                .AddAspNetCoreInstrumentation(options => options.Filter = IsNoProbe)
                .AddHttpClientInstrumentation()
                .AddNpgsql())
            .WithMetrics(metrics => metrics
                .AddMeter(Ours)
                // One value for each piece of every reply, which nobody looks at.
                .AddView("gen_ai.client.operation.time_per_output_chunk", MetricStreamConfiguration.Drop)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddNpgsqlInstrumentation()
                .AddPrometheusExporter())
            .WithLogging(logs => logs.AddProcessor(new LogRecordScrubber()), options => options.IncludeFormattedMessage = true);

        if (builder.Configuration.Address("OTEL_EXPORTER_OTLP_ENDPOINT", report) is not null)
        {
            telemetry.UseOtlpExporter();
        }
    }

    private static bool IsNoProbe(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
        && !context.Request.Path.StartsWithSegments("/metrics", StringComparison.Ordinal);
}
