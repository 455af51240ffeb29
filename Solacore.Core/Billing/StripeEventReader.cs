using System.Text.Json;
using Solacore.Core.Billing.Stores;

namespace Solacore.Core.Billing;

/// <summary>
/// Reads Stripe's events of any API version: members moved between versions are looked for in every place where one
/// of them keeps it (https://docs.stripe.com/changelog), and objects may be expanded or not.
/// </summary>
public static class StripeEventReader
{
    /// <summary>Order of the events that Stripe sends within one second; equal ones go by arrival.</summary>
    private const int CreatedRank = 1;
    private const int CheckoutRank = 2;
    private const int ChangeRank = 3;

    /// <summary>Type of the event about a charge that was given back, in part or whole.</summary>
    internal const string ChargeRefunded = "charge.refunded";

    /// <summary>Type of the event about a new dispute.</summary>
    internal const string DisputeCreated = "charge.dispute.created";

    /// <summary>Type of the event about a dispute that has cost money; for one that began as an inquiry, the only such event.</summary>
    private const string FundsWithdrawn = "charge.dispute.funds_withdrawn";

    /// <summary>Type of the event about the end of a dispute.</summary>
    internal const string DisputeClosed = "charge.dispute.closed";

    /// <summary>Status of a dispute after which the money is here again.</summary>
    internal const string Won = "won";

    /// <summary>
    /// Status of a dispute while the bank only inquires and takes nothing (<c>warning_needs_response</c> and the like,
    /// https://docs.stripe.com/disputes/how-disputes-work#inquiries).
    /// </summary>
    private const string Inquiry = "warning_";

    /// <summary>What the inbox records about the event.</summary>
    public static EventEnvelope ReadEnvelope(JsonElement root)
    {
        JsonElement? document = root;
        var subject = document.Member("data", "object");
        var type = document.Member("type").Text();
        var customer = type?.StartsWith("customer.", StringComparison.Ordinal) == true && subject.Member("object").Text() == "customer"
            ? subject.Id()
            : (subject.Member("customer") ?? subject.Member("charge", "customer")).Id();
        return new EventEnvelope(
            EventIdentity.Id(document.Member("id")),
            EventIdentity.Type(type),
            document.Member("created").Time(),
            customer ?? SubscriptionOf(subject));
    }

    /// <summary>What the event says; null when it says nothing about what a person has paid for.</summary>
    /// <param name="root">The event.</param>
    /// <param name="catalog">Prices and tiers.</param>
    /// <param name="eventId">Id under which the event is stored.</param>
    /// <param name="receivedAt">First arrival of the event; stands for the provider's time where that is missing.</param>
    public static BillingFact? Read(JsonElement root, BillingCatalog catalog, string eventId, DateTimeOffset receivedAt)
    {
        JsonElement? document = root;
        var subject = document.Member("data", "object");
        Stamp At(int rank) => new(document.Member("created").Time() ?? receivedAt, rank, receivedAt, eventId);

        return document.Member("type").Text() switch
        {
            "checkout.session.completed" or "checkout.session.async_payment_succeeded" => Checkout(subject, catalog, At(CheckoutRank)),
            "customer.subscription.created" => Subscription(subject, catalog, At(CreatedRank), otherwise: null),
            "customer.subscription.paused" => Subscription(subject, catalog, At(ChangeRank), otherwise: Standing.Paused),
            "customer.subscription.resumed" => Subscription(subject, catalog, At(ChangeRank), otherwise: Standing.Active),
            // Each of these carries the whole subscription as it stands.
            "customer.subscription.updated" or "customer.subscription.trial_will_end"
                or "customer.subscription.pending_update_applied" or "customer.subscription.pending_update_expired"
                => Subscription(subject, catalog, At(ChangeRank), otherwise: null),
            "customer.subscription.deleted" => Subscription(subject, catalog, At(ChangeRank), otherwise: null, deleted: true),
            // One payment is told under both names, unless it was settled outside Stripe: then under the first alone.
            "invoice.paid" or "invoice.payment_succeeded" => InvoicePaid(subject, catalog, At(ChangeRank)),
            // The bank asks the person first; until they answer the payment has failed.
            "invoice.payment_failed" or "invoice.payment_action_required" => InvoiceFailed(subject, At(ChangeRank)),
            { } type when IsAboutCharge(type) => ChargeMoved(type, MovedCharge(document), At(ChangeRank)),
            "customer.deleted" => Fact(subject.Id(), "", [], new() { Deleted = true, LastStamp = At(ChangeRank) }),
            _ => null,
        };
    }

