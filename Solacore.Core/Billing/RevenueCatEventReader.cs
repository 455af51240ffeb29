using System.Collections.Frozen;
using System.Text.Json;

namespace Solacore.Core.Billing;

/// <summary>Reads RevenueCat's events (https://www.revenuecat.com/docs/integrations/webhooks/event-types-and-fields).</summary>
public static class RevenueCatEventReader
{
    /// <summary>Kinds that say nothing about what a person has paid for, whatever members they carry.</summary>
    private static readonly FrozenSet<string> SaysNothing =
        new[] { "TEST", "INVOICE_ISSUANCE", "EXPERIMENT_ENROLLMENT", "VIRTUAL_CURRENCY_TRANSACTION", "SUBSCRIBER_ALIAS" }
            .ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What the inbox records about the event.</summary>
    public static EventEnvelope ReadEnvelope(JsonElement root)
    {
        var body = Unwrap(root);
        return new EventEnvelope(
            EventIdentity.Id(body.Member("id")) ?? EventIdentity.Id(body.Member("event_id")),
            EventIdentity.Type(TypeOf(body)),
            EventTime(body),
            Users(body)
                .Concat(Uuids(body.Member("transferred_from").Items()))
                .Concat(Uuids(body.Member("transferred_to").Items()))
                .Select(user => user.ToString()).FirstOrDefault());
    }

    /// <summary>What the event says; null when it says nothing about what a person has paid for.</summary>
    /// <param name="root">The event, in its wrapper or bare.</param>
    /// <param name="catalog">Entitlements and tiers.</param>
    /// <param name="eventId">Id under which the event is stored.</param>
    /// <param name="receivedAt">First arrival of the event; stands for the provider's time where that is missing.</param>
    public static BillingFact? Read(JsonElement root, BillingCatalog catalog, string eventId, DateTimeOffset receivedAt)
    {
        var body = Unwrap(root);
        var type = TypeOf(body);
        if (type is null || SaysNothing.Contains(type))
        {
            return null;
        }

        var stamp = new Stamp(EventTime(body) ?? receivedAt, 0, receivedAt, eventId);
        if (type == "TRANSFER")
        {
            return Transfer(body, stamp);
        }

        var period = body.Member("purchased_at_ms").Time() ?? body.Member("purchased_at").Time();
        var end = Expiration(body);
        var entitlements = Entitlements(body);
        var purchases = type is "INITIAL_PURCHASE" or "RENEWAL" or "NON_RENEWING_PURCHASE" or "TEMPORARY_ENTITLEMENT_GRANT";
        var statesTier = purchases || type is "PRODUCT_CHANGE" or "REFUND_REVERSED";

        return new BillingFact(
            BillingSource.RevenueCat,
            CustomerId: null,
            SubscriptionOf(body),
            Users(body),
            LinksUser: false,
            IsSandbox(body),
            TransferTo: null,
            new EntitlementState
            {
                StatedTier = statesTier && entitlements is not null ? new(catalog.TierOfEntitlements(entitlements), stamp) : null,
                Standing = StandingOf(body, type) is { } standing ? Registers.About(period, standing, stamp) : null,
                PeriodStart = purchases && period is { } start ? Registers.About(period, start, stamp) : null,
                PeriodEnd = end is not null ? Registers.About<DateTimeOffset?>(period, end, stamp) : null,
                Cancellation = CancellationOf(body, type, end) is { } wanted ? new(new(wanted), stamp) : null,
                // Nobody changes a product that they do not have, also where the purchase itself was never told.
                Activated = purchases || (type == "PRODUCT_CHANGE" && entitlements is not null),
                PaidPeriodStart = type is "INITIAL_PURCHASE" or "RENEWAL" ? period : null,
                LastStamp = stamp,
            });
    }

    /// <summary>A transfer names persons and no purchase: it moves whatever the one had before it.</summary>
    private static BillingFact Transfer(JsonElement? body, Stamp stamp) => new(
        BillingSource.RevenueCat,
        CustomerId: null,
        SubscriptionId: "",
        Uuids(body.Member("transferred_from").Items()),
        LinksUser: false,
        IsSandbox(body),
        Uuids(body.Member("transferred_to").Items()),
        new() { LastStamp = stamp });

