using System.Globalization;
using Stripe;
using Stripe.Checkout;
using Portal = Stripe.BillingPortal;

namespace Solacore.Core.Billing.Stores;

/// <summary>
/// Client for what a person waits for who buys or manages a plan: it repeats within the call, and no job's call holds it up.
/// </summary>
public sealed class StripeCheckoutClient : IDisposable
{
    private const int Retries = 2;

    private readonly StoreOptions _options;
    private readonly HttpClient _http;
    private readonly StripeClient? _client;

    public StripeCheckoutClient(StoreOptions options)
    {
        _options = options;
        _http = OutgoingHttp.Create(options.Timeout);
        _client = StripeApi.Connect(options, _http, Retries);
    }

    /// <summary>Without a key nothing can be sold, and no other member may be used.</summary>
    public bool HasKey => _client is not null;

    private StripeClient Client => _client ?? throw new InvalidOperationException("STRIPE_SECRET_KEY is not set.");

    /// <summary>
    /// The customer of this user, made once: parallel calls and a repeat after a crash send the same idempotency key and
    /// get the same customer. Stripe repeats a failure under the same key for a day as well, so a failure that is only
    /// repeated moves on to the next key.
    /// </summary>
    /// <param name="gone">The customer whom this one replaces, because Stripe has deleted them; null for the first.</param>
    /// <param name="email">May be empty.</param>
    /// <returns>Stripe's id of the customer.</returns>
    public async Task<string> CreateCustomerAsync(Guid userId, string? gone, string email, CancellationToken cancellationToken)
    {
        const int keys = 3;
        var create = new CustomerCreateOptions
        {
            Email = NullIfEmpty(email),
            Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["user_id"] = userId.ToString() },
        };
        for (var key = 1; ; key++)
        {
            try
            {
                var customer = await new CustomerService(Client).CreateAsync(
                    create,
                    new RequestOptions { IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"customer:{userId}:{gone}:{key}") },
                    cancellationToken);
                return customer.Id;
            }
            catch (StripeException e) when (key < keys && IsRepeatedFailure(e))
            {
                // On with the next key.
            }
        }
    }

    /// <summary>Opens a page on which a customer can buy a price.</summary>
    public async Task<StorePage.Opened> OpenCheckoutAsync(Guid userId, string customer, string priceId, CancellationToken cancellationToken)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["user_id"] = userId.ToString(), ["price_id"] = priceId };
        var session = await new SessionService(Client).CreateAsync(
            new SessionCreateOptions
            {
                Mode = "subscription",
                Customer = customer,
                LineItems = [new SessionLineItemOptions { Price = priceId, Quantity = 1 }],
                ClientReferenceId = userId.ToString(),
                Metadata = metadata,
                // The subscription names its owner too, so that it can be told whose it is when every event was lost.
                SubscriptionData = new SessionSubscriptionDataOptions { Metadata = metadata },
                SuccessUrl = NullIfEmpty(_options.SuccessUrl),
                CancelUrl = NullIfEmpty(_options.CancelUrl),
            },
            NewKey(),
            cancellationToken);
        return new StorePage.Opened(session.Url, session.Id);
    }

    /// <summary>Closes a page that nobody has paid on yet.</summary>
    public async Task ExpireCheckoutAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            await new SessionService(Client).ExpireAsync(id, cancellationToken: cancellationToken);
        }
        catch (StripeException e) when (StripeApi.IsClosedPage(e))
        {
            // Paid or expired meanwhile.
        }
    }

    /// <summary>Opens the page on which a customer changes, cancels or pays.</summary>
    public async Task<StorePage.Opened> OpenPortalAsync(string customer, CancellationToken cancellationToken)
    {
        var session = await new Portal.SessionService(Client).CreateAsync(
            new Portal.SessionCreateOptions { Customer = customer, ReturnUrl = NullIfEmpty(_options.SuccessUrl) ?? NullIfEmpty(_options.CancelUrl) },
            NewKey(),
            cancellationToken);
        return new StorePage.Opened(session.Url, session.Id);
    }

    private static bool IsRepeatedFailure(StripeException e) =>
        e.StripeError?.Type == "idempotency_error" || e.StripeResponse?.Headers?.Contains("Idempotent-Replayed") == true;

    /// <summary>
    /// A key for this call alone: it makes Stripe.net's own repeats safe. A second request of the person opens a second
    /// page, of which only one is paid in the usual case; <see cref="KeepOneSubscription"/> cares for the other.
    /// </summary>
    private static RequestOptions NewKey() => new() { IdempotencyKey = Guid.CreateVersion7().ToString() };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    public void Dispose() => _http.Dispose();
}
