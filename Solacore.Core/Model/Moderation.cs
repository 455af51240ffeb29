using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Solacore.Core.Settings;

namespace Solacore.Core.Model;

/// <summary>The second opinion on whether somebody is in danger.</summary>
/// <param name="ApiKey">OpenAI's; empty: there is none.</param>
/// <param name="BaseUrl">Without <c>/moderations</c>.</param>
/// <param name="Timeout">The longest that a message waits for it.</param>
/// <param name="Threshold">Score from which on a self-harm category counts, 0–1.</param>
public sealed record ModerationOptions(string ApiKey, string BaseUrl, TimeSpan Timeout, double Threshold)
{
    // A record prints its members; secrets must never reach a log line.
    public override string ToString() => nameof(ModerationOptions);

    public static ModerationOptions Read(SettingsReader reader) => new(
        reader.Bool("MODERATION", true) ? reader.HeaderText(SettingNames.OpenAiApiKey) : "",
        reader.Url("MODERATION_BASE_URL", reader.Url("OPENAI_BASE_URL", "https://api.openai.com/v1")),
        reader.Seconds("MODERATION_TIMEOUT", 0.8, 0.05, 10),
        (double)reader.Number("MODERATION_THRESHOLD", 0.5m, 0.01m, 1m));
}

/// <summary>
/// Asks OpenAI's moderation endpoint, which is free of charge, about a message in which our own detector found nothing
/// (https://platform.openai.com/docs/api-reference/moderations). It adds what it takes to the first token, at most the
/// time-out, and its failure changes nothing; after three in a row it is not asked for half a minute.
/// </summary>
public sealed partial class Moderation : IDisposable
{
    private const string Model = "omni-moderation-latest";
    private const int MostBytes = 65_536;

    private static readonly string[] SelfHarm = ["self-harm", "self-harm/intent", "self-harm/instructions"];

    private readonly ModerationOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<Moderation> _logger;
    private readonly CircuitBreaker _breaker;
    private readonly HttpClient _client;

    public Moderation(ModerationOptions options, TimeProvider time, ILogger<Moderation> logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _breaker = new CircuitBreaker(failures: 3, TimeSpan.FromSeconds(30), time);
        _client = OutgoingHttp.Create(Timeout.InfiniteTimeSpan);
        _client.MaxResponseContentBufferSize = MostBytes;
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
    }

    public bool IsOn => _options.ApiKey.Length > 0;

    /// <param name="text">Cleaned, without names.</param>
    /// <returns>True when a category of self-harm reaches the threshold; false also when no answer came in time.</returns>
    public async Task<bool> IsDangerAsync(string text, CancellationToken cancellationToken)
    {
        if (!IsOn || text.Length == 0 || !_breaker.TryEnter())
        {
            return false;
        }

        using var limit = new CancellationTokenSource(_options.Timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using var response = await _client.PostAsJsonAsync(new Uri(_options.BaseUrl + "/moderations"), new { model = Model, input = text }, linked.Token);
            response.EnsureSuccessStatusCode();
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>(linked.Token);
            var found = IsDangerous(answer, _options.Threshold);
            _breaker.Succeeded();
            return found;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && ModelFailure.Is(e))
        {
            _breaker.Failed();
            LogNoOpinion(_logger, ErrorClass.Of(e));
            return false;
        }
        catch
        {
            _breaker.Left();
            throw;
        }
    }

    internal static bool IsDangerous(JsonElement answer, double threshold)
    {
        foreach (var result in answer.GetProperty("results").EnumerateArray())
        {
            var scores = result.GetProperty("category_scores");
            if (SelfHarm.Any(category => scores.TryGetProperty(category, out var score) && score.GetDouble() >= threshold))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _client.Dispose();

    [LoggerMessage(4030, LogLevel.Warning, "There is no second opinion on a message: {Error}")]
    private static partial void LogNoOpinion(ILogger logger, string error);
}
