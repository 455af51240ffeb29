using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Solacore.Core.Jobs;

namespace Solacore.Core.Billing.Stores;

/// <summary>A subscriber as RevenueCat knew them when it answered.</summary>
/// <param name="Body">The member <c>subscriber</c> of the answer.</param>
/// <param name="At">RevenueCat's clock.</param>
/// <param name="AskedAt">Our clock before the question: whatever we knew then, RevenueCat knew too.</param>
public sealed record RevenueCatSubscriber(JsonElement Body, DateTimeOffset At, DateTimeOffset AskedAt);

/// <summary>Client for RevenueCat's REST API v1 (https://www.revenuecat.com/docs/api-v1), for jobs.</summary>
public sealed class RevenueCatClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly StoreRateLimiter _limiter;
    private readonly TimeProvider _time;

    public RevenueCatClient(StoreOptions options, TimeProvider time)
    {
        _time = time;
        _limiter = new StoreRateLimiter(options.RevenueCatRequestsPerSecond, time);
        _http = OutgoingHttp.Create(options.Timeout);
        _http.BaseAddress = new Uri(options.RevenueCatBaseUrl + "/");
        _http.MaxResponseContentBufferSize = 10 * 1024 * 1024;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.RevenueCatKey);
    }

    /// <summary>
    /// What RevenueCat knows of a user; null when it had never heard of them. It answers 201 then, having made an empty
    /// subscriber.
    /// </summary>
    /// <exception cref="RetryLaterException">RevenueCat asked to wait.</exception>
    /// <exception cref="HttpRequestException">It could not be reached, refused, or gave no subscriber.</exception>
    public async Task<RevenueCatSubscriber?> FindAsync(Guid userId, CancellationToken cancellationToken)
    {
        await _limiter.WaitAsync(cancellationToken);
        var askedAt = _time.GetUtcNow();
        using var response = await _http.GetAsync($"v1/subscribers/{userId:d}", cancellationToken);
        if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
        {
            var wait = _limiter.RestFor(RetryAfter.Parse(response.Headers.RetryAfter?.ToString(), _time.GetUtcNow()));
            throw new RetryLaterException(wait, "RevenueCat asked to wait.");
        }

        if (response.StatusCode is HttpStatusCode.Created or HttpStatusCode.NotFound)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        using var document = LenientJson.ParseObject(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        JsonElement? answer = document?.RootElement;
        if (answer.Member("subscriber") is not { ValueKind: JsonValueKind.Object } subscriber)
        {
            throw new HttpRequestException("RevenueCat's answer holds no subscriber.");
        }

        var at = answer.Member("request_date_ms").Time() ?? answer.Member("request_date").Time() ?? response.Headers.Date ?? askedAt;
        return new RevenueCatSubscriber(subscriber.Clone(), at, askedAt);
    }

    public void Dispose() => _http.Dispose();
}
