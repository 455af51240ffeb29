namespace Solacore.Core.Billing;

/// <summary>One subscription of a person at one store, with everything that is known about it.</summary>
/// <param name="Source">The store.</param>
/// <param name="CustomerId">The store's name for the person; null when the store uses ours.</param>
/// <param name="SubscriptionId">
/// The store's name for the subscription. Empty for what was said about the customer without naming a subscription;
/// that then holds for each of the customer's subscriptions, but for those that had ended before.
/// </param>
/// <param name="State">What was said about it.</param>
public sealed record StoreSubscription(BillingSource Source, string? CustomerId, string SubscriptionId, EntitlementState State);

/// <summary>
/// From subscriptions to a plan. A subscription is alive until its store ends it: a renewal that is late, or whose
/// event was lost, must not take away what was paid. Time alone ends only what will not renew: a cancelled
/// subscription at the end of its period, and a store's grace at the end of the grace.
/// </summary>
public static class PlanRules
{
    /// <summary>
    /// A charge belongs to the period in which it was made; clocks of charge and period differ by a little at a purchase.
    /// </summary>
    private static readonly TimeSpan ChargeLead = TimeSpan.FromMinutes(2);

    /// <summary>The plan at <paramref name="now"/>: the highest tier alive, and among equals the one that lasts longest.</summary>
    public static Plan Compute(IReadOnlyCollection<StoreSubscription> subscriptions, DateTimeOffset now)
    {
        var known = SpreadUnnamed(subscriptions);
        var plan = At(known, now);
        var changes = known.Select(s => End(s.State)).OfType<DateTimeOffset>().Where(end => end > now).Distinct().Order();
        DateTimeOffset? validUntil = null;
        foreach (var instant in changes)
        {
            if (At(known, instant) != plan)
            {
                validUntil = instant;
                break;
            }
        }

        return plan with { ValidUntil = validUntil };
    }

    /// <summary>Those of which the money for their present period went back, by a refund or a dispute: nothing of them is paid.</summary>
    public static IEnumerable<StoreSubscription> Refunded(IReadOnlyCollection<StoreSubscription> subscriptions) =>
        SpreadUnnamed(subscriptions).Where(s => PaymentWentBack(s.State));

    private static Plan At(List<StoreSubscription> subscriptions, DateTimeOffset now)
    {
        var shown = subscriptions
            .OrderByDescending(s => IsAlive(s.State, now) ? s.State.Tier : Tier.Free)
            .ThenByDescending(s => IsAlive(s.State, now) ? s.State.PeriodEnd?.Current?.Value ?? DateTimeOffset.MaxValue : DateTimeOffset.MinValue)
            .ThenByDescending(s => s.State.LastStamp)
            .ThenBy(s => s.SubscriptionId, StringComparer.Ordinal)
            .FirstOrDefault();
        if (shown is null)
        {
            return Plan.Free;
        }

        var state = shown.State;
        var tier = IsAlive(state, now) ? state.Tier : Tier.Free;
        var status = Status(shown.Source, state, now);
        // A deleted Stripe subscription leaves nothing behind but its customer; an expired store subscription
        // still shows when it ended.
        var cleared = status == PlanStatus.Canceled;
        var over = status is PlanStatus.Canceled or PlanStatus.Expired;
        return new Plan(
            tier,
            status,
            cleared ? null : state.PeriodStart?.Current?.Value,
            cleared ? null : state.PeriodEnd?.Current?.Value,
            !over && state.Cancellation?.Value.Wanted == true,
            shown.Source,
            over || shown.SubscriptionId.Length == 0 ? null : shown.SubscriptionId,
            ValidUntil: null);
    }

    private static bool IsAlive(EntitlementState state, DateTimeOffset now) =>
        state.Activated && !IsOver(state, now) && CurrentStanding(state) is Standing.Active or Standing.PastDue;

    private static PlanStatus Status(BillingSource source, EntitlementState state, DateTimeOffset now)
    {
        var ended = source == BillingSource.Stripe ? PlanStatus.Canceled : PlanStatus.Expired;
        if (IsOver(state, now))
        {
            return ended;
        }

        return CurrentStanding(state) switch
        {
            Standing.PastDue or Standing.Unpaid => PlanStatus.PastDue,
            Standing.Paused => ended,
            _ => PlanStatus.Active,
        };
    }

    private static Standing CurrentStanding(EntitlementState state) => state.Standing?.Current?.Value.Standing ?? Standing.Active;

