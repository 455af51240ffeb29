using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Solacore.Core.Jobs;

namespace Solacore.Core.Push;

/// <summary>A notification for one phone. Nothing personal: it shows on locked screens and passes through three companies.</summary>
/// <param name="To">A <see cref="PushToken"/>.</param>
/// <param name="Data">For the app that is opened by it.</param>
public sealed record PushMessage(string To, string Title, string Body, IReadOnlyDictionary<string, string> Data);

/// <summary>What the push service said to one notification.</summary>
public abstract record PushAnswer
{
    private PushAnswer()
    {
    }

    /// <summary>Taken; whether the phone's maker took it too is in the receipt, a quarter of an hour later.</summary>
    /// <param name="TicketId">Name of the receipt.</param>
    public sealed record Taken(string TicketId) : PushAnswer;

    /// <summary>The app is no longer on that phone: the token is dead for ever.</summary>
    public sealed record DeviceGone : PushAnswer;

    /// <summary>Refused for another reason.</summary>
    /// <param name="Error">Expo's code, such as <c>InvalidCredentials</c>.</param>
    public sealed record Refused(string Error) : PushAnswer;
}

/// <summary>
/// The push service could not be asked; nothing was taken as far as anybody can know. The message carries no word of the
/// service's: its texts quote tokens.
/// </summary>
public sealed class PushUnavailableException(string reason) : Exception(reason);

/// <summary>
/// Expo's push service, https://docs.expo.dev/push-notifications/sending-notifications/: a ticket for each notification, a
/// receipt for each ticket some minutes later.
/// </summary>
/// <param name="http">Has the base address, the access token and a time-out.</param>
public sealed class ExpoPush(HttpClient http)
{
    /// <summary>Receipts that may be asked for in one call.</summary>
    public const int MaxReceipts = 1_000;

    /// <summary>The error of a ticket or a receipt whose token is dead.</summary>
    public const string DeviceNotRegistered = "DeviceNotRegistered";

    private const string UnknownError = "Unknown";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Prepares the client that this class is made with.</summary>
    public static void Configure(HttpClient http, PushOptions options)
    {
        http.BaseAddress = new Uri(options.BaseUrl);
        if (options.AccessToken.Length > 0)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.AccessToken);
        }
    }

    /// <exception cref="RetryLaterException">The service is too busy.</exception>
    /// <exception cref="PushUnavailableException">It did not answer, or not in its own form.</exception>
    public async Task<PushAnswer> SendAsync(PushMessage message, CancellationToken cancellationToken)
    {
        // {"data":[{"status":"ok","id":"…"}]} or {"data":[{"status":"error","message":"…","details":{"error":"DeviceNotRegistered"}}]}
        var answer = await PostAsync<Envelope<IReadOnlyList<Outcome>>>("/--/api/v2/push/send", new[] { message }, cancellationToken);
        return answer.Data switch
        {
            [{ Status: "ok", Id: { Length: > 0 } id }] => new PushAnswer.Taken(id),
            [{ Status: "error", Details.Error: DeviceNotRegistered }] => new PushAnswer.DeviceGone(),
            [{ Status: "error" } refused] => new PushAnswer.Refused(refused.Details?.Error ?? UnknownError),
            _ => throw new PushUnavailableException("The push service answered without a ticket."),
        };
    }

    /// <summary>The receipts that exist by now, by ticket: null for "delivered to the phone's maker", else Expo's error code.</summary>
    /// <param name="ticketIds">At most <see cref="MaxReceipts"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RetryLaterException">The service is too busy.</exception>
    /// <exception cref="PushUnavailableException">It did not answer, or not in its own form.</exception>
    public async Task<IReadOnlyDictionary<string, string?>> ReceiptsAsync(
        IReadOnlyCollection<string> ticketIds, CancellationToken cancellationToken)
    {
        // {"data":{"ticket":{"status":"ok"},"other":{"status":"error","message":"…","details":{"error":"…"}}}}
        var answer = await PostAsync<Envelope<IReadOnlyDictionary<string, Outcome>>>(
            "/--/api/v2/push/getReceipts", new { ids = ticketIds }, cancellationToken);
        return (answer.Data ?? new Dictionary<string, Outcome>(StringComparer.Ordinal)).ToDictionary(
            receipt => receipt.Key,
            receipt => receipt.Value.Status == "ok" ? null : receipt.Value.Details?.Error ?? UnknownError,
            StringComparer.Ordinal);
    }

    private async Task<T> PostAsync<T>(string path, object body, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.PostAsJsonAsync(path, body, Json, cancellationToken);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                throw new RetryLaterException(
                    RetryAfter.Parse(response.Headers.RetryAfter?.ToString(), response.Headers.Date ?? TimeProvider.System.GetUtcNow()) ?? TimeSpan.FromSeconds(5),
                    "The push service asked to wait.");
            }

            if (!response.IsSuccessStatusCode)
            {
                throw new PushUnavailableException($"The push service answered {(int)response.StatusCode}.");
            }

            return await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken)
                ?? throw new PushUnavailableException("The push service answered with nothing.");
        }
        catch (Exception e) when (e is not RetryLaterException and not PushUnavailableException && !cancellationToken.IsCancellationRequested)
        {
            throw new PushUnavailableException($"The push service could not be asked ({e.GetType().Name}).");
        }
    }

    private sealed record Envelope<T>(T? Data);

    private sealed record Outcome(string? Status, string? Id, Details? Details);

    private sealed record Details(string? Error);
}
