using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Solacore.Core.Data;
using Stripe;
using Stripe.Checkout;
using Portal = Stripe.BillingPortal;

namespace Solacore.Core.Billing.Stores;

/// <summary>Outcome of the request to buy or to manage a plan.</summary>
public abstract record StorePage
{
    private StorePage()
    {
    }

    /// <summary>A page of Stripe's to be opened.</summary>
    public sealed record Opened(string Url, string SessionId) : StorePage;

    /// <summary>The price is none of ours.</summary>
    public sealed record UnknownPrice : StorePage;

    /// <summary>There is no subscription row, or for the portal no customer at Stripe.</summary>
    public sealed record NoSubscription : StorePage;

    /// <summary>The person has this tier or a higher one.</summary>
    public sealed record AlreadySubscribed : StorePage;

    /// <summary>Stripe could not be reached in time, refused, or no key is configured.</summary>
    public sealed record ProviderFailed : StorePage;
}

/// <summary>Who may buy what (contract/domain.md 11.4).</summary>
public static class CheckoutRules
{
    /// <summary>A subscription that ended at Stripe may be bought again; otherwise only a higher tier is sold.</summary>
    public static bool MayBuy(PlanStatus status, Tier current, Tier wanted) => status == PlanStatus.Canceled || wanted > current;
}

