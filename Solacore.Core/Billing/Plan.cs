namespace Solacore.Core.Billing;

/// <summary>State of a plan as the clients know it. It never restricts use; only the tier does.</summary>
public enum PlanStatus
{
    Active,
    PastDue,

    /// <summary>Ended at Stripe.</summary>
    Canceled,

    /// <summary>Ended at an app store.</summary>
    Expired,
}

/// <summary>What a person has at one instant, computed from all their subscriptions.</summary>
/// <param name="Tier">The highest tier that is alive.</param>
/// <param name="Status">State of the subscription that gives it, or of the last one that gave something.</param>
/// <param name="PeriodStart">Start of the billing period, where the store named one.</param>
/// <param name="PeriodEnd">End of the billing period, where the store named one.</param>
/// <param name="CancelAtPeriodEnd">The subscription will not renew.</param>
/// <param name="Source">Where the subscription was bought; null for a person who never bought.</param>
/// <param name="SubscriptionId">The store's id of that subscription; null when none is alive or none was named.</param>
/// <param name="ValidUntil">The next instant at which time alone changes this answer; null when only an event can.</param>
public sealed record Plan(
    Tier Tier,
    PlanStatus Status,
    DateTimeOffset? PeriodStart,
    DateTimeOffset? PeriodEnd,
    bool CancelAtPeriodEnd,
    BillingSource? Source,
    string? SubscriptionId,
    DateTimeOffset? ValidUntil)
{
    /// <summary>The plan of a person who never bought anything.</summary>
    public static readonly Plan Free = new(Tier.Free, PlanStatus.Active, null, null, false, null, null, null);
}