    /// <summary>Whether events of the type are about the money of a charge, which went back or came again.</summary>
    internal static bool IsAboutCharge(string type) => type is ChargeRefunded or DisputeCreated or FundsWithdrawn or DisputeClosed;

    /// <summary>
    /// The charge whose money moved, where Stripe knows more of it than the event tells: disputes name their charge by
    /// its id, and a charge names its payment, of which only Stripe knows what it was for. Null where the event says it all.
    /// </summary>
    internal static FetchStripeCharge? ChargeToAskFor(JsonElement root, DateTimeOffset receivedAt)
    {
        var charge = MovedCharge(root);
        var invoice = charge.Member("invoice");
        var saysAll = charge is { ValueKind: JsonValueKind.Object }
            && (invoice is { ValueKind: JsonValueKind.Object } || (invoice ?? charge.Member("payment_intent")) is null);
        if (saysAll || charge.Id() is not { } id)
        {
            return null;
        }

        JsonElement? document = root;
        var at = document.Member("created").Time() ?? receivedAt;
        var type = document.Member("type").Text();
        return new(
            id, at, IsRefund: type == ChargeRefunded, charge.Member("customer").Id(), charge.Member("created").Time() ?? at, IsWon: type == DisputeClosed);
    }

    /// <summary>The subscription that an invoice bills, and the start of the period; null when it bills no period of one.</summary>
    internal static (string Subscription, DateTimeOffset Start)? BilledPeriod(JsonElement? invoice) =>
        SubscriptionOf(invoice) is { } subscription && PeriodStart(invoice) is { } start ? (subscription, start) : null;

    /// <summary>When a subscription ends that was cancelled before; null while it renews.</summary>
    internal static DateTimeOffset? EndOf(JsonElement? subscription) =>
        subscription.Member("cancel_at").Time() ?? (subscription.Member("cancel_at_period_end").Flag() == true ? PeriodEnd(subscription) : null);

    private static BillingFact? Checkout(JsonElement? session, BillingCatalog catalog, Stamp stamp)
    {
        if (session.Member("mode").Text() is { } mode && mode != "subscription")
        {
            return null;
        }

        // A metadata id that is no UUID is a mistake to be seen, not to be papered over with the reference id.
        var named = session.Member("metadata", "user_id");
        var user = (named is null || named.IsEmptyText() ? session.Member("client_reference_id") : named).Uuid();
        if (user is null)
        {
            return null;
        }

        var statement = new EntitlementState { LastStamp = stamp };
        if (session.Member("payment_status").Text() is null or "paid" or "no_payment_required")
        {
            statement = statement with
            {
                StatedTier = TierRegister(catalog.TierOfPrice(session.Member("metadata", "price_id").Text()), stamp),
                Standing = Registers.About(period: null, new StandingStatement(Standing.Active), stamp),
                Cancellation = new(new(Wanted: false), stamp),
                Activated = true,
                ActivatedAt = stamp.Time,
            };
        }

        return Fact(session.Member("customer").Id(), session.Member("subscription").Id() ?? "", [user.Value], statement) with { LinksUser = true };
    }