    private static bool IsSandbox(JsonElement? body) =>
        string.Equals(body.Member("environment").Text(), "SANDBOX", StringComparison.OrdinalIgnoreCase);

    private static StandingStatement? StandingOf(JsonElement? body, string type) => type switch
    {
        "INITIAL_PURCHASE" or "RENEWAL" or "NON_RENEWING_PURCHASE" or "TEMPORARY_ENTITLEMENT_GRANT" or "REFUND_REVERSED"
            => new(Standing.Active),
        "BILLING_ISSUE" => new(Standing.PastDue, body.Member("grace_period_expiration_at_ms").Time()),
        "EXPIRATION" => new(Standing.Expired),
        "REFUND" => new(Standing.Refunded),
        "CANCELLATION" when IsRefund(body) => new(Standing.Refunded),
        _ => null,
    };

    private static bool? CancellationOf(JsonElement? body, string type, DateTimeOffset? end) => type switch
    {
        "INITIAL_PURCHASE" or "UNCANCELLATION" or "EXPIRATION" or "REFUND" or "REFUND_REVERSED" => false,
        // Sent beside BILLING_ISSUE: the store stopped, not the person, and a recovered payment sends no UNCANCELLATION.
        "CANCELLATION" when body.Member("cancel_reason").Text() == "BILLING_ERROR" => null,
        // A refund ends the period like an expiration; nothing is left that could be cancelled.
        "CANCELLATION" => !IsRefund(body),
        // These never renew, so that they end with their period; without an end they are for life.
        "NON_RENEWING_PURCHASE" or "TEMPORARY_ENTITLEMENT_GRANT" => end is not null,
        _ => null,
    };

    /// <summary>Refunds come as CANCELLATION: with the reason CUSTOMER_SUPPORT, or with a negative price.</summary>
    private static bool IsRefund(JsonElement? body) =>
        body.Member("cancel_reason").Text() == "CUSTOMER_SUPPORT"
        || (body.Member("price").Number() ?? body.Member("price_in_purchased_currency").Number()) < 0;

    private static JsonElement? Unwrap(JsonElement root) =>
        ((JsonElement?)root).Member("event") is { ValueKind: JsonValueKind.Object } wrapped ? wrapped : root;

    private static string? TypeOf(JsonElement? body) => (body.Member("type").Text() ?? body.Member("event_type").Text())?.ToUpperInvariant();

    private static DateTimeOffset? EventTime(JsonElement? body) => body.Member("event_timestamp_ms").Time();

    private static string SubscriptionOf(JsonElement? body) =>
        body.Member("original_transaction_id").Id() ?? body.Member("transaction_id").Id() ?? "";

    private static DateTimeOffset? Expiration(JsonElement? body) =>
        body.Member("expiration_at_ms").Time()
        ?? body.Member("expiration_at").Time()
        ?? body.Member("expires_at_ms").Time()
        ?? body.Member("expires_at").Time();

    /// <summary>Names of the entitlements, from a list, from the old single form or from an object's keys; null when none are given.</summary>
    private static List<string>? Entitlements(JsonElement? body)
    {
        var listed = body.Member("entitlement_ids").Items().Select(id => id.Text()).OfType<string>().ToList();
        if (listed.Count > 0)
        {
            return listed;
        }

        if (body.Member("entitlements") is { ValueKind: JsonValueKind.Object } byName)
        {
            var names = new List<string>();
            foreach (var member in byName.EnumerateObject())
            {
                if (LenientJson.NameOf(member) is { } name)
                {
                    names.Add(name);
                }
            }

            return names.Count > 0 ? names : null;
        }

        return body.Member("entitlement_id").Text() is { } single ? [single] : null;
    }

    private static IReadOnlyList<Guid> Users(JsonElement? body) => Uuids(
        body.Member("aliases").Items().Prepend(body.Member("original_app_user_id")).Prepend(body.Member("app_user_id")));

    private static IReadOnlyList<Guid> Uuids(IEnumerable<JsonElement?> ids) => [.. ids.Select(id => id.Uuid()).OfType<Guid>().Distinct()];
}
