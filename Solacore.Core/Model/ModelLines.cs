using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using OpenAI;

namespace Solacore.Core.Model;

/// <summary>One model that can be called, and what is known of how it has been doing.</summary>
internal sealed record ModelLine(ModelRoute Route, IChatClient Client, CircuitBreaker Breaker);

/// <summary>The models of the deployment that can be paid for, in the order in which they are tried.</summary>
public sealed partial class ModelLines : IDisposable
{
    private readonly List<HttpClient> _connections = [];

    public ModelLines(ModelOptions options, TimeProvider time, ILogger<ModelLines> logger, ILoggerFactory loggers)
    {
        foreach (var route in options.Routes.Where(route => route.Price is null))
        {
            LogUnpriced(logger, route.Model, SettingNames.LlmPrices);
        }

        var routes = options.Routes.Where(route => route.Price is not null).ToList();
        var transports = routes.Select(route => route.Provider).Distinct().ToDictionary(provider => provider, _ => Connect(options));
        All = [.. routes.Select(route => new ModelLine(
            route,
            Client(route, transports[route.Provider], loggers),
            new CircuitBreaker(options.BreakerFailures, options.BreakerPause, time)))];
    }

    internal IReadOnlyList<ModelLine> All { get; }

    private HttpClient Connect(ModelOptions options)
    {
        var connection = OutgoingHttp.Create(Timeout.InfiniteTimeSpan, options.ConnectTimeout);
        _connections.Add(connection);
        return connection;
    }

    private static IChatClient Client(ModelRoute route, HttpClient connection, ILoggerFactory loggers)
    {
        var transport = new OpenAIClientOptions
        {
            Endpoint = route.Provider.BaseUrl,
            Transport = new HttpClientPipelineTransport(connection),

            // Whoever calls sets a time for every step; the transport's own would be a timer for each piece of a reply.
            NetworkTimeout = Timeout.InfiniteTimeSpan,

            // Whoever calls knows how long the person has waited, and whether another model is left.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
        };
        transport.AddPolicy(new QuietErrors(), PipelinePosition.PerCall);
        transport.AddPolicy(new Headers(route.Provider.Headers), PipelinePosition.PerCall);

        var completions = new OpenAIClient(new ApiKeyCredential(route.Provider.ApiKey), transport).GetChatClient(route.Model);
        return new StreamedCompletions(completions.AsIChatClient(), completions, route.Model)
            .AsBuilder()
            .UseOpenTelemetry(loggers, "Solacore.Model", telemetry => telemetry.EnableSensitiveData = false)
            .Build();
    }

    public void Dispose()
    {
        foreach (var line in All)
        {
            line.Client.Dispose();
        }

        foreach (var connection in _connections)
        {
            connection.Dispose();
        }
    }

    [LoggerMessage(4002, LogLevel.Error, "Model {Model} is not used: its price is missing in {Setting}")]
    private static partial void LogUnpriced(ILogger logger, string model, string setting);

    /// <summary>The SDK's exception would hold the provider's text, which may quote the person, and logs and traces hold exceptions.</summary>
    private sealed class QuietErrors : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) =>
            throw new NotSupportedException("Models are called asynchronously.");

        public override async ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            await ProcessNextAsync(message, pipeline, currentIndex);
            if (message.Response is { IsError: true } response)
            {
                await response.BufferContentAsync(message.CancellationToken);
                throw new ClientResultException(string.Create(CultureInfo.InvariantCulture, $"The provider answered with status {response.Status}."), response);
            }
        }
    }

    private sealed class Headers(IReadOnlyDictionary<string, string> headers) : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) =>
            throw new NotSupportedException("Models are called asynchronously.");

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            foreach (var (name, value) in headers)
            {
                message.Request.Headers.Set(name, value);
            }

            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}
