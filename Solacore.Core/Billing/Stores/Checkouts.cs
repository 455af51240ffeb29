using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Solacore.Core.Data;
using Stripe;

namespace Solacore.Core.Billing.Stores;

/// <summary>Outcome of the request to buy or to manage a plan.</summary>
public abstract record StorePage
{
    private StorePage()
    {
    }

    /// <summary>A page of Stripe's to be opened.</summary>
    public sealed record Opened(string Url, string SessionId) : StorePage;

    /// <summary>The price is not for sale.</summary>
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
    SolacoreDb db, StripeCheckoutClient stripe, BillingOptions billing, TimeProvider time, ILogger<Checkouts> logger)
{
    /// <summary>For everything that one request asks of Stripe, repeats included.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(25);

    /// <summary>Opens a page on which the person can buy a price.</summary>
    /// <param name="email">Filled in for the person on the payment page.</param>
    public async Task<StorePage> OpenAsync(Guid userId, string email, string priceId, CancellationToken cancellationToken)
    {
        if (billing.Catalog.TierForSale(priceId) is not { } wanted)
        {
            return new StorePage.UnknownPrice();
        }

        if (await Plans.CurrentAsync(db, userId, time.GetUtcNow(), cancellationToken) is not { } plan)
        {
            return new StorePage.NoSubscription();
        }

        return CheckoutRules.MayBuy(plan.Status, plan.Tier, wanted)
            ? await AskAsync(token => OpenAsync(plan, email, priceId, token), cancellationToken)
            : new StorePage.AlreadySubscribed();
    }

    /// <summary>Opens the page on which a customer changes, cancels or pays.</summary>
    public async Task<StorePage> OpenPortalAsync(Guid userId, CancellationToken cancellationToken)
    {
        var customer = await db.Subscriptions.Where(s => s.UserId == userId).Select(s => s.StripeCustomerId).SingleOrDefaultAsync(cancellationToken);
        return customer is null
            ? new StorePage.NoSubscription()
            : await AskAsync(async token => await stripe.OpenPortalAsync(customer, token), cancellationToken);
    }

    private async Task<StorePage> AskAsync(Func<CancellationToken, Task<StorePage>> ask, CancellationToken cancellationToken)
    {
        if (!stripe.HasKey)
        {
            LogNoKey(logger);
            return new StorePage.ProviderFailed();
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Longest);
        try
        {
            return await ask(limit.Token);
        }
        catch (Exception e) when (IsFailure(e) && !cancellationToken.IsCancellationRequested)
        {
            // The message may quote what was sent; the code is enough to look it up in Stripe's own log.
            LogFailed(logger, ErrorClass.Of(e), (e as StripeException)?.StripeError?.Code, (e as StripeException)?.StripeResponse?.RequestId);
            return new StorePage.ProviderFailed();
        }
    }

    private async Task<StorePage> OpenAsync(Data.Subscription plan, string email, string priceId, CancellationToken cancellationToken)
    {
        var customer = plan.StripeCustomerId ?? await NewCustomerAsync(plan.UserId, gone: null, email, cancellationToken);
        if (customer is null)
        {
            return new StorePage.NoSubscription();
        }

        StorePage.Opened page;
        try
        {
            page = await stripe.OpenCheckoutAsync(plan.UserId, customer, priceId, cancellationToken);
        }
        catch (StripeException e) when (StripeApi.IsMissing(e) && e.StripeError?.Param == "customer")
        {
            // Deleted in Stripe's dashboard, and the event about it has not come yet.
            customer = await NewCustomerAsync(plan.UserId, gone: customer, email, cancellationToken);
            if (customer is null)
            {
                return new StorePage.NoSubscription();
            }

            page = await stripe.OpenCheckoutAsync(plan.UserId, customer, priceId, cancellationToken);
        }

        if (!await db.Users.AnyAsync(u => u.Id == plan.UserId, cancellationToken))
        {
            // The account was deleted meanwhile: nobody may pay for it any more.
            await stripe.ExpireCheckoutAsync(page.SessionId, cancellationToken);
            return new StorePage.NoSubscription();
        }

        return page;
    }

    /// <summary>Of customers made side by side the row, locked by the update, keeps the first.</summary>
    /// <param name="gone">The customer that the row names and Stripe has deleted; null when it names none.</param>
    /// <returns>Null when the user has no subscription row.</returns>
    private async Task<string?> NewCustomerAsync(Guid userId, string? gone, string email, CancellationToken cancellationToken)
    {
        var customer = await stripe.CreateCustomerAsync(userId, gone, email, cancellationToken);
        await db.Subscriptions.Where(s => s.UserId == userId && s.StripeCustomerId == gone)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.StripeCustomerId, customer), cancellationToken);
        return await db.Subscriptions.Where(s => s.UserId == userId).Select(s => s.StripeCustomerId).SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Whether the exception says that Stripe could not be reached or refused, rather than that our code is wrong.</summary>
    private static bool IsFailure(Exception exception) =>
        exception is StripeException or HttpRequestException or IOException or OperationCanceledException;

    [LoggerMessage(3131, LogLevel.Error, "Stripe failed ({Error}, code {Code}, request {StripeRequestId}); nothing was sold")]
    private static partial void LogFailed(ILogger logger, string error, string? code, string? stripeRequestId);

    [LoggerMessage(3132, LogLevel.Error, "STRIPE_SECRET_KEY is not set; nothing can be sold")]
    private static partial void LogNoKey(ILogger logger);
}
