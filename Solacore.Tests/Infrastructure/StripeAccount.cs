using System.Globalization;
using System.Text.Json.Nodes;

namespace Solacore.Tests.Infrastructure;

/// <summary>
/// What Stripe keeps for one merchant. What people do on Stripe's pages is done by the methods; each change makes events as
/// Stripe makes them, to be delivered by the test or not.
/// </summary>
public sealed class StripeAccount
{
    // Of all stand-ins, because tests share databases in which ids are unique.
    private static int _ids;

    private readonly Dictionary<string, List<JsonObject>> _objects = new(StringComparer.Ordinal)
    {
        ["customer"] = [],
        ["checkout.session"] = [],
        ["billing_portal.session"] = [],
        ["subscription"] = [],
        ["invoice"] = [],
        ["invoice_payment"] = [],
        ["charge"] = [],
        ["dispute"] = [],
        ["event"] = [],
    };

    private readonly HashSet<string> _delivered = new(StringComparer.Ordinal);

    /// <summary>Held over everything that reads or changes objects and is not a method for tests.</summary>
    public Lock Lock { get; } = new();

    /// <summary>Ids of the subscriptions of a customer that are not canceled.</summary>
    public IReadOnlyList<string> LiveSubscriptions(string customer) =>
        [.. All("subscription").Where(s => Text(s, "customer") == customer && Text(s, "status") != "canceled").Select(s => Text(s, "id")!)];

    /// <summary>A copy of every object of a kind, newest first; kinds are named as in the member <c>object</c>.</summary>
    public IReadOnlyList<JsonObject> All(string kind)
    {
        lock (Lock)
        {
            return [.. _objects[kind].AsEnumerable().Reverse().Select(Copy)];
        }
    }

    /// <summary>The person pays on the page of a checkout session.</summary>
    /// <returns>The new subscription, and the events in Stripe's order.</returns>
    public (string Subscription, IReadOnlyList<JsonObject> Events) Pay(string session)
    {
        lock (Lock)
        {
            var page = Find("checkout.session", session) ?? throw new ArgumentException("There is no such session.", nameof(session));
            if (Text(page, "status") != "open")
            {
                throw new InvalidOperationException($"The page is {Text(page, "status")}.");
            }

            var customer = Text(page, "customer")!;
            var subscription = AddSubscription(customer, Text(page, "_price")!, (JsonObject)page["_subscription_metadata"]!.DeepClone());
            var invoice = AddInvoice(subscription, "subscription_create", paid: true);
            page["status"] = "complete";
            page["payment_status"] = "paid";
            page["subscription"] = Text(subscription, "id");
            return (Text(subscription, "id")!,
            [
                AddEvent("customer.subscription.created", subscription),
                AddEvent("invoice.paid", invoice),
                AddEvent("checkout.session.completed", page),
            ]);
        }
    }

    /// <summary>A subscription that was made without a checkout, with the event about it.</summary>
    public (string Subscription, JsonObject Event) Subscribe(string customer, string price)
    {
        lock (Lock)
        {
            var subscription = AddSubscription(customer, price, []);
            return (Text(subscription, "id")!, AddEvent("customer.subscription.created", subscription));
        }
    }

    /// <summary>Something happens to a subscription, at the portal or by time.</summary>
    /// <returns>The event about it.</returns>
    public JsonObject Change(string subscription, Action<JsonObject> change)
    {
        lock (Lock)
        {
            var changed = Find("subscription", subscription)!;
            change(changed);
            return AddEvent(Text(changed, "status") == "canceled" ? "customer.subscription.deleted" : "customer.subscription.updated", changed);
        }
    }

    /// <summary>The next period begins and is paid.</summary>
    public IReadOnlyList<JsonObject> Renew(string subscription)
    {
        lock (Lock)
        {
            var renewed = Find("subscription", subscription)!;
            var item = renewed["items"]!["data"]![0]!;
            var end = (long)item["current_period_end"]!;
            item["current_period_start"] = end;
            item["current_period_end"] = DateTimeOffset.FromUnixTimeSeconds(end).AddMonths(1).ToUnixTimeSeconds();
            return [AddEvent("customer.subscription.updated", renewed), AddEvent("invoice.paid", AddInvoice(renewed, "subscription_cycle", paid: true))];
        }
    }

