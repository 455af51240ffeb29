using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Solacore.Core;
using Solacore.Core.Billing;

namespace Solacore.Tests.Billing;

/// <summary>
/// Plays the life of one customer at both stores: keeps the plain truth of what the customer has, and collects the
/// events that the stores send about it, in the shapes of several API versions.
/// </summary>
internal sealed class CustomerLife
{
    public static readonly BillingCatalog Catalog = new(
        new Dictionary<string, Tier>(StringComparer.Ordinal) { ["price_standard"] = Tier.Standard, ["price_pro"] = Tier.Pro },
        "pro_access",
        "standard_access");

    public static readonly Guid User = new("0198c0de-0000-7000-8000-000000000001");
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);
    private static readonly TimeSpan Grace = TimeSpan.FromDays(16);

    private readonly List<Purchase> _purchases = [];
    private readonly bool _subscriptionEvents;
    private readonly Guid _buyer;
    private readonly string _name;
    private int _shape;

    /// <param name="choices">One number per step; each picks among what the customer can do at that point.</param>
    /// <param name="subscriptionEvents">Whether Stripe sends <c>customer.subscription.created</c> and <c>updated</c> too.</param>
    /// <param name="buyer">The user; <see cref="User"/> when null.</param>
    /// <param name="name">Part of every id, so that several lives fit into one database.</param>
    public CustomerLife(IEnumerable<int> choices, bool subscriptionEvents, Guid? buyer = null, string name = "1")
    {
        _subscriptionEvents = subscriptionEvents;
        _buyer = buyer ?? User;
        _name = name;
        foreach (var choice in choices)
        {
            Step(choice);
        }

        Now += TimeSpan.FromHours(1);
    }

    public DateTimeOffset Now { get; private set; } = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    public List<LifeEvent> Events { get; } = [];

    /// <summary>What the customer has at the end, told without looking at any event.</summary>
    public (Tier Tier, PlanStatus Status, DateTimeOffset? End, bool Cancels) Truth()
    {
        var alive = _purchases.Where(p => p.IsAlive(Now)).OrderByDescending(p => p.Tier).ThenByDescending(p => p.End).FirstOrDefault();
        if (alive is not null)
        {
            return (alive.Tier, alive.PastDue ? PlanStatus.PastDue : PlanStatus.Active, alive.End, alive.Cancels);
        }

        var last = _purchases.OrderByDescending(p => p.LastEventAt).FirstOrDefault();
        if (last is null)
        {
            return (Tier.Free, PlanStatus.Active, null, false);
        }

        if (last.Unpaid)
        {
            return (Tier.Free, PlanStatus.PastDue, last.End, last.Cancels);
        }

        return last.Source == BillingSource.Stripe ? (Tier.Free, PlanStatus.Canceled, null, false) : (Tier.Free, PlanStatus.Expired, last.End, false);
    }

    /// <summary>The plan after the events arrived in the given order.</summary>
    public Plan PlanAfter(IEnumerable<LifeEvent> arrivals) => PlanAfter(arrivals, Now);

    /// <summary>The same, looked at later.</summary>
    public Plan PlanAfter(IEnumerable<LifeEvent> arrivals, DateTimeOffset at)
    {
        var rows = new Dictionary<(BillingSource, string?, string), EntitlementState>();
        var receivedAt = Now;
        foreach (var arrival in arrivals)
        {
            receivedAt += TimeSpan.FromMilliseconds(1);
            if (arrival.Read(receivedAt) is not { } fact)
            {
                continue;
            }

            var key = (fact.Source, fact.CustomerId, fact.SubscriptionId);
            rows[key] = EntitlementState.Join(rows.GetValueOrDefault(key, EntitlementState.Nothing), fact.Statement);
        }

        return PlanRules.Compute([.. rows.Select(r => new StoreSubscription(r.Key.Item1, r.Key.Item2, r.Key.Item3, r.Value))], at);
    }

    private void Step(int choice)
    {
        _shape = choice;
        Now += TimeSpan.FromHours(5) + TimeSpan.FromMinutes(choice % 600);
        // Stripe tells whole seconds; the app stores' events of the step before moved the clock by milliseconds.
        Now -= TimeSpan.FromTicks(Now.Ticks % TimeSpan.TicksPerSecond);
        var possible = Possible().ToList();
        possible[choice % possible.Count]();
    }

    private IEnumerable<Action> Possible()
    {
        var stripe = _purchases.LastOrDefault(p => p.Source == BillingSource.Stripe);
        if (stripe is null or { Ended: true })
        {
            yield return () => StripeBuy(Tier.Standard);
            yield return () => StripeBuy(Tier.Pro);
        }
        else
        {
            yield return () => StripeDelete(stripe);
            yield return () => StripeRefund(stripe);
            if (stripe.Disputed)
            {
                yield return () => StripeWinDispute(stripe);
            }

            if (!stripe.Cancels && !stripe.PastDue && !stripe.Unpaid)
            {
                yield return () => StripeRenew(stripe);
            }

            if (_subscriptionEvents)
            {
                if (!stripe.Cancels && !stripe.Unpaid)
                {
                    yield return () => StripeFail(stripe);
                }

                if (stripe.PastDue && !stripe.Unpaid)
                {
                    yield return () => StripeGiveUp(stripe);
                }

                if (stripe.PastDue || stripe.Unpaid)
                {
                    yield return () => StripeRecover(stripe);
                }

                if (stripe.OldInvoice is not null)
                {
                    yield return () => StripePayOldInvoice(stripe);
                }

                if (stripe is { PastDue: false, Unpaid: false, Refunded: false, Disputed: false })
                {
                    yield return () => StripeChange(stripe, stripe.Tier == Tier.Pro ? Tier.Standard : Tier.Pro, stripe.Cancels);
                    if (Now < stripe.End)
                    {
                        yield return () => StripeChange(stripe, stripe.Tier, !stripe.Cancels);
                    }
                }
            }
        }

        var store = _purchases.LastOrDefault(p => p.Source == BillingSource.RevenueCat);
        if (store is null or { Ended: true })
        {
            yield return () => StoreBuy("INITIAL_PURCHASE", new Purchase(BillingSource.RevenueCat, Id("tx"), Tier.Standard));
            yield return () => StoreBuy("INITIAL_PURCHASE", new Purchase(BillingSource.RevenueCat, Id("tx"), Tier.Pro));
            if (store is not null)
            {
                yield return () => StoreBuy("RENEWAL", store);
            }

            if (store is { Refunded: true })
            {
                yield return () => StoreRefundReversed(store);
            }
        }
        else
        {
            yield return () => StoreExpire(store);
            yield return () => StoreRefund(store);
            yield return () => StoreBillingIssue(store, Grace);
            yield return () => StoreBillingIssue(store, grace: null);
            if (!store.Cancels)
            {
                yield return () => StoreBuy("RENEWAL", store);
            }

            yield return () => StoreChange(store);
            if (Now < store.End)
            {
                yield return () => StoreCancel(store, !store.Cancels);
            }
        }
    }

    private void StripeBuy(Tier tier)
    {
        var p = new Purchase(BillingSource.Stripe, Id("sub"), tier) { Start = Now, End = Now + Month };
        _purchases.Add(p);
        Stripe(p, "customer.subscription.created", Subscription(p, "incomplete"));
        Stripe(p, "checkout.session.completed", new
        {
            @object = "checkout.session",
            mode = "subscription",
            payment_status = "paid",
            customer = Expandable("cus_" + _name),
            subscription = Expandable(p.Id),
            client_reference_id = _buyer.ToString(),
            metadata = new { user_id = _buyer.ToString(), price_id = PriceId(tier) },
        });
        Stripe(p, "invoice.paid", Invoice(p, p.Start, p.End, "subscription_create"));
        Stripe(p, "customer.subscription.updated", Subscription(p, "active"));
    }

    private void StripeRenew(Purchase p)
    {
        NextPeriod(p);
        Stripe(p, "invoice.paid", Invoice(p, p.Start, p.End, "subscription_cycle"));
        Stripe(p, "customer.subscription.updated", Subscription(p, "active"));
    }

    private void StripeFail(Purchase p)
    {
        if (p.PastDue)
        {
            p.OldInvoice = (p.Start, p.End);
        }

        NextPeriod(p);
        p.PastDue = true;
        Stripe(p, "customer.subscription.updated", Subscription(p, "past_due"));
        Stripe(p, "invoice.payment_failed", Invoice(p, p.Start, p.End, "subscription_cycle"));
    }

    private void StripePayOldInvoice(Purchase p)
    {
        Stripe(p, "invoice.paid", Invoice(p, p.OldInvoice!.Value.Start, p.OldInvoice.Value.End, "subscription_cycle"));
        p.OldInvoice = null;
    }

    private void StripeRecover(Purchase p)
    {
        p.PastDue = p.Unpaid = false;
        Stripe(p, "invoice.paid", Invoice(p, p.Start, p.End, "subscription_cycle"));
        Stripe(p, "customer.subscription.updated", Subscription(p, "active"));
    }

    private void StripeGiveUp(Purchase p)
    {
        p.Unpaid = true;
        Stripe(p, "customer.subscription.updated", Subscription(p, "unpaid"));
    }

    private void StripeChange(Purchase p, Tier tier, bool cancels)
    {
        var upgraded = tier != p.Tier;
        p.Tier = tier;
        p.Cancels = cancels;
        Stripe(p, "customer.subscription.updated", Subscription(p, "active"));
        if (upgraded)
        {
            Stripe(p, "invoice.paid", Invoice(p, Now, p.End, "subscription_update"));
        }
    }

    private void StripeRefund(Purchase p)
    {
        var isDispute = _shape % 5 >= 3 && !p.WonDispute;
        var isOfPeriod = p is { PastDue: false, Unpaid: false };
        p.Refunded |= isOfPeriod && !isDispute;
        p.Disputed |= isOfPeriod && isDispute;
        var charge = Charge(isOfPeriod ? p.Start : p.Start - Month);
        if (isDispute)
        {
            Stripe(p, _shape % 5 == 3 ? "charge.dispute.created" : "charge.dispute.funds_withdrawn", new { @object = "dispute", charge });
        }
        else
        {
            Stripe(p, "charge.refunded", charge);
        }
    }

    private void StripeWinDispute(Purchase p)
    {
        (p.Disputed, p.WonDispute) = (false, true);
        Stripe(p, "charge.dispute.closed", new { @object = "dispute", status = "won", charge = Charge(p.Start) });
    }

    private object Charge(DateTimeOffset periodStart) => new
    {
        @object = "charge",
        customer = Expandable("cus_" + _name),
        refunded = true,
        created = (periodStart + TimeSpan.FromSeconds(3)).ToUnixTimeSeconds(),
    };

    private void StripeDelete(Purchase p)
    {
        p.Ended = true;
        p.PastDue = p.Unpaid = false;
        Stripe(p, "customer.subscription.deleted", Subscription(p, "canceled"));
    }

    private void StoreBuy(string type, Purchase p)
    {
        if (!_purchases.Contains(p))
        {
            _purchases.Add(p);
        }

        if (p.Ended)
        {
            p.Cancels = false;
        }

        p.Ended = p.Refunded = p.PastDue = false;
        p.GraceEnd = null;
        p.Start = Now;
        p.End = Now + Month;
        Store(p, type, new { entitlement_ids = new[] { EntitlementId(p.Tier) } });
    }

    private void StoreBillingIssue(Purchase p, TimeSpan? grace)
    {
        p.PastDue = true;
        p.GraceEnd = Now + grace;
        Store(p, "CANCELLATION", new { cancel_reason = "BILLING_ERROR", price = 4.99 });
        Store(p, "BILLING_ISSUE", new { grace_period_expiration_at_ms = p.GraceEnd?.ToUnixTimeMilliseconds() });
    }

    private void StoreCancel(Purchase p, bool cancels)
    {
        p.Cancels = cancels;
        Store(p, cancels ? "CANCELLATION" : "UNCANCELLATION", new { cancel_reason = cancels ? "UNSUBSCRIBE" : null });
    }

    private void StoreChange(Purchase p)
    {
        p.Tier = p.Tier == Tier.Pro ? Tier.Standard : Tier.Pro;
        Store(p, "PRODUCT_CHANGE", new { entitlement_ids = new[] { EntitlementId(p.Tier) } });
    }

    private void StoreRefund(Purchase p)
    {
        p.Ended = p.Refunded = true;
        p.End = Now;
        Store(p, "CANCELLATION", new { cancel_reason = "CUSTOMER_SUPPORT", price = -4.99 });
    }

    private void StoreRefundReversed(Purchase p)
    {
        p.Ended = p.Refunded = p.Cancels = p.PastDue = false;
        p.End = p.Start + Month;
        Store(p, "REFUND_REVERSED", new { entitlement_ids = new[] { EntitlementId(p.Tier) } });
    }

    private void StoreExpire(Purchase p)
    {
        p.Ended = true;
        p.Refunded = p.Cancels = p.PastDue = false;
        Store(p, "EXPIRATION", new { expiration_reason = "UNSUBSCRIBE" });
    }

    private void NextPeriod(Purchase p)
    {
        Now = Now > p.End ? Now : p.End;
        p.Start = Now;
        p.End = Now + Month;
        p.Refunded = p.Disputed = p.WonDispute = false;
    }

    private object Subscription(Purchase p, string status)
    {
        var item = new
        {
            price = new { id = PriceId(p.Tier) },
            current_period_start = _shape % 2 == 0 ? p.Start.ToUnixTimeSeconds() : (long?)null,
            current_period_end = _shape % 2 == 0 ? p.End.ToUnixTimeSeconds() : (long?)null,
        };
        return new
        {
            id = p.Id,
            @object = "subscription",
            customer = Expandable("cus_" + _name),
            status,
            cancel_at_period_end = p.Cancels,
            current_period_start = _shape % 2 == 1 ? p.Start.ToUnixTimeSeconds() : (long?)null,
            current_period_end = _shape % 2 == 1 ? p.End.ToUnixTimeSeconds() : (long?)null,
            items = new { data = new[] { item } },
        };
    }

    private object Invoice(Purchase p, DateTimeOffset start, DateTimeOffset end, string reason)
    {
        var period = new { start = start.ToUnixTimeSeconds(), end = end.ToUnixTimeSeconds() };
        var adjusts = reason == "subscription_update";
        return _shape % 2 == 0
            ? new
            {
                @object = "invoice",
                customer = Expandable("cus_" + _name),
                billing_reason = reason,
                parent = new { subscription_details = new { subscription = Expandable(p.Id) } },
                lines = new
                {
                    data = new[]
                    {
                        new
                        {
                            period,
                            pricing = new { price_details = new { price = PriceId(p.Tier) } },
                            parent = new { subscription_item_details = new { proration = adjusts } },
                        },
                    },
                },
            }
            : new
            {
                @object = "invoice",
                customer = Expandable("cus_" + _name),
                billing_reason = reason,
                subscription = Expandable(p.Id),
                lines = new { data = new[] { new { period, price = new { id = PriceId(p.Tier) }, proration = adjusts } } },
            };
    }

    private JsonNode Expandable(string id) => _shape % 3 == 0 ? new JsonObject { ["id"] = id } : JsonValue.Create(id);

    private void Stripe(Purchase p, string type, object subject)
    {
        if (!type.StartsWith("charge.", StringComparison.Ordinal))
        {
            p.LastEventAt = Now;
        }

        if (!_subscriptionEvents && type is "customer.subscription.created" or "customer.subscription.updated")
        {
            return;
        }

        var id = Id("evt");
        Events.Add(new(id, StripeEventReader.Read, JsonSerializer.SerializeToElement(new { id, type, created = Now.ToUnixTimeSeconds(), data = new { @object = subject } })));
    }

    private void Store(Purchase p, string type, object more)
    {
        p.LastEventAt = Now;
        var id = Id("rc");
        var body = JsonSerializer.SerializeToNode(new
        {
            id,
            type,
            app_user_id = _buyer.ToString(),
            original_transaction_id = p.Id,
            event_timestamp_ms = Now.ToUnixTimeMilliseconds(),
            purchased_at_ms = p.Start.ToUnixTimeMilliseconds(),
            expiration_at_ms = p.End.ToUnixTimeMilliseconds(),
        })!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(more)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        object document = _shape % 2 == 0 ? body : new { api_version = "1.0", @event = body };
        Events.Add(new(id, RevenueCatEventReader.Read, JsonSerializer.SerializeToElement(document)));
        Now += TimeSpan.FromMilliseconds(1);
    }

    private string Id(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind}_{_name}_{Events.Count + _purchases.Count * 1000}");

    private static string PriceId(Tier tier) => "price_" + tier.Name();

    private static string EntitlementId(Tier tier) => tier.Name() + "_access";

    private sealed class Purchase(BillingSource source, string id, Tier tier)
    {
        public BillingSource Source { get; } = source;
        public string Id { get; } = id;
        public Tier Tier { get; set; } = tier;
        public DateTimeOffset Start { get; set; }
        public DateTimeOffset End { get; set; }
        public DateTimeOffset? GraceEnd { get; set; }
        public DateTimeOffset LastEventAt { get; set; }
        public (DateTimeOffset Start, DateTimeOffset End)? OldInvoice { get; set; }
        public bool PastDue { get; set; }
        public bool Unpaid { get; set; }
        public bool Cancels { get; set; }
        public bool Refunded { get; set; }
        public bool Disputed { get; set; }
        public bool WonDispute { get; set; }
        public bool Ended { get; set; }

        public bool IsAlive(DateTimeOffset now)
        {
            if (Ended || Refunded || Disputed || Unpaid)
            {
                return false;
            }

            if (PastDue && GraceEnd is { } grace)
            {
                return now < grace || now < End;
            }

            return !Cancels || now < End;
        }
    }
}

/// <summary>One event of a life and the function that reads it.</summary>
internal sealed record LifeEvent(string Id, Func<JsonElement, BillingCatalog, string, DateTimeOffset, BillingFact?> Reader, JsonElement Body)
{
    public override string ToString() => Body.GetRawText();

    public BillingFact? Read(DateTimeOffset receivedAt) => Reader(Body, CustomerLife.Catalog, Id, receivedAt);
}
