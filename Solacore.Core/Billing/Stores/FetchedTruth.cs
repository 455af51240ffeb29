using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Solacore.Core.Billing.Stores;

/// <summary>
/// What a store answered when it was asked, in the form of an event. It goes through the inbox like everything else that
/// a store says: stored before it is applied, in line with the customer's other events, and afterwards the evidence for
/// the change it made. Only answers that change something take that way.
/// </summary>
public static class FetchedTruth
{
    /// <summary>Type of answers about what a person has; the cause that the history of a plan names.</summary>
    public const string EventType = "solacore.fetched";

    /// <summary>
    /// A store's state may lag behind a renewal. So long after the end of a period that was to renew, the answer says nothing.
    /// </summary>
    private static readonly TimeSpan RenewalLag = TimeSpan.FromDays(1);

    private static readonly string[] Possessions = ["entitlements", "subscriptions", "non_subscriptions"];

    /// <summary>After every change that Stripe reports for the same second: the answer was given later.</summary>
    private const string StripeForm = "customer.subscription.updated";

    /// <summary>An answer of <c>GET /v1/subscriptions/{id}</c>, or one element of the list.</summary>
    public static byte[] OfStripe(StripeObject subscription) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        id = NewId(subscription.Id),
        @object = "event",
        type = EventType,
        created = (subscription.At.ToUnixTimeMilliseconds() + 999) / 1000,
        data = new { @object = subscription.Body },
    });

    /// <summary>
    /// An answer of <c>GET /v1/charges/{id}</c>, as the refund or the dispute that Stripe would have sent with the charge and its
    /// invoice in full: it keeps that event's type and time, because it is its content that was missing. Of both only what is read
    /// is kept; the rest is names, addresses and cards. However often a charge is asked for because of such an event, the inbox
    /// takes the answer once.
    /// </summary>
    /// <param name="invoice">What the charge paid; null when that is no invoice.</param>
    /// <returns>Null for a charge that has paid for no period of a plan.</returns>
    public static byte[]? OfCharge(FetchStripeCharge question, StripeObject charge, StripeObject? invoice)
    {
        JsonElement? body = charge.Body;
        var billed = StripeEventReader.BilledPeriod(invoice?.Body);
        if (body.Member("customer").Id() is not { } customer
            || body.Member("created").Time() is not { } chargedAt
            || (billed is null && body.Member("payment_intent") is not null))
        {
            return null;
        }

        var kept = new JsonObject
        {
            ["id"] = question.ChargeId,
            ["object"] = "charge",
            ["customer"] = customer,
            ["created"] = chargedAt.ToUnixTimeSeconds(),
        };
        if (billed is var (subscription, start))
        {
            kept["invoice"] = JsonSerializer.SerializeToNode(new
            {
                @object = "invoice",
                subscription,
                lines = new { data = new[] { new { period = new { start = start.ToUnixTimeSeconds() } } } },
            });
        }

        if (question.IsRefund)
        {
            kept["refunded"] = true;
        }

        var (type, subject) = question switch
        {
            { IsRefund: true } => (StripeEventReader.ChargeRefunded, kept),
            { IsWon: true } => (StripeEventReader.DisputeClosed, new JsonObject { ["object"] = "dispute", ["status"] = StripeEventReader.Won, ["charge"] = kept }),
            _ => (StripeEventReader.DisputeCreated, new JsonObject { ["object"] = "dispute", ["charge"] = kept }),
        };
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            id = $"fetched:{question.ChargeId}:{type}",
            @object = "event",
            type,
            created = question.MovedAt.ToUnixTimeSeconds(),
            data = new { @object = subject },
        });
    }

    /// <summary>The same where Stripe cannot be asked any further: what the event told has to do.</summary>
    public static byte[]? OfCharge(FetchStripeCharge question) => question is { CustomerId: { } customer, ChargedAt: { } at }
        ? OfCharge(question, new(JsonSerializer.SerializeToElement(new { customer, created = at.ToUnixTimeSeconds() }), at, at), invoice: null)
        : null;

    /// <summary>An answer of RevenueCat's <c>GET /v1/subscribers/{app_user_id}</c>.</summary>
    public static byte[] OfRevenueCat(Guid userId, RevenueCatSubscriber subscriber) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        @event = new
        {
            id = NewId(userId.ToString()),
            type = EventType,
            app_user_id = userId,
            event_timestamp_ms = subscriber.At.ToUnixTimeMilliseconds(),
            subscriber = subscriber.Body,
        },
    });

    /// <summary>Whether a stored event is such an answer. RevenueCat's types are stored in capitals.</summary>
    public static bool Is(string eventType) => string.Equals(eventType, EventType, StringComparison.OrdinalIgnoreCase);

    /// <summary>What the answer says; null when it says nothing about what a person has paid for.</summary>
    /// <param name="source">Whose answer it is.</param>
    /// <param name="root">The event made of it.</param>
    /// <param name="options">Prices, entitlements, and whether test purchases count.</param>
    /// <param name="eventId">Id under which the event is stored.</param>
    /// <param name="receivedAt">When it was stored.</param>
    public static BillingFact? Read(BillingSource source, JsonElement root, BillingOptions options, string eventId, DateTimeOffset receivedAt)
    {
        if (source == BillingSource.RevenueCat)
        {
            return ReadSubscriber(((JsonElement?)root).Member("event"), options, eventId, receivedAt);
        }

        JsonElement? answer = root;
        using var change = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(new
        {
            type = StripeForm,
            created = answer.Member("created"),
            data = answer.Member("data"),
        }));
        return StripeEventReader.Read(change.RootElement, options.Catalog, eventId, receivedAt);
    }

    /// <summary>
    /// The API names the product and the latest transaction of a purchase, not the first one by which events name it. So
    /// the answer is about the person as a whole and holds for each of their purchases until a later event says more.
    /// </summary>
    private static BillingFact? ReadSubscriber(JsonElement? answer, BillingOptions options, string eventId, DateTimeOffset receivedAt)
    {
        if (answer.Member("app_user_id").Uuid() is not { } user)
        {
            return null;
        }

        var subscriber = answer.Member("subscriber");
        var at = answer.Member("event_timestamp_ms").Time() ?? receivedAt;
        var stamp = new Stamp(at, 0, receivedAt, eventId);
        var bought = Purchases(subscriber, options).OrderByDescending(p => p.IsAlive(at) ? p.Tier : Tier.Free)
            .ThenByDescending(p => p.End ?? DateTimeOffset.MaxValue).FirstOrDefault();
        if (bought is null)
        {
            // Something that is none of ours is a matter of configuration, and no reason to take anything away.
            return OwnsNothing(subscriber)
                ? Fact(user, new EntitlementState { Standing = Registers.About(null, new StandingStatement(Standing.Expired), stamp), LastStamp = stamp })
                : null;
        }

        if (!bought.IsAlive(at) && bought is { IsRefunded: false, Unsubscribed: false } && bought.End + RenewalLag > at)
        {
            return null;
        }

        return Fact(user, new EntitlementState
        {
            StatedTier = new(bought.Tier, stamp),
            Standing = Registers.About(null, bought.StandingAt(at), stamp),
            PeriodStart = bought.Start is { } start ? Registers.About(start, start, stamp) : null,
            PeriodEnd = Registers.About(bought.Start, bought.End, stamp),
            Cancellation = new(new(bought.IsAlive(at) && bought.Unsubscribed && bought.End is not null), stamp),
            Activated = true,
            LastStamp = stamp,
        });
    }

    private static IEnumerable<Purchase> Purchases(JsonElement? subscriber, BillingOptions options)
    {
        foreach (var name in new[] { options.Catalog.RevenueCatPro, options.Catalog.RevenueCatStandard })
        {
            var entitlement = subscriber.Member("entitlements", name);
            if (entitlement is null)
            {
                continue;
            }

            var product = entitlement.Member("product_identifier").Text() ?? "";
            var subscription = subscriber.Member("subscriptions", product)
                ?? subscriber.Member("subscriptions", $"{product}:{entitlement.Member("product_plan_identifier").Text()}");
            var bought = subscription ?? subscriber.Member("non_subscriptions", product).Items().LastOrDefault();
            if (bought.Member("is_sandbox").Flag() == true && !options.AcceptSandbox)
            {
                continue;
            }

            var owesMoney = subscription.Member("billing_issues_detected_at").Time() is not null;
            yield return new Purchase(
                options.Catalog.TierOfEntitlements([name]),
                entitlement.Member("purchase_date").Time(),
                entitlement.Member("expires_date").Time(),
                entitlement.Member("grace_period_expires_date").Time(),
                owesMoney,
                // While a payment is owed the store stops by itself; what is no subscription ends with its period.
                Unsubscribed: subscription is null || (!owesMoney && subscription.Member("unsubscribe_detected_at").Time() is not null),
                IsRefunded: bought.Member("refunded_at").Time() is not null);
        }
    }

    private static bool OwnsNothing(JsonElement? subscriber) =>
        Possessions.All(member =>
            subscriber.Member(member) is { ValueKind: JsonValueKind.Object } owned && !owned.EnumerateObject().Any());

    private static BillingFact Fact(Guid user, EntitlementState statement) =>
        new(BillingSource.RevenueCat, CustomerId: null, SubscriptionId: "", [user], LinksUser: false, Sandbox: false, TransferTo: null, statement);

    private static string NewId(string subject) =>
        string.Create(CultureInfo.InvariantCulture, $"fetched:{subject}:{Guid.CreateVersion7():n}");

    private sealed record Purchase(
        Tier Tier, DateTimeOffset? Start, DateTimeOffset? End, DateTimeOffset? Grace, bool OwesMoney, bool Unsubscribed, bool IsRefunded)
    {
        public bool IsAlive(DateTimeOffset at) => !IsRefunded && (End is null || End > at || Grace > at);

        public StandingStatement StandingAt(DateTimeOffset at) => IsRefunded ? new(Standing.Refunded)
            : !IsAlive(at) ? new(Standing.Expired)
            : OwesMoney ? new(Standing.PastDue, Grace)
            : new(Standing.Active);
    }
}