    /// <summary>The subscription is changed in the middle of its period, and the difference is billed at once; the invoice's id.</summary>
    public string BillDifference(string subscription)
    {
        lock (Lock)
        {
            return Text(AddInvoice(Find("subscription", subscription)!, "subscription_update", paid: true), "id")!;
        }
    }

    /// <summary>A payment of a customer; its id.</summary>
    /// <param name="invoice">What it pays; null: a charge from before there were payment intents.</param>
    public string Charge(string? customer, DateTimeOffset at, string? invoice = null)
    {
        lock (Lock)
        {
            var charge = Add("charge", "ch_", new()
            {
                ["amount"] = 1200,
                ["amount_refunded"] = 0,
                ["billing_details"] = new JsonObject { ["name"] = "A Name", ["email"] = "name@example.org" },
                ["captured"] = true,
                ["currency"] = "usd",
                ["customer"] = customer,
                ["disputed"] = false,
                ["paid"] = true,
                ["refunded"] = false,
                ["status"] = "succeeded",
            });
            charge["created"] = at.ToUnixTimeSeconds();
            if (invoice is not null)
            {
                charge["payment_intent"] = "pi_" + NextId();
                Add("invoice_payment", "inpay_", new()
                {
                    ["invoice"] = invoice,
                    ["payment"] = new JsonObject { ["type"] = "payment_intent", ["payment_intent"] = Text(charge, "payment_intent") },
                    ["status"] = "paid",
                });
            }

            return Text(charge, "id")!;
        }
    }

    /// <summary>A charge is given back in full.</summary>
    /// <returns>The event about it.</returns>
    public JsonObject Refund(string charge)
    {
        lock (Lock)
        {
            var refunded = Find("charge", charge)!;
            refunded["refunded"] = true;
            refunded["amount_refunded"] = (int)refunded["amount"]!;
            return AddEvent("charge.refunded", refunded);
        }
    }

    /// <summary>The bank takes the money of a charge back.</summary>
    /// <returns>The event about it, which names the charge by its id alone.</returns>
    public JsonObject Dispute(string charge)
    {
        lock (Lock)
        {
            var disputed = Find("charge", charge);
            disputed?["disputed"] = true;
            return AddEvent("charge.dispute.created", Add("dispute", "dp_", new()
            {
                ["amount"] = 1200,
                ["charge"] = charge,
                ["currency"] = "usd",
                ["is_charge_refundable"] = false,
                ["livemode"] = false,
                ["metadata"] = new JsonObject(),
                ["payment_intent"] = null,
                ["reason"] = "fraudulent",
                ["status"] = "needs_response",
            }));
        }
    }

    /// <summary>A dispute ends.</summary>
    /// <param name="dispute">The event by which it began.</param>
    /// <param name="status">How: <c>won</c> or <c>lost</c>.</param>
    /// <returns>The event about it.</returns>
    public JsonObject Close(JsonObject dispute, string status)
    {
        lock (Lock)
        {
            var closed = Find("dispute", Text((JsonObject)dispute["data"]!["object"]!, "id")!)!;
            closed["status"] = status;
            return AddEvent("charge.dispute.closed", closed);
        }
    }

    /// <summary>Notes that an endpoint has taken an event: it leaves the list of what could not be delivered.</summary>
    public void Delivered(JsonObject @event)
    {
        lock (Lock)
        {
            _delivered.Add(Text(@event, "id")!);
        }
    }

    public bool IsDelivered(JsonObject @event) => _delivered.Contains(Text(@event, "id")!);

    /// <summary>Every object of a kind, oldest first; those that are kept, not copies.</summary>
    public List<JsonObject> Of(string kind) => _objects[kind];

    public bool Has(string kind) => _objects.ContainsKey(kind);

    /// <summary>A customer goes, and with it what it has subscribed to.</summary>
    public void Delete(JsonObject customer)
    {
        foreach (var subscription in _objects["subscription"].Where(s => Text(s, "customer") == Text(customer, "id") && Text(s, "status") != "canceled").ToList())
        {
            End(subscription);
        }

        _objects["customer"].Remove(customer);
        AddEvent("customer.deleted", customer);
    }

