using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Solacore.ServiceDefaults;

/// <summary>Health as load balancers, alerts and the smoke test read it.</summary>
public static class HealthExtensions
{
    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Names the dependencies of this process. Needs <c>AddServiceDefaults</c>.</summary>
    public static IHostApplicationBuilder AddHealth(this IHostApplicationBuilder builder, Action<HealthProbes> configure)
    {
        var probes = new HealthProbes();
        configure(probes);
        builder.Services.AddSingleton(probes);
        builder.Services.AddSingleton<HealthMonitor>();
        return builder;
    }

    /// <summary>
    /// <c>/health</c>, <c>/health/ready</c> and <c>/health/live</c> on every port, <c>/health/details</c>,
    /// <c>/metrics</c> and its old path <c>/health/metrics</c> on the internal one: for a process that serves clients.
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapProbe("/health", AnswerHealth);
        routes.MapReadyAndLive();
        routes.MapDiagnostics();
    }

    /// <summary>
    /// <c>/health/ready</c>, <c>/health/live</c>, <c>/health/details</c> and <c>/metrics</c>, all on the internal port:
    /// for a process without clients.
    /// </summary>
    public static void MapInternalHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapInternalGroup().MapReadyAndLive();
        routes.MapDiagnostics();
    }

    private static void MapReadyAndLive(this IEndpointRouteBuilder routes)
    {
        routes.MapProbe("/health/ready", AnswerReady);
        routes.MapProbe("/health/live", context => AnswerAsync(context, StatusCodes.Status200OK, new LiveAnswer(true), HealthJson.Default.LiveAnswer));
    }

    private static void MapDiagnostics(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapInternalGroup();
        group.MapProbe("/health/details", AnswerDetails);
        group.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymous().DisableHttpMetrics();

        // Where scrapers of the original look.
        group.MapPrometheusScrapingEndpoint("/health/metrics").AllowAnonymous().DisableHttpMetrics();
    }

    private static void MapProbe(this IEndpointRouteBuilder routes, string pattern, RequestDelegate answer) =>
        routes.MapMethods(pattern, GetAndHead, context => UnlessGoneAsync(context, answer)).AllowAnonymous().DisableHttpMetrics().ExcludeFromDescription();

    /// <summary>A probe that gives up is no crash; a slow start makes many of them.</summary>
    private static async Task UnlessGoneAsync(HttpContext context, RequestDelegate answer)
    {
        try
        {
            await answer(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody reads the answer.
        }
    }

    private static async Task AnswerHealth(HttpContext context)
    {
        var state = await CurrentAsync(context);
        var connected = state.IsUp(Dependency.Database);
        await AnswerAsync(
            context,
            connected ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            new HealthAnswer(state.Status, VersionOf(context), connected ? "connected" : "disconnected"),
            HealthJson.Default.HealthAnswer);
    }

    private static async Task AnswerReady(HttpContext context)
    {
        var ready = IsReady(context, await CurrentAsync(context));
        await AnswerAsync(
            context,
            ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            new ReadyAnswer(ready),
            HealthJson.Default.ReadyAnswer);
    }

    private static async Task AnswerDetails(HttpContext context)
    {
        var state = await CurrentAsync(context);
        var details = new DetailsAnswer(
            state.Status,
            VersionOf(context),
            IsReady(context, state),
            IsDraining(context),
            state.At,
            [.. state.Dependencies.Select(known => new DependencyAnswer(
                known.Dependency.ToString().ToLowerInvariant(), known.IsUp, Math.Round(known.Latency.TotalMilliseconds, 1), known.Error))]);
        await AnswerAsync(context, StatusCodes.Status200OK, details, HealthJson.Default.DetailsAnswer);
    }

    private static Task<HealthState> CurrentAsync(HttpContext context) =>
        context.RequestServices.GetRequiredService<HealthMonitor>().CurrentAsync(context.RequestAborted);

    private static bool IsReady(HttpContext context, HealthState state) =>
        state.IsUp(Dependency.Database) && state.IsUp(Dependency.Schema) && !IsDraining(context);

    private static bool IsDraining(HttpContext context) => context.RequestServices.GetRequiredService<DrainState>().IsDraining;

    private static string VersionOf(HttpContext context) => context.RequestServices.GetRequiredService<ServiceIdentity>().Version;

    private static async Task AnswerAsync<T>(HttpContext context, int status, T answer, JsonTypeInfo<T> shape)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(answer, shape);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}

internal sealed record HealthAnswer(string Status, string Version, string Database);

internal sealed record ReadyAnswer(bool Ready);

internal sealed record LiveAnswer(bool Live);

internal sealed record DetailsAnswer(
    string Status, string Version, bool Ready, bool Draining, DateTimeOffset CheckedAt, IReadOnlyList<DependencyAnswer> Dependencies);

internal sealed record DependencyAnswer(string Name, bool Up, double LatencyMs, string? Error);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ReadyAnswer))]
[JsonSerializable(typeof(LiveAnswer))]
[JsonSerializable(typeof(DetailsAnswer))]
internal sealed partial class HealthJson : JsonSerializerContext;
