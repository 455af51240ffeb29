using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Stripe;

namespace Solacore.Core.Billing.Stores;

/// <summary>Leaves a person one of several subscriptions at Stripe.</summary>
public sealed record KeepOneSubscription(Guid UserId)
{
    public static readonly JobKind<KeepOneSubscription> Kind =
        new("billing.keep_one_subscription", JobLane.Stripe, StoreQuestions.UntilTheStoreIsBack, TimeSpan.FromMinutes(2));
}

/// <summary>A subscription at Stripe that takes money now or may do so again.</summary>
/// <param name="IsPaid">
/// Active or in a trial, as opposed to owing money, being paused, paid with money that went back, or at the end for which it was cancelled.
/// </param>
/// <param name="Created">Stripe's clock.</param>
internal sealed record LiveSubscription(string Id, Tier Tier, bool IsPaid, DateTimeOffset Created);

/// <summary>
/// Sees to it that an upgrade ends with one live subscription. A checkout for a higher tier makes a second subscription,
/// because that is what existing clients open and what works for every state of the first one (a card that fails, a pause,
/// a cancellation that is under way), with no configuration of the customer portal; changing the first one in place would
/// charge a person who only looked at the price. So both live for the moment between the payment and this job. It is
/// enqueued in the transaction that first sees two, decides by what Stripe itself says, whatever order the events came
/// in, and covers two payment pages that were paid side by side as well. What is left of the period that was paid on
/// the former one becomes a credit on the next invoice. A downgrade goes through the portal, which changes the one that
/// there is.
/// </summary>
public sealed partial class KeepOneSubscriptionHandler(
    SolacoreDb db, StripeQueryClient stripe, TruthComparison comparison, BillingOptions options, BillingMetrics metrics, ILogger<KeepOneSubscriptionHandler> logger)
    : IJobHandler<KeepOneSubscription>
{
    public async Task HandleAsync(KeepOneSubscription payload, JobContext job, CancellationToken cancellationToken)
    {
        var truths = new List<StripeObject>();
        foreach (var customer in await CustomersAsync(payload.UserId, cancellationToken))
        {
            truths.AddRange(await LiveAsync(customer, cancellationToken));
        }

        var bought = await db.Entitlements.AsNoTracking()
            .Where(e => e.UserId == payload.UserId && e.Source == BillingSource.Stripe).ToListAsync(cancellationToken);

        // Stripe leaves a subscription active whose charge was refunded or disputed.
        var refunded = PlanRules.Refunded([.. bought.Select(Plans.Known)]).Select(s => s.SubscriptionId).ToHashSet(StringComparer.Ordinal);
        var live = truths.Select(truth => Read(truth, options.Catalog, bought.Find(e => e.ExternalSubscriptionId == truth.Id)?.State.Tier ?? Tier.Free))
            .OfType<LiveSubscription>()
            .Select(subscription => subscription with { IsPaid = subscription.IsPaid && !refunded.Contains(subscription.Id) });
        foreach (var surplus in Surplus(live))
        {
            var ended = await stripe.CancelAsync(surplus.Id, credit: surplus.IsPaid, cancellationToken);
            metrics.SurplusEnded();
            LogEnded(logger, surplus.Id);
            if ((ended ?? await stripe.FindSubscriptionAsync(surplus.Id, cancellationToken)) is { } truth)
            {
                await comparison.CompareAsync(truth, cancellationToken);
            }
        }
    }

    /// <summary>All but the one that stays: one that is paid before one that owes, the highest tier, the newest.</summary>
    internal static IReadOnlyList<LiveSubscription> Surplus(IEnumerable<LiveSubscription> subscriptions) =>
    [
        .. subscriptions
            .OrderByDescending(s => s.IsPaid)
            .ThenByDescending(s => s.Tier)
            .ThenByDescending(s => s.Created)
            .ThenBy(s => s.Id, StringComparer.Ordinal)
            .Skip(1),
    ];

    /// <summary>Null for one that has ended, is not paid for the first time yet, or sells nothing of ours.</summary>
    /// <param name="given">The tier that it gives the person: what it sells, also when its price has left the settings.</param>
    internal static LiveSubscription? Read(StripeObject truth, BillingCatalog catalog, Tier given)
    {
        JsonElement? subscription = truth.Body;
        var status = subscription.Member("status").Text();
        var isPaid = status is "active" or "trialing";
        if (!isPaid && status is not ("past_due" or "unpaid" or "paused"))
        {
            return null;
        }

        var tier = subscription.Member("items", "data").Items()
            .Select(item => catalog.TierOfPrice(item.Member("price").Id() ?? item.Member("plan").Id()))
            .Max() ?? given;
        if (tier == Tier.Free)
        {
            return null;
        }

        // By our clock, by which the person could buy a lower tier already. Stripe carries an end out a little later.
        var isOver = StripeEventReader.EndOf(subscription) <= truth.AskedAt;
        return new LiveSubscription(truth.Id, tier, isPaid && !isOver, subscription.Member("created").Time() ?? DateTimeOffset.MinValue);
    }

    private async Task<List<string>> CustomersAsync(Guid userId, CancellationToken cancellationToken)
    {
        var bought = await db.Entitlements.Where(e => e.UserId == userId && e.Source == BillingSource.Stripe && e.CustomerId != null)
            .Select(e => e.CustomerId!).ToListAsync(cancellationToken);
        var current = await db.Subscriptions.Where(s => s.UserId == userId && s.StripeCustomerId != null)
            .Select(s => s.StripeCustomerId!).ToListAsync(cancellationToken);
        return [.. bought.Concat(current).Distinct(StringComparer.Ordinal)];
    }

    private async Task<IReadOnlyList<StripeObject>> LiveAsync(string customer, CancellationToken cancellationToken)
    {
        try
        {
            // Without a status the list holds what has not been canceled.
            return await stripe.ListAsync("/v1/subscriptions?customer=" + Uri.EscapeDataString(customer), cancellationToken).ToListAsync(cancellationToken);
        }
        catch (StripeException e) when (StripeApi.IsMissing(e))
        {
            // The customer has been deleted at Stripe, and with them all of it.
            return [];
        }
    }

    [LoggerMessage(3121, LogLevel.Information, "Ended subscription {SubscriptionId}: a newer one has taken its place")]
    private static partial void LogEnded(ILogger logger, string subscriptionId);
}