    private static bool IsOver(EntitlementState state, DateTimeOffset now) =>
        state.Deleted
        || state.IsTakenAway
        || CurrentStanding(state) is Standing.Expired or Standing.Refunded
        || PaymentWentBack(state)
        || End(state) <= now;

    /// <summary>Until a purchase tells its period, the time of the purchase stands for the start of that.</summary>
    private static bool PaymentWentBack(EntitlementState state) =>
        state.LostChargeAt is { } charged
        && ((state.PeriodStart?.Current?.Value ?? state.ActivatedAt) is not { } start || start - charged <= ChargeLead);

    /// <summary>When the subscription ends by time alone; null while it renews.</summary>
    private static DateTimeOffset? End(EntitlementState state)
    {
        var periodEnd = state.PeriodEnd?.Current?.Value;
        var standing = state.Standing?.Current?.Value;
        if (standing is { Standing: Standing.PastDue, GraceEnd: { } grace })
        {
            return periodEnd > grace ? periodEnd : grace;
        }

        // Nobody can cancel what has ended: a cancellation that came later has no effect; the store's status decides.
        return state.Cancellation is { Value.Wanted: true } said && (said.Value.At ?? periodEnd) is { } end && said.Stamp.Time <= end ? end : null;
    }

    /// <summary>Lets what was said about a customer hold for each of the customer's subscriptions that it can be about.</summary>
    private static List<StoreSubscription> SpreadUnnamed(IReadOnlyCollection<StoreSubscription> subscriptions)
    {
        var result = new List<StoreSubscription>(subscriptions.Count);
        foreach (var customer in subscriptions.GroupBy(s => (s.Source, s.CustomerId)))
        {
            var unnamed = customer.Where(s => s.SubscriptionId.Length == 0).ToList();
            var named = customer.Where(s => s.SubscriptionId.Length > 0).ToList();
            result.AddRange(unnamed.Where(about => named.TrueForAll(s => IsAnother(s.State, about.State))));
            foreach (var subscription in named)
            {
                var state = unnamed.Where(about => IsAbout(about, subscription, named))
                    .Aggregate(subscription.State, (known, more) => EntitlementState.Join(known, more.State));
                result.Add(subscription with { State = state with { LastStamp = subscription.State.LastStamp } });
            }
        }

        return result;
    }

    /// <summary>
    /// That an app store bill is paid says so of one purchase, the best that is alive: of the one with that period, else of the
    /// latest that may have been renewed. It must not revive another one; of those only what would be better is corrected.
    /// Anything else may be about each of them.
    /// </summary>
    private static bool IsAbout(StoreSubscription about, StoreSubscription subscription, List<StoreSubscription> named)
    {
        if (IsAnother(subscription.State, about.State))
        {
            return false;
        }

        if (about is not
            {
                Source: BillingSource.RevenueCat,
                State: { Activated: true, Standing.Current: { Value.Standing: Standing.Active or Standing.PastDue } said, PeriodStart.Current.Value: var start },
            })
        {
            return true;
        }

        // The API tells whole seconds, the events milliseconds.
        bool IsOfPeriod(StoreSubscription s) => (s.State.PeriodStart?.Current?.Value - start)?.Duration() < TimeSpan.FromSeconds(1);
        bool WasOver(StoreSubscription s) => IsOver(s.State, said.Stamp.Time);
        var subject = named.Where(s => !IsAnother(s.State, about.State))
            .OrderByDescending(IsOfPeriod)
            .ThenBy(WasOver)
            .ThenByDescending(s => s.State.PeriodStart?.Current?.Value)
            .ThenBy(s => s.SubscriptionId, StringComparer.Ordinal)
            .First();
        return subscription == subject || (!WasOver(subscription) && subscription.State.Tier > about.State.Tier);
    }

    /// <summary>
    /// Whether what was said is about another purchase: this one was over when the period began about which it was said; or it was
    /// moved away, and all that had been said before went with it; or it was moved here, to somebody who had a plan from before.
    /// </summary>
    private static bool IsAnother(EntitlementState subscription, EntitlementState about) => subscription.IsTakenAway
        || (about.IsAdopted && subscription.ReceivedAt is { } received && received != about.ReceivedAt)
        || (about.PeriodStart?.Current?.Value is { } start && subscription.PeriodEnd?.Current?.Value < start && IsOver(subscription, start));
}
