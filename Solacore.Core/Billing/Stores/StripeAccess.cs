using System.Globalization;
using System.Net;
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
public sealed record StripePage(IReadOnlyList<StripeObject> Items, bool HasMore);

/// <summary>
/// Client for Stripe's API; inert without a key. The API version is the one that Stripe.net pins with each release and
/// sends with each call; what is read back goes through the same lenient reader as the events, because the account's
/// endpoint may speak another one.
/// </summary>
public sealed class StripeAccess : IDisposable
{
    private readonly HttpClient _http;
    private readonly Pace _pace;
    private readonly TimeProvider _time;

    /// <param name="retries">
    /// Repeats inside one call: for a person who waits. A job has none, it comes back by its own back-off. Stripe.net
    /// repeats with the same idempotency key, so that nothing happens twice.
    /// </param>
    public StripeAccess(StoreOptions options, int retries, TimeProvider time)
    {
        _time = time;
        _pace = new Pace(options.StripeRequestsPerSecond, time);
        _http = OutgoingHttp.Create(options.Timeout);
        Client = options.StripeKey.Length == 0
            ? null
            : new StripeClient(
                options.StripeKey,
                apiBase: options.StripeBaseUrl,
                httpClient: new SystemNetHttpClient(_http, retries, appInfo: null, enableTelemetry: false));
    }

    /// <summary>For calls that a person waits for; they are not paced. Null without a key.</summary>
    public StripeClient? Client { get; }

    /// <summary>Whether the exception says that Stripe could not be reached or refused, rather than that our code is wrong.</summary>
    public static bool IsFailure(Exception exception) =>
        exception is StripeException or HttpRequestException or IOException or OperationCanceledException or RetryLaterException;

    /// <summary>Whether Stripe does not know the object, or has ended it.</summary>
    public static bool IsMissing(StripeException exception) => exception.HttpStatusCode == HttpStatusCode.NotFound || exception.StripeError?.Code == "resource_missing";

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
        var payments = await ListAsync(
            $"/v1/invoice_payments?payment[type]=payment_intent&payment[payment_intent]={Uri.EscapeDataString(paymentIntent)}&expand[]=data.invoice",
            after: null,
            limit: 1,
            cancellationToken);
        return payments.Items is [var payment] && ((JsonElement?)payment.Body).Member("invoice") is { } invoice ? payment with { Body = invoice } : null;
    }

    /// <summary>Up to <paramref name="limit"/> (at most 100) objects of a list, newest first.</summary>
    /// <param name="path">With its filters, e.g. <c>/v1/subscriptions?status=all</c>.</param>
    /// <param name="after">Id of the last object of the page before.</param>
    public async Task<StripePage> ListAsync(string path, string? after, int limit, CancellationToken cancellationToken)
    {
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var start = after is null ? "" : "&starting_after=" + Uri.EscapeDataString(after);
        var answer = await CallAsync(
            HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"{path}{separator}limit={Math.Clamp(limit, 1, 100)}{start}"), cancellationToken);
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
        catch (StripeException e) when (IsMissing(e))
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
        catch (StripeException e) when (e.HttpStatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound)
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
        catch (StripeException e) when (IsMissing(e))
        {
            return null;
        }
    }

    /// <exception cref="PermanentJobException">No key is configured.</exception>
    /// <exception cref="RetryLaterException">Stripe asked to wait.</exception>
    private async Task<StripeObject> CallAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        var client = Client ?? throw new PermanentJobException("STRIPE_SECRET_KEY is not set: do it in Stripe's dashboard.");
        await _pace.WaitAsync(cancellationToken);
        var askedAt = _time.GetUtcNow();
        try
        {
            var response = await client.RawRequestAsync(method, path, cancellationToken: cancellationToken);
            using var document = JsonDocument.Parse(response.Content);
            return new StripeObject(document.RootElement.Clone(), WholeSeconds(response.Date ?? askedAt), askedAt);
        }
        catch (StripeException e) when (e.HttpStatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
        {
            var wait = _pace.RestFor(RetryAfter.Parse(e.StripeResponse?.Headers?.RetryAfter?.ToString(), _time.GetUtcNow()));
            throw new RetryLaterException(wait, "Stripe asked to wait.");
        }
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    public void Dispose() => _http.Dispose();
}
