using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Solacore.Core.Data;

namespace Solacore.Core.Billing.Stores;

/// <summary>
/// Compares what a store says with what we know. A difference goes into the inbox and is applied like any event; no
/// difference leaves no trace but the time of the comparison.
/// </summary>
public sealed partial class TruthComparison(
    SolacoreDb db, WebhookInbox inbox, BillingOptions options, BillingMetrics metrics, TimeProvider time, ILogger<TruthComparison> logger)
{
    /// <summary>Compares a subscription at Stripe.</summary>
    /// <returns>True when something has to be repaired, and the repair is on disk.</returns>
    public async Task<bool> CompareAsync(StripeObject subscription, CancellationToken cancellationToken)
    {
        metrics.Compared(BillingSource.Stripe);
        var (id, customer) = (subscription.Id, ((JsonElement?)subscription.Body).Member("customer").Id());
        var known = await db.Entitlements.AsNoTracking()
            .Where(e => e.Source == BillingSource.Stripe
                && (e.ExternalSubscriptionId == id || (e.ExternalSubscriptionId == "" && e.CustomerId == customer)))
            .ToListAsync(cancellationToken);
        var row = known.Find(e => e.ExternalSubscriptionId.Length > 0);
        var body = FetchedTruth.OfStripe(subscription with { At = NotBefore(subscription.At, subscription.AskedAt, known) });
        if (Read(BillingSource.Stripe, body) is not { SubscriptionId.Length: > 0 } fact)
        {
            return false;
        }

        if (row is null)
        {
            return await CompareUnknownAsync(fact, body, cancellationToken);
        }

        var isRepaired = Changes([.. known.Where(e => e.UserId == row.UserId)], row, fact)
            && await StoreAsync(BillingSource.Stripe, body, cancellationToken);
        await db.Entitlements.Where(e => e.Id == row.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(e => e.ComparedAt, time.GetUtcNow()), cancellationToken);
        return isRepaired;
    }

    /// <summary>Compares what a user bought in the app stores; null stands for a subscriber whom RevenueCat does not know.</summary>
    /// <returns>True when something has to be repaired, and the repair is on disk.</returns>
    public async Task<bool> CompareAsync(Guid userId, RevenueCatSubscriber? subscriber, CancellationToken cancellationToken)
    {
        metrics.Compared(BillingSource.RevenueCat);
        var known = await db.Entitlements.AsNoTracking().Where(e => e.UserId == userId && e.Source == BillingSource.RevenueCat).ToListAsync(cancellationToken);
        var body = subscriber is null
            ? null
            : FetchedTruth.OfRevenueCat(userId, subscriber with { At = NotBefore(subscriber.At, subscriber.AskedAt, known) });
        var isRepaired = body is not null
            && Read(BillingSource.RevenueCat, body) is { } fact
            && (known.Count > 0 || IsAlive(fact))
            && Changes(known, known.Find(e => e.ExternalSubscriptionId.Length == 0), fact)
            && await StoreAsync(BillingSource.RevenueCat, body, cancellationToken);
        await NoteComparedAsync(userId, cancellationToken);
        return isRepaired;
    }

    /// <summary>Notes that it is the turn of others to be compared with RevenueCat.</summary>
    public Task NoteComparedAsync(Guid userId, CancellationToken cancellationToken) =>
        db.Entitlements.Where(e => e.UserId == userId && e.Source == BillingSource.RevenueCat)
            .ExecuteUpdateAsync(set => set.SetProperty(e => e.ComparedAt, time.GetUtcNow()), cancellationToken);

    /// <summary>Of a purchase of which no event arrived, what has ended since needs no repair.</summary>
    private static bool IsAlive(BillingFact fact) => fact.Statement.Standing?.Current?.Value.Standing is Standing.Active or Standing.PastDue;

    /// <summary>A purchase of which no event arrived. What has ended since needs no repair.</summary>
    private async Task<bool> CompareUnknownAsync(BillingFact fact, byte[] body, CancellationToken cancellationToken)
    {
        if (fact.Statement is not { Activated: true, Deleted: false } || fact.Statement.StatedTier is null)
        {
            return false;
        }

        var isOurs = await db.Subscriptions.AnyAsync(s => s.StripeCustomerId != null && s.StripeCustomerId == fact.CustomerId, cancellationToken)
            || await db.Users.AnyAsync(u => fact.Users.Contains(u.Id), cancellationToken);
        if (isOurs)
        {
            return await StoreAsync(BillingSource.Stripe, body, cancellationToken);
        }

        // Ended by nobody: another installation may share the account. An operator looks.
        metrics.Orphaned();
        LogOrphan(logger, fact.SubscriptionId);
        return false;
    }

    /// <summary>
    /// An answer is later than every event that had been applied when the question was asked, whatever the clocks of both
    /// sides say and however coarse they are.
    /// </summary>
    private static DateTimeOffset NotBefore(DateTimeOffset said, DateTimeOffset askedAt, IEnumerable<Entitlement> known) =>
        known.Where(e => e.UpdatedAt < askedAt).Select(e => e.State.LastStamp.Time).Append(said).Max();

    /// <summary>Whether the plan would be another one if the answer were applied.</summary>
    private bool Changes(IReadOnlyList<Entitlement> known, Entitlement? row, BillingFact fact)
    {
        var now = time.GetUtcNow();
        var rest = known.Where(e => e != row).Select(Plans.Known).ToList();
        List<StoreSubscription> before = row is null ? rest : [.. rest, Plans.Known(row)];
        List<StoreSubscription> after =
            [.. rest, new(fact.Source, row?.CustomerId ?? fact.CustomerId, fact.SubscriptionId, EntitlementState.Join(row?.State ?? EntitlementState.Nothing, fact.Statement))];
        return InWholeSeconds(PlanRules.Compute(before, now)) != InWholeSeconds(PlanRules.Compute(after, now));
    }

    /// <summary>As RevenueCat's API tells it, whose events tell milliseconds.</summary>
    private static Plan InWholeSeconds(Plan plan) => plan with
    {
        PeriodStart = InWholeSeconds(plan.PeriodStart),
        PeriodEnd = InWholeSeconds(plan.PeriodEnd),
        ValidUntil = InWholeSeconds(plan.ValidUntil),
    };

    private static DateTimeOffset? InWholeSeconds(DateTimeOffset? time) =>
        time is { } known ? DateTimeOffset.FromUnixTimeSeconds(known.ToUnixTimeSeconds()) : null;

    private BillingFact? Read(BillingSource source, byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        return FetchedTruth.Read(source, document.RootElement, options, eventId: "fetched", time.GetUtcNow());
    }

    private async Task<bool> StoreAsync(BillingSource source, byte[] body, CancellationToken cancellationToken)
    {
        await inbox.AcceptAsync(source, body, cancellationToken);
        metrics.Repaired(source);
        LogRepaired(logger, source.Name());
        return true;
    }

    [LoggerMessage(3101, LogLevel.Warning, "What {Source} says differs from what its events said; it goes through the inbox")]
    private static partial void LogRepaired(ILogger logger, string source);

    [LoggerMessage(3102, LogLevel.Warning, "Subscription {SubscriptionId} is alive at Stripe and belongs to nobody here")]
    private static partial void LogOrphan(ILogger logger, string subscriptionId);
}
