using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using OpenAI;
using Solacore.Core.Model.Prompts;

namespace Solacore.Core.Model;

/// <summary>What a reply cost, filled while it streams.</summary>
public sealed class ReplyUsage
{
    /// <summary>The model that spoke; null until one has.</summary>
    public string? Model { get; set; }
    public int InputTokens { get; set; }
    public int OutputTokens { get; set; }
}

/// <summary>No configured model has said a word; nothing was shown, so something else may speak.</summary>
public sealed class ModelUnavailableException(string reason) : Exception(reason);

/// <summary>The model stopped in the middle of a reply that is being shown.</summary>
public sealed class ReplyBrokenException(string reason) : Exception(reason);

/// <summary>
/// Lets the configured models phrase a reply. They are tried in their order until one says its first token; from then
/// on that one's failure is the reply's failure, because nobody can unsay what was shown.
/// </summary>
public sealed partial class ReplyModel : IDisposable
{
    private readonly ModelOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ReplyModel> _logger;
    private readonly IReadOnlyList<(string Name, IChatClient Client)> _clients;

    public ReplyModel(ModelOptions options, TimeProvider time, ILogger<ReplyModel> logger, ILoggerFactory loggers)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _clients = options.IsConfigured ? [.. options.Models.Select(name => (name, Client(options, name, loggers)))] : [];
    }

    public bool IsConfigured => _clients.Count > 0;

    /// <summary>The pieces of a reply as they come.</summary>
    /// <exception cref="ModelUnavailableException">Before the first piece: no model answered.</exception>
    /// <exception cref="ReplyBrokenException">After it: the model went silent, broke off or ran out of time.</exception>
    public async IAsyncEnumerable<string> StreamAsync(
        IReadOnlyList<PromptMessage> prompt, ReplyUsage usage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var total = new CancellationTokenSource(_options.TotalTimeout, _time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, total.Token);
        await using var stream = await FirstToSpeakAsync(prompt, usage, limit.Token, cancellationToken);
        do
        {
            if (stream.Text.Length > 0)
            {
                yield return stream.Text;
            }
        }
        while (await ContinuesAsync(stream, cancellationToken));

        usage.InputTokens = stream.InputTokens;
        usage.OutputTokens = stream.OutputTokens;
    }

    private async Task<ModelStream> FirstToSpeakAsync(
        IReadOnlyList<PromptMessage> prompt, ReplyUsage usage, CancellationToken limit, CancellationToken cancellationToken)
    {
        foreach (var (name, client) in _clients)
        {
            var options = new ChatOptions { ModelId = name, MaxOutputTokens = _options.MaxOutputTokens };
            var stream = new ModelStream(
                token => client.GetStreamingResponseAsync([.. prompt.Select(ToChat)], options, token), _time, limit);
            try
            {
                if (await stream.SpeaksAsync(_options.FirstTokenTimeout))
                {
                    usage.Model = name;
                    return stream;
                }

                LogNoWord(_logger, name, "an empty reply");
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && IsProviderFailure(e))
            {
                LogNoWord(_logger, name, Describe(e));
            }
            catch
            {
                await stream.DisposeAsync();
                throw;
            }

            await stream.DisposeAsync();
        }

        throw new ModelUnavailableException("No model has answered.");
    }

    private async Task<bool> ContinuesAsync(ModelStream stream, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.MoveNextAsync(_options.BetweenTokensTimeout);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && IsProviderFailure(e))
        {
            throw new ReplyBrokenException(Describe(e));
        }
    }

    private static bool IsProviderFailure(Exception e) => e
        is ClientResultException
        or HttpRequestException
        or IOException
        or TimeoutException
        or OperationCanceledException
        or System.Text.Json.JsonException
        or InvalidOperationException
        or FormatException
        or AggregateException;

    /// <summary>The class of the failure alone: a provider's text may quote the person.</summary>
    private static string Describe(Exception e) => e is ClientResultException { Status: > 0 } http
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"status {http.Status}")
        : e.GetType().Name;

    private static ChatMessage ToChat(PromptMessage message) => new(
        message.Role switch
        {
            PromptRole.System => ChatRole.System,
            PromptRole.User => ChatRole.User,
            PromptRole.Assistant => ChatRole.Assistant,
        },
        message.Text);

    private static IChatClient Client(ModelOptions options, string model, ILoggerFactory loggers)
    {
        var transport = new OpenAIClientOptions
        {
            Endpoint = options.BaseUrl,
            NetworkTimeout = options.TotalTimeout,

            // Two more tries on 408, 429 and 5xx, honouring Retry-After; the first-token time-out bounds them all.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 2),
        };
        if (options.Provider == "openrouter")
        {
            transport.AddPolicy(new OpenRouterHeaders(options.AppName, options.Referer), PipelinePosition.PerCall);
        }

        return new OpenAIClient(new ApiKeyCredential(options.ApiKey), transport)
            .GetChatClient(model)
            .AsIChatClient()
            .AsBuilder()
            .UseOpenTelemetry(loggers, "Solacore.Model", telemetry => telemetry.EnableSensitiveData = false)
            .Build();
    }

    public void Dispose()
    {
        foreach (var (_, client) in _clients)
        {
            client.Dispose();
        }
    }

    [LoggerMessage(4001, LogLevel.Warning, "Model {Model} said nothing: {Reason}")]
    private static partial void LogNoWord(ILogger logger, string model, string reason);

    /// <summary>OpenRouter shows these in its rankings; they identify the app, not the person.</summary>
    private sealed class OpenRouterHeaders(string title, string referer) : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            Add(message);
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            Add(message);
            return ProcessNextAsync(message, pipeline, currentIndex);
        }

        private void Add(PipelineMessage message)
        {
            if (title.Length > 0)
            {
                message.Request.Headers.Set("X-Title", title);
            }

            if (referer.Length > 0)
            {
                message.Request.Headers.Set("HTTP-Referer", referer);
            }
        }
    }
}