    public void End(JsonObject subscription)
    {
        subscription["status"] = "canceled";
        subscription["canceled_at"] = Now();
        subscription["ended_at"] = Now();
        AddEvent("customer.subscription.deleted", subscription);
    }

    private JsonObject AddSubscription(string customer, string price, JsonObject metadata)
    {
        var now = Now();
        return Add("subscription", "sub_", new()
        {
            ["customer"] = customer,
            ["status"] = "active",
            ["cancel_at_period_end"] = false,
            ["cancel_at"] = null,
            ["canceled_at"] = null,
            ["ended_at"] = null,
            ["latest_invoice"] = null,
            ["metadata"] = metadata,
            ["items"] = new JsonObject
            {
                ["object"] = "list",
                ["has_more"] = false,
                ["data"] = new JsonArray(new JsonObject
                {
                    ["id"] = "si_" + NextId(),
                    ["object"] = "subscription_item",
                    ["quantity"] = 1,
                    ["current_period_start"] = now,
                    ["current_period_end"] = DateTimeOffset.FromUnixTimeSeconds(now).AddMonths(1).ToUnixTimeSeconds(),
                    ["price"] = new JsonObject { ["id"] = price, ["object"] = "price", ["currency"] = "usd" },
                }),
            },
        });
    }

    private JsonObject AddInvoice(JsonObject subscription, string reason, bool paid)
    {
        var item = subscription["items"]!["data"]![0]!;
        var invoice = Add("invoice", "in_", new()
        {
            ["customer"] = Text(subscription, "customer"),
            ["status"] = paid ? "paid" : "open",
            ["billing_reason"] = reason,
            ["parent"] = new JsonObject
            {
                ["type"] = "subscription_details",
                ["subscription_details"] = new JsonObject { ["subscription"] = Text(subscription, "id"), ["metadata"] = subscription["metadata"]!.DeepClone() },
            },
            ["lines"] = new JsonObject
            {
                ["object"] = "list",
                ["has_more"] = false,
                ["data"] = new JsonArray(new JsonObject
                {
                    ["id"] = "il_" + NextId(),
                    ["object"] = "line_item",
                    ["period"] = new JsonObject { ["start"] = (long)item["current_period_start"]!, ["end"] = (long)item["current_period_end"]! },
                    ["parent"] = new JsonObject
                    {
                        ["type"] = "subscription_item_details",
                        ["subscription_item_details"] = new JsonObject { ["proration"] = reason == "subscription_update" },
                    },
                    ["pricing"] = new JsonObject { ["type"] = "price_details", ["price_details"] = new JsonObject { ["price"] = Text((JsonObject)item["price"]!, "id") } },
                }),
            },
        });
        subscription["latest_invoice"] = Text(invoice, "id");
        return invoice;
    }

    /// <summary>An event about an object; a copy.</summary>
    public JsonObject AddEvent(string type, JsonObject subject) => Copy(Add("event", "evt_", new()
    {
        ["type"] = type,
        ["api_version"] = Stripe.StripeConfiguration.ApiVersion,
        ["livemode"] = false,
        ["pending_webhooks"] = 1,
        ["data"] = new JsonObject { ["object"] = Copy(subject) },
    }));

    /// <summary>Adds an object; the one that is kept, not a copy.</summary>
    public JsonObject Add(string kind, string prefix, JsonObject members)
    {
        members.Insert(0, "id", prefix + NextId());
        members.Insert(1, "object", kind);
        members.Insert(2, "created", Now());
        _objects[kind].Add(members);
        return members;
    }

    /// <summary>The object that is kept, not a copy.</summary>
    public JsonObject? Find(string kind, string id) => _objects[kind].Find(o => Text(o, "id") == id);

    public static string NextId() => Interlocked.Increment(ref _ids).ToString("d8", CultureInfo.InvariantCulture);

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The object as it goes over the wire: without the members that only the stand-in knows.</summary>
    public static JsonObject Copy(JsonObject original)
    {
        var copy = (JsonObject)original.DeepClone();
        foreach (var own in copy.Select(member => member.Key).Where(name => name.StartsWith('_')).ToList())
        {
            copy.Remove(own);
        }

        return copy;
    }

    public static string? Text(JsonObject owner, string member) => (string?)owner[member];
}