    /// <param name="otherwise">The standing that the kind of event tells, where the subscription's status tells none.</param>
    private static BillingFact Subscription(
        JsonElement? subscription, BillingCatalog catalog, Stamp stamp, Standing? otherwise, bool deleted = false)
    {
        var items = subscription.Member("items", "data").Items().ToList();
        var start = OfPeriod(subscription, "current_period_start");
        var end = PeriodEnd(subscription);
        var tier = items.Select(PriceOf).Append(PriceOf(subscription)).Select(catalog.TierOfPrice).Max();
        var status = subscription.Member("status").Text();
        Standing? standing = status switch
        {
            "active" or "trialing" => Standing.Active,
            "past_due" => Standing.PastDue,
            "unpaid" => Standing.Unpaid,
            "paused" => Standing.Paused,
            "incomplete" => Standing.Incomplete,
            null => otherwise,
            _ => null,
        };
        var isActivated = standing is Standing.Active or Standing.PastDue or Standing.Unpaid or Standing.Paused;
        var cancelsAtEnd = subscription.Member("cancel_at_period_end").Flag();
        var cancelsAt = subscription.Member("cancel_at").Time();

        return Fact(
            subscription.Member("customer").Id(),
            subscription.Id() ?? "",
            Hint(subscription.Member("metadata")),
            new EntitlementState
            {
                StatedTier = TierRegister(tier, stamp),
                Standing = standing is { } known ? Registers.About(period: null, new StandingStatement(known), stamp) : null,
                PeriodStart = start is { } from ? Registers.About(start, from, stamp) : null,
                PeriodEnd = end is not null ? Registers.About<DateTimeOffset?>(start, end, stamp) : null,
                Cancellation = cancelsAtEnd is null && cancelsAt is null
                    ? null
                    : new(new(cancelsAtEnd == true || cancelsAt is not null, cancelsAt), stamp),
                Activated = isActivated,
                ActivatedAt = isActivated ? stamp.Time : null,
                Deleted = deleted || status is "canceled" or "incomplete_expired",
                LastStamp = stamp,
            });
    }

    private static DateTimeOffset? PeriodEnd(JsonElement? subscription) => OfPeriod(subscription, "current_period_end");

    /// <summary>The period moved from the subscription to its items in API version 2025-03-31.</summary>
    private static DateTimeOffset? OfPeriod(JsonElement? subscription, string member) =>
        subscription.Member(member).Time() ?? subscription.Member("items", "data").Items().Select(item => item.Member(member).Time()).Max();

    private static BillingFact? InvoicePaid(JsonElement? invoice, BillingCatalog catalog, Stamp stamp)
    {
        if (IsOneOff(invoice))
        {
            return null;
        }

        var lines = invoice.Member("lines", "data").Items().ToList();
        var line = PeriodLine(lines);
        // An invoice without lines pays for the running month; one with nothing but adjustments pays for no period.
        var start = line.Member("period", "start").Time() ?? (lines.Count == 0 ? MonthOf(stamp.ReceivedAt) : null);
        var end = line.Member("period", "end").Time();
        var tier = catalog.TierOfPrice(PriceOf(line));
        return InvoiceFact(invoice, new EntitlementState
        {
            InvoicedTier = tier is { } known ? Registers.About(start, known, stamp) : null,
            Standing = Registers.About(start, new StandingStatement(Standing.Active), stamp),
            PeriodStart = start is { } from ? Registers.About(start, from, stamp) : null,
            PeriodEnd = start is not null ? Registers.About<DateTimeOffset?>(start, end, stamp) : null,
            PaidPeriodStart = start,
            Activated = true,
            ActivatedAt = stamp.Time,
            LastStamp = stamp,
        });
    }

    private static BillingFact? InvoiceFailed(JsonElement? invoice, Stamp stamp)
    {
        if (IsOneOff(invoice))
        {
            return null;
        }

        var start = PeriodStart(invoice);
        return InvoiceFact(invoice, new EntitlementState
        {
            Standing = Registers.About(start, new StandingStatement(Standing.PastDue), stamp),
            LastStamp = stamp,
        });
    }

    private static BillingFact InvoiceFact(JsonElement? invoice, EntitlementState statement)
    {
        var details = invoice.Member("parent", "subscription_details");
        var metadata = details.Member("metadata") ?? invoice.Member("subscription_details", "metadata");
        return Fact(invoice.Member("customer").Id(), SubscriptionOf(invoice) ?? "", Hint(metadata), statement);
    }

