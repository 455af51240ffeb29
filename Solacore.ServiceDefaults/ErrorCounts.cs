using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Solacore.ServiceDefaults;

/// <summary>
/// The errors of a process, for alerts: a request that was answered with 5xx, or an error logged by work outside
/// requests. One metric for all features, so that a new endpoint or job cannot be forgotten by a rule.
/// </summary>
internal sealed class ErrorCounts : IDisposable
{
    private const string Request = "request";
    private const string Work = "work";

    private readonly Meter _meter;
    private readonly Counter<long> _errors;

    public ErrorCounts(IMeterFactory meters)
    {
        _meter = meters.Create("Solacore.Errors");
        _errors = _meter.CreateCounter<long>("solacore.errors", "{error}", "Requests answered with 5xx and errors of work outside requests; p0: sign-in and payment.");
    }

    /// <summary>
    /// Makes every series exist at zero: an alert compares two samples, and a counter that appeared with its first error
    /// would have only one.
    /// </summary>
    public void Begin()
    {
        foreach (var source in new[] { Request, Work })
        {
            Add(0, source, isPriorityZero: true);
            Add(0, source, isPriorityZero: false);
        }
    }

    public void RequestFailed(HttpContext context) => Add(1, Request, PriorityZero.Concerns(context));

    public void WorkFailed() => Add(1, Work, PriorityZero.Concerns(request: null));

    private void Add(long errors, string source, bool isPriorityZero) =>
        _errors.Add(errors, new("source", source), new("priority", isPriorityZero ? "p0" : "normal"));

    public void Dispose() => _meter.Dispose();
}

internal static class ErrorCountsExtensions
{
    public static void AddErrorCounts(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddSingleton<ErrorCounts>();
        services.AddSingleton<ILoggerProvider, ErrorLogCounter>();
        services.AddSingleton<IStartupFilter, FailedRequestCounter>();
        services.AddHostedService<ErrorCountsStart>();
    }
}

internal sealed class ErrorCountsStart(ErrorCounts counts) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        counts.Begin();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Outermost in the pipeline: sees the status that the client gets. Probes, which answer 503 on purpose, do not count.</summary>
internal sealed class FailedRequestCounter(ErrorCounts counts) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, rest) =>
        {
            try
            {
                await rest(context);
            }
            catch
            {
                counts.RequestFailed(context);
                throw;
            }

            // 501 says that something is switched off.
            if (context.Response.StatusCode is >= StatusCodes.Status500InternalServerError and not StatusCodes.Status501NotImplemented
                && context.GetEndpoint()?.Metadata.GetMetadata<IDisableHttpMetricsMetadata>() is null)
            {
                counts.RequestFailed(context);
            }
        });
        next(app);
    };
}

internal sealed class ErrorLogCounter(IServiceProvider services, IHttpContextAccessor requests) : ILoggerProvider, ILogger
{
    // Late, because making a meter may log.
    private readonly Lazy<ErrorCounts> _counts = new(services.GetRequiredService<ErrorCounts>);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && requests.HttpContext is null)
        {
            _counts.Value.WorkFailed();
        }
    }

    public void Dispose()
    {
        // Owns nothing.
    }
}
