namespace Solacore.Core.Billing;

/// <summary>What one event says about one subscription.</summary>
/// <param name="Source">The store.</param>
/// <param name="CustomerId">Stripe's customer; null when the event names none, and for RevenueCat, which uses our ids.</param>
/// <param name="SubscriptionId">The store's id of the subscription; empty when the event names none.</param>
/// <param name="Users">
/// Our users whom the event may mean, the first that exists counts. For Stripe a hint that is used while neither the
/// subscription nor the customer is known.
/// </param>
/// <param name="LinksUser">The event itself ties customer and subscription to the user (a checkout).</param>
/// <param name="Sandbox">Test money.</param>
/// <param name="TransferTo">
/// Our users, the first that exists counts, to whom the store moved all that the user had; none of them: it is nobody's here any
/// more. Null when the event moves nothing.
/// </param>
/// <param name="Statement">The event as a state, to be joined with what is known.</param>
public sealed record BillingFact(
    BillingSource Source,
    string? CustomerId,
    string SubscriptionId,
    IReadOnlyList<Guid> Users,
    bool LinksUser,
    bool Sandbox,
    IReadOnlyList<Guid>? TransferTo,
    EntitlementState Statement);

/// <summary>What tells prices and entitlements apart.</summary>
/// <param name="StripePrices">Tier by Stripe price id.</param>
/// <param name="RevenueCatPro">RevenueCat entitlement that stands for pro.</param>
/// <param name="RevenueCatStandard">RevenueCat entitlement that stands for standard.</param>
public sealed record BillingCatalog(IReadOnlyDictionary<string, Tier> StripePrices, string RevenueCatPro, string RevenueCatStandard)
{
    /// <summary>Those of the Stripe prices that nobody can buy any more. Who pays one has its tier.</summary>
    public IReadOnlyCollection<string> FormerPrices { get; init; } = [];

    /// <summary>Tier of a Stripe price; null for a price that is none of ours.</summary>
    public Tier? TierOfPrice(string? price) => price is not null && StripePrices.TryGetValue(price, out var tier) ? tier : null;

    /// <summary>Tier that is sold at a Stripe price; null for a price that is not for sale.</summary>
    public Tier? TierForSale(string price) => FormerPrices.Contains(price, StringComparer.Ordinal) ? null : TierOfPrice(price);

    /// <summary>The highest tier among RevenueCat entitlements; free when none of them is ours.</summary>
    public Tier TierOfEntitlements(IReadOnlyCollection<string> entitlements)
    {
        if (entitlements.Contains(RevenueCatPro, StringComparer.Ordinal))
        {
            return Tier.Pro;
        }

        return entitlements.Contains(RevenueCatStandard, StringComparer.Ordinal) ? Tier.Standard : Tier.Free;
    }
}

/// <summary>What the inbox records about an event beside its body.</summary>
/// <param name="EventId">The provider's id; null when there is none, and the event is then processed each time it comes.</param>
/// <param name="EventType">The provider's type, at most 100 characters; <c>unknown</c> when there is none.</param>
/// <param name="ProviderTime">When the provider made the event.</param>
/// <param name="CustomerKey">Events with the same key concern the same person and are applied one after the other.</param>
public sealed record EventEnvelope(string? EventId, string EventType, DateTimeOffset? ProviderTime, string? CustomerKey);