    /// <summary>The charge whose money the person or the bank has got back in full, or of which the bank has given it back.</summary>
    private static JsonElement? MovedCharge(JsonElement? document)
    {
        var subject = document.Member("data", "object");
        return document.Member("type").Text() switch
        {
            ChargeRefunded => IsWhole(subject) ? subject : null,
            DisputeCreated when subject.Member("status").Text()?.StartsWith(Inquiry, StringComparison.Ordinal) == true => null,
            DisputeClosed when subject.Member("status").Text() != Won => null,
            DisputeCreated or FundsWithdrawn or DisputeClosed => subject.Member("charge"),
            _ => null,
        };
    }

    private static bool IsWhole(JsonElement? charge) =>
        charge.Member("refunded").Flag() == true
        || (charge.Member("amount").Number() is { } amount && charge.Member("amount_refunded").Number() >= amount);

    /// <summary>
    /// With its invoice a charge tells the period that it paid. That says nothing about which subscription is the latest, so it
    /// leaves no stamp. Without one the charge's own time has to tell, for whatever the customer had then.
    /// </summary>
    private static BillingFact? ChargeMoved(string type, JsonElement? charge, Stamp stamp)
    {
        if (charge.Member("customer").Id() is not { } customer)
        {
            return null;
        }

        if (charge.Member("invoice") is { ValueKind: JsonValueKind.Object } invoice)
        {
            return BilledPeriod(invoice) is { } billed
                ? Fact(customer, billed.Subscription, [], Moved(billed.Start))
                : null;
        }

        return Fact(customer, "", [], Moved(charge.Member("created").Time() ?? stamp.Time) with { LastStamp = stamp });

        EntitlementState Moved(DateTimeOffset chargedAt) => type switch
        {
            ChargeRefunded => new() { RefundedChargeAt = chargedAt },
            DisputeClosed => new() { WonChargeAt = chargedAt },
            _ => new() { DisputedChargeAt = chargedAt },
        };
    }

    private static BillingFact Fact(string? customer, string subscription, IReadOnlyList<Guid> users, EntitlementState statement) =>
        new(BillingSource.Stripe, customer, subscription, users, LinksUser: false, Sandbox: false, TransferTo: null, statement);

    private static string? SubscriptionOf(JsonElement? subject) =>
        subject.Member("object").Text() == "subscription"
            ? subject.Id()
            : subject.Member("subscription").Id() ?? subject.Member("parent", "subscription_details", "subscription").Id();

    /// <summary>The line that bills the period itself: adjustments after a change of plan carry a part of a period.</summary>
    private static JsonElement? PeriodLine(List<JsonElement?> lines) => lines.Find(line => !IsAdjustment(line));

    private static DateTimeOffset? PeriodStart(JsonElement? invoice) =>
        PeriodLine([.. invoice.Member("lines", "data").Items()]).Member("period", "start").Time();

    private static bool IsAdjustment(JsonElement? line) =>
        (line.Member("proration") ?? line.Member("parent", "subscription_item_details", "proration")
            ?? line.Member("parent", "invoice_item_details", "proration")) is { ValueKind: JsonValueKind.True };

    private static bool IsOneOff(JsonElement? invoice) =>
        SubscriptionOf(invoice) is null && invoice.Member("billing_reason").Text() == "manual";

    private static string? PriceOf(JsonElement? holder) =>
        holder.Member("price").Id() ?? holder.Member("pricing", "price_details", "price").Id() ?? holder.Member("plan").Id();

    private static IReadOnlyList<Guid> Hint(JsonElement? metadata) => metadata.Member("user_id").Uuid() is { } user ? [user] : [];

    private static Register<Tier>? TierRegister(Tier? tier, Stamp stamp) => tier is { } known ? new(known, stamp) : null;

    private static DateTimeOffset MonthOf(DateTimeOffset time) => new(time.Year, time.Month, 1, 0, 0, 0, TimeSpan.Zero);
}
