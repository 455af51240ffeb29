using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Solacore.Core.Jobs;
using Stripe;

namespace Solacore.Core.Billing.Stores;

/// <summary>One of Stripe's objects as it was when Stripe answered.</summary>
/// <param name="Body">The object's JSON, whatever the API version made of it.</param>
/// <param name="At">Stripe's clock, in whole seconds, as in its events.</param>
/// <param name="AskedAt">Our clock before the question: whatever we knew then, Stripe knew too.</param>
public sealed record StripeObject(JsonElement Body, DateTimeOffset At, DateTimeOffset AskedAt)
{
    /// <summary>The object's id; empty when it has none.</summary>
    public string Id => ((JsonElement?)Body).Id() ?? "";
}

/// <summary>A page of one of Stripe's lists.</summary>
public sealed record StripePage(IReadOnlyList<StripeObject> Items, bool HasMore)
{
    public bool IsLast => !HasMore || Items.Count == 0;
}

/// <summary>
/// Client with which jobs ask Stripe and end things there: its calls are spaced, and none is repeated, because a job comes
/// back by its own back-off. What is read goes through the same lenient reader as the events, because the account's endpoint
/// may speak another API version.
/// </summary>
public sealed class StripeQueryClient : IDisposable
{
    /// <summary>Objects on one page of a list; Stripe gives no more.</summary>
    public const int LargestPage = 100;

    private readonly HttpClient _http;
    private readonly StripeClient? _client;
    private readonly StoreRateLimiter _limiter;
    private readonly TimeProvider _time;

    public StripeQueryClient(StoreOptions options, TimeProvider time)
    {
        _time = time;
        _limiter = new StoreRateLimiter(options.StripeRequestsPerSecond, time);
        _http = OutgoingHttp.Create(options.Timeout);
        _client = StripeApi.Connect(options, _http, retries: 0);
    }

    /// <summary>A subscription; null when Stripe does not know it.</summary>
    public Task<StripeObject?> FindSubscriptionAsync(string id, CancellationToken cancellationToken) =>
        FindAsync("/v1/subscriptions/", id, cancellationToken);

    /// <summary>A charge; null when Stripe does not know it.</summary>
    public Task<StripeObject?> FindChargeAsync(string id, CancellationToken cancellationToken) =>
        FindAsync("/v1/charges/", id, cancellationToken);

    /// <summary>The invoice that a payment was for; null when it was for none.</summary>
    /// <param name="paymentIntent">Stripe's id of the payment.</param>
    public async Task<StripeObject?> FindInvoiceAsync(string paymentIntent, CancellationToken cancellationToken)
    {
        var payments = await PageAsync(
            $"/v1/invoice_payments?payment[type]=payment_intent&payment[payment_intent]={Uri.EscapeDataString(paymentIntent)}&expand[]=data.invoice",
            after: null,
            limit: 1,
            cancellationToken);
        return payments.Items is [var payment] && ((JsonElement?)payment.Body).Member("invoice") is { } invoice ? payment with { Body = invoice } : null;
    }

    /// <summary>All objects of a list, newest first. Each page is asked for when the one before it is used up.</summary>
    /// <param name="path">With its filters, e.g. <c>/v1/subscriptions?status=all</c>.</param>
    public async IAsyncEnumerable<StripeObject> ListAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string? after = null; ;)
        {
            var page = await PageAsync(path, after, LargestPage, cancellationToken);
            foreach (var item in page.Items)
            {
                yield return item;
            }

            if (page.IsLast)
            {
                yield break;
            }

            after = page.Items[^1].Id;
        }
    }

    /// <summary>One page of a list, newest first, for whoever keeps the place.</summary>
    /// <param name="path">With its filters.</param>
    /// <param name="after">Id of the last object of the page before.</param>
    /// <param name="limit">At most <see cref="LargestPage"/> come, whatever it says.</param>
    public async Task<StripePage> PageAsync(string path, string? after, int limit, CancellationToken cancellationToken)
    {
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var start = after is null ? "" : "&starting_after=" + Uri.EscapeDataString(after);
        var answer = await CallAsync(
            HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"{path}{separator}limit={Math.Clamp(limit, 1, LargestPage)}{start}"), cancellationToken);
        JsonElement? page = answer.Body;
        return new StripePage(
            [.. page.Member("data").Items().OfType<JsonElement>().Select(item => answer with { Body = item })],
            page.Member("has_more").Flag() == true);
    }

    /// <summary>Ends a subscription at once.</summary>
    /// <param name="credit">Credits what is left of the paid period to the customer's next invoice.</param>
    /// <returns>The subscription as it ended; null when it had ended before or never existed.</returns>
    public async Task<StripeObject?> CancelAsync(string id, bool credit, CancellationToken cancellationToken)
    {
        try
        {
            var query = credit ? "?prorate=true&invoice_now=true" : "";
            return await CallAsync(HttpMethod.Delete, $"/v1/subscriptions/{Uri.EscapeDataString(id)}{query}", cancellationToken);
        }
        catch (StripeException e) when (StripeApi.IsMissing(e))
        {
            return null;
        }
    }

    /// <summary>Closes a payment page that nobody has paid on yet.</summary>
    public async Task ExpireCheckoutAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            await CallAsync(HttpMethod.Post, $"/v1/checkout/sessions/{Uri.EscapeDataString(id)}/expire", cancellationToken);
        }
        catch (StripeException e) when (StripeApi.IsClosedPage(e))
        {
            // Paid or expired meanwhile.
        }
    }

    private async Task<StripeObject?> FindAsync(string path, string id, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync(HttpMethod.Get, path + Uri.EscapeDataString(id), cancellationToken);
        }
        catch (StripeException e) when (StripeApi.IsMissing(e))
        {
            return null;
        }
    }

    /// <exception cref="PermanentJobException">No key is configured.</exception>
    /// <exception cref="RetryLaterException">Stripe asked to wait.</exception>
    private async Task<StripeObject> CallAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        var client = _client ?? throw new PermanentJobException("STRIPE_SECRET_KEY is not set: do it in Stripe's dashboard.");
        await _limiter.WaitAsync(cancellationToken);
        var askedAt = _time.GetUtcNow();
        try
        {
            var response = await client.RawRequestAsync(method, path, cancellationToken: cancellationToken);
            using var document = JsonDocument.Parse(response.Content);
            return new StripeObject(document.RootElement.Clone(), WholeSeconds(response.Date ?? askedAt), askedAt);
        }
        catch (StripeException e) when (e.HttpStatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
        {
            var wait = _limiter.RestFor(RetryAfter.Parse(e.StripeResponse?.Headers?.RetryAfter?.ToString(), _time.GetUtcNow()));
            throw new RetryLaterException(wait, "Stripe asked to wait.");
        }
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    public void Dispose() => _http.Dispose();
}
