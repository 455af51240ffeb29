using System.ClientModel;
using System.Globalization;
using System.Text.Json;

namespace Solacore.Core.Model;

/// <summary>Why a model said nothing, as far as it decides what happens next.</summary>
/// <param name="Reason">The class of the failure alone: a provider's text may quote the person.</param>
/// <param name="CanRepeat">408, 429, 5xx and connections that did not come about or were cut; any other answer would be the same again.</param>
/// <param name="IsUnpaid">The provider has answered with an error, or was not reached: nothing was used.</param>
/// <param name="RetryAfter">What the provider asked for.</param>
/// <param name="IsAboutRequest">400, 403, 413 and 422: what this person has written may be why, and says nothing of the next one's.</param>
public sealed record ModelFailure(string Reason, bool CanRepeat, bool IsUnpaid, TimeSpan? RetryAfter, bool IsAboutRequest = false)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);

    /// <summary>True for what a provider, the network or a malformed answer can cause; our own bugs may throw these too.</summary>
    public static bool Is(Exception e) => e
        is ClientResultException
        or HttpRequestException
        or IOException
        or TimeoutException
        or OperationCanceledException
        or JsonException
        or InvalidOperationException
        or FormatException
        or KeyNotFoundException
        or AggregateException;

    public static ModelFailure Of(Exception e, DateTimeOffset now) => e switch
    {
        ClientResultException { Status: > 0 } answer => new ModelFailure(
            string.Create(CultureInfo.InvariantCulture, $"status {answer.Status}"),
            answer.Status is 408 or 429 or >= 500,
            IsUnpaid: true,
            Jobs.RetryAfter.Parse(answer.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var header) == true ? header : null, now),

            // 403 is OpenRouter's for a text that its moderation refuses (https://openrouter.ai/docs/api-reference/errors).
            answer.Status is 400 or 403 or 413 or 422),
        ClientResultException { InnerException: { } inner } => Of(inner, now),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError } =>
            new ModelFailure(e.GetType().Name, CanRepeat: true, IsUnpaid: true, RetryAfter: null),
        HttpRequestException or IOException => new ModelFailure(e.GetType().Name, CanRepeat: true, IsUnpaid: false, RetryAfter: null),

        // SocketsHttpHandler.ConnectTimeout: the one time-out that is not ours.
        OperationCanceledException { InnerException: TimeoutException } => new ModelFailure(nameof(TimeoutException), CanRepeat: false, IsUnpaid: true, RetryAfter: null),
        _ => new ModelFailure(e.GetType().Name, CanRepeat: false, IsUnpaid: false, RetryAfter: null),
    };

    /// <summary>How long to wait before the same request is made again; null: not at all.</summary>
    /// <param name="attempt">The request that failed, from 1.</param>
    /// <param name="longest">A provider that asks for more is not waited for.</param>
    public TimeSpan? PauseAfter(int attempt, TimeSpan longest)
    {
        if (!CanRepeat)
        {
            return null;
        }

        var pause = RetryAfter ?? FirstPause * Math.Pow(2, attempt - 1);
        return pause <= longest ? pause : null;
    }
}