/// <summary>Opens Stripe's pages for buying and for managing a plan.</summary>
public sealed partial class Checkouts(
    SolacoreDb db, StripeAccess stripe, StoreOptions options, BillingOptions billing, TimeProvider time, ILogger<Checkouts> logger)
{
    /// <summary>For everything that one request asks of Stripe, repeats included.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(25);

    /// <summary>Opens a page on which the person can buy a price.</summary>
    /// <param name="email">Filled in for the person on the payment page.</param>
    public async Task<StorePage> OpenAsync(Guid userId, string email, string priceId, CancellationToken cancellationToken)
    {
        if (billing.Catalog.TierOfPrice(priceId) is not { } wanted)
        {
            return new StorePage.UnknownPrice();
        }

        if (await Plans.CurrentAsync(db, userId, time.GetUtcNow(), cancellationToken) is not { } plan)
        {
            return new StorePage.NoSubscription();
        }

        return CheckoutRules.MayBuy(plan.Status, plan.Tier, wanted)
            ? await AskAsync((client, token) => OpenAsync(client, plan, email, priceId, token), cancellationToken)
            : new StorePage.AlreadySubscribed();
    }

    /// <summary>Opens the page on which a customer changes, cancels or pays.</summary>
    public async Task<StorePage> OpenPortalAsync(Guid userId, CancellationToken cancellationToken)
    {
        var customer = await db.Subscriptions.Where(s => s.UserId == userId).Select(s => s.StripeCustomerId).SingleOrDefaultAsync(cancellationToken);
        if (customer is null)
        {
            return new StorePage.NoSubscription();
        }

        return await AskAsync(
            async (client, token) =>
            {
                var session = await new Portal.SessionService(client).CreateAsync(
                    new Portal.SessionCreateOptions { Customer = customer, ReturnUrl = NullIfEmpty(options.SuccessUrl) ?? NullIfEmpty(options.CancelUrl) },
                    NewKey(),
                    token);
                return new StorePage.Opened(session.Url, session.Id);
            },
            cancellationToken);
    }

    private async Task<StorePage> AskAsync(Func<StripeClient, CancellationToken, Task<StorePage>> ask, CancellationToken cancellationToken)
    {
        if (stripe.Client is not { } client)
        {
            LogNoKey(logger);
            return new StorePage.ProviderFailed();
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Longest);
        try
        {
            return await ask(client, limit.Token);
        }
        catch (Exception e) when (StripeAccess.IsFailure(e) && !cancellationToken.IsCancellationRequested)
        {
            // The message may quote what was sent; the code is enough to look it up in Stripe's own log.
            LogFailed(logger, ErrorClass.Of(e), (e as StripeException)?.StripeError?.Code, (e as StripeException)?.StripeResponse?.RequestId);
            return new StorePage.ProviderFailed();
        }
    }

    private async Task<StorePage> OpenAsync(StripeClient client, Data.Subscription plan, string email, string priceId, CancellationToken cancellationToken)
    {
        var customer = plan.StripeCustomerId ?? await NewCustomerAsync(client, plan.UserId, gone: null, email, cancellationToken);
        if (customer is null)
        {
            return new StorePage.NoSubscription();
        }

        Session session;
        try
        {
            session = await CreateAsync(client, plan.UserId, customer, priceId, cancellationToken);
        }
        catch (StripeException e) when (StripeAccess.IsMissing(e) && e.StripeError?.Param == "customer")
        {
            // Deleted in Stripe's dashboard, and the event about it has not come yet.
            customer = await NewCustomerAsync(client, plan.UserId, gone: customer, email, cancellationToken);
            if (customer is null)
            {
                return new StorePage.NoSubscription();
            }

            session = await CreateAsync(client, plan.UserId, customer, priceId, cancellationToken);
        }

        if (!await db.Users.AnyAsync(u => u.Id == plan.UserId, cancellationToken))
        {
            // The account was deleted meanwhile: nobody may pay for it any more.
            await stripe.ExpireCheckoutAsync(session.Id, cancellationToken);
            return new StorePage.NoSubscription();
        }

        return new StorePage.Opened(session.Url, session.Id);
    }

    private Task<Session> CreateAsync(StripeClient client, Guid userId, string customer, string priceId, CancellationToken cancellationToken)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["user_id"] = userId.ToString(), ["price_id"] = priceId };
        return new SessionService(client).CreateAsync(
            new SessionCreateOptions
            {
                Mode = "subscription",
                Customer = customer,
                LineItems = [new SessionLineItemOptions { Price = priceId, Quantity = 1 }],
                ClientReferenceId = userId.ToString(),
                Metadata = metadata,
                // The subscription names its owner too, so that it can be told whose it is when every event was lost.
                SubscriptionData = new SessionSubscriptionDataOptions { Metadata = metadata },
                SuccessUrl = NullIfEmpty(options.SuccessUrl),
                CancelUrl = NullIfEmpty(options.CancelUrl),
            },
            NewKey(),
            cancellationToken);
    }

    /// <summary>
    /// The customer of this user, made once: parallel calls and a repeat after a crash send the same idempotency key and
    /// get the same customer, and the row, locked by the update, keeps the first. Stripe repeats a failure under the
    /// same key for a day as well, so a failure that is only repeated moves on to the next key.
    /// </summary>
    /// <param name="gone">The customer that the row names and Stripe has deleted; null when it names none.</param>
    /// <returns>Null when the user has no subscription row.</returns>
    private async Task<string?> NewCustomerAsync(StripeClient client, Guid userId, string? gone, string email, CancellationToken cancellationToken)
    {
        const int keys = 3;
        var create = new CustomerCreateOptions
        {
            Email = NullIfEmpty(email),
            Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["user_id"] = userId.ToString() },
        };
        Customer? customer = null;
        for (var key = 1; customer is null; key++)
        {
            try
            {
                customer = await new CustomerService(client).CreateAsync(
                    create,
                    new RequestOptions { IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"customer:{userId}:{gone}:{key}") },
                    cancellationToken);
            }
            catch (StripeException e) when (key < keys && IsRepeatedFailure(e))
            {
                // On with the next key.
            }
        }

        await db.Subscriptions.Where(s => s.UserId == userId && s.StripeCustomerId == gone)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.StripeCustomerId, customer.Id), cancellationToken);
        return await db.Subscriptions.Where(s => s.UserId == userId).Select(s => s.StripeCustomerId).SingleOrDefaultAsync(cancellationToken);
    }

    private static bool IsRepeatedFailure(StripeException e) =>
        e.StripeError?.Type == "idempotency_error" || e.StripeResponse?.Headers?.Contains("Idempotent-Replayed") == true;

    /// <summary>
    /// A key for this call alone: it makes Stripe.net's own repeats safe. A second request of the person opens a second
    /// page, of which only one is paid in the usual case; <see cref="OneSubscription"/> cares for the other.
    /// </summary>
    private static RequestOptions NewKey() => new() { IdempotencyKey = Guid.CreateVersion7().ToString() };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    [LoggerMessage(3131, LogLevel.Error, "Stripe failed ({Error}, code {Code}, request {StripeRequestId}); nothing was sold")]
    private static partial void LogFailed(ILogger logger, string error, string? code, string? stripeRequestId);

    [LoggerMessage(3132, LogLevel.Error, "STRIPE_SECRET_KEY is not set; nothing can be sold")]
    private static partial void LogNoKey(ILogger logger);
}
