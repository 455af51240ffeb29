using System.Globalization;
using System.Text;
using Solacore.Core;
using Solacore.Core.Data;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

/// <summary>
/// Events in the shapes of several versions of the stores' APIs, with members missing, null, new, expanded or not: each
/// case is one person and the plan that they have in the end. In the bodies <c>$u</c> is the person, <c>$n</c> a name of
/// their own for ids, and <c>$s(d)</c> and <c>$m(d)</c> the time d days from now in seconds and in milliseconds.
/// </summary>
public sealed class EventShapeTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string Checkout =
        """{"id":"evt_$n_c","object":"event","api_version":"2024-12-18.acacia","created":$s(-3),"type":"checkout.session.completed","data":{"object":{"id":"cs_$n","object":"checkout.session","mode":"subscription","payment_status":"paid","customer":"cus_$n","subscription":"sub_$n","client_reference_id":"$u","metadata":{"user_id":"$u","price_id":"price_standard"}}}}""";

    private const string Purchase =
        """{"api_version":"1.0","event":{"id":"rc_$n_p","type":"INITIAL_PURCHASE","app_user_id":"$u","original_app_user_id":"$RCAnonymousID:1","aliases":["$u"],"event_timestamp_ms":$m(-3),"purchased_at_ms":$m(-3),"expiration_at_ms":$m(27),"original_transaction_id":"tx_$n","transaction_id":"tx_$n","entitlement_ids":["standard_access"],"environment":"PRODUCTION","store":"APP_STORE","price":4.99}}""";

    /// <summary>Name, what the row held before, events, then tier, status, cancel flag and whole days from now to the period's end.</summary>
    private static readonly (string Name, string Before, string[] Stripe, string[] Store, string Expected)[] Cases =
    [
        ("invoice of 2024-12-18", "", [Checkout, Invoice("""  "subscription":"sub_$n","lines":{"data":[{"proration":false,"price":{"id":"price_standard"},"period":{"start":$s(-3),"end":$s(27)}}]}  """)], [], "standard active False 27"),
        ("invoice of 2025-03-31", "", [Checkout, Invoice("""  "parent":{"type":"subscription_details","subscription_details":{"metadata":{},"subscription":"sub_$n"}},"lines":{"data":[{"pricing":{"price_details":{"price":"price_standard"}},"parent":{"subscription_item_details":{"proration":false}},"period":{"start":$s(-3),"end":$s(27)}}]}  """)], [], "standard active False 27"),
        ("expanded invoice", "", [Checkout, Invoice("""  "customer":{"id":"cus_$n","object":"customer"},"subscription":{"id":"sub_$n","object":"subscription"},"lines":{"data":[{"price":{"id":"price_standard","object":"price"},"period":{"start":$s(-3),"end":$s(27)}}]}  """)], [], "standard active False 27"),
        ("payment_succeeded instead of paid", "", [Checkout, Invoice("""  "subscription":"sub_$n","lines":{"data":[{"period":{"start":$s(-3),"end":$s(27)}}]}  """, "invoice.payment_succeeded")], [], "standard active False 27"),
        ("invoice with nulls and news", "", [Checkout, Invoice("""  "subscription":null,"parent":null,"lines":null,"hologram":{"a":[1]},"tax":null  """)], [], "standard active False -"),
        ("adjustment before the period line", "", [Checkout, Invoice("""  "subscription":"sub_$n","lines":{"data":[{"proration":true,"period":{"start":$s(-1),"end":$s(27)}},{"proration":false,"price":{"id":"price_pro"},"period":{"start":$s(-3),"end":$s(57)}}]}  """)], [], "standard active False 57"),
        ("failed payment", "", [Checkout, Invoice("""  "subscription":"sub_$n"  """, "invoice.payment_failed")], [], "standard past_due False -"),
        ("payment that needs the bank", "", [Checkout, Invoice("""  "subscription":"sub_$n"  """, "invoice.payment_action_required")], [], "standard past_due False -"),
        ("period on the subscription", "", [Checkout, Subscription("""  "status":"active","cancel_at_period_end":true,"current_period_start":$s(-3),"current_period_end":$s(27),"items":{"data":[{"price":{"id":"price_pro"}}]}  """)], [], "pro active True 27"),
        ("period on the items", "", [Checkout, Subscription("""  "status":"active","cancel_at_period_end":false,"items":{"data":[{"current_period_start":$s(-3),"current_period_end":$s(27),"price":{"id":"price_pro"}}]}  """)], [], "pro active False 27"),
        ("plan instead of price", "", [Checkout, Subscription("""  "status":"trialing","plan":{"id":"price_pro"},"items":null  """)], [], "pro active False -"),
        ("cancelled at a date of its own", "", [Checkout, Subscription("""  "status":"active","cancel_at":$s(9),"current_period_start":$s(-3),"current_period_end":$s(27)  """)], [], "standard active True 27"),
        ("cancel date that has passed", "", [Checkout, Subscription("""  "status":"active","cancel_at":$s(-1)  """)], [], "free canceled False -"),
        ("paused and unpaid", "", [Checkout, Subscription("""  "status":"paused"  """, "customer.subscription.paused")], [], "free canceled False -"),
        ("resumed", "", [Checkout, Subscription("""  "status":"paused"  """, "customer.subscription.paused", -2), Subscription("""  "status":"active"  """, "customer.subscription.resumed")], [], "standard active False -"),
        ("trial that will end", "", [Checkout, Subscription("""  "status":"trialing"  """, "customer.subscription.trial_will_end")], [], "standard active False -"),
        ("deleted", "", [Checkout, Subscription("""  "status":"canceled"  """, "customer.subscription.deleted")], [], "free canceled False -"),
        ("incomplete and expired", "", [Subscription("""  "status":"incomplete_expired","metadata":{"user_id":"$u"}  """)], [], "free canceled False -"),
        ("full refund", "", [Checkout, Charge("""  "amount":1200,"amount_refunded":1200,"refunded":true,"created":$s(-3)  """)], [], "free canceled False -"),
        ("partial refund", "", [Checkout, Charge("""  "amount":1200,"amount_refunded":300,"refunded":false,"created":$s(-3)  """)], [], "standard active False -"),
        ("dispute with its charge in full", "", [Checkout, Event("charge.dispute.created", """  "id":"dp_$n","object":"dispute","charge":{"id":"ch_$n","customer":"cus_$n","created":$s(-3)}  """)], [], "free canceled False -"),
        ("dispute that names its charge", "", [Checkout, Event("charge.dispute.created", """  "id":"dp_$n","object":"dispute","charge":"ch_$n"  """)], [], "standard active False -"),
        ("inquiry of a bank", "", [Checkout, Event("charge.dispute.created", """  "id":"dp_$n","object":"dispute","status":"warning_needs_response","charge":{"id":"ch_$n","customer":"cus_$n","created":$s(-3)}  """)], [], "standard active False -"),
        ("dispute that was won", "", [Checkout, Event("charge.dispute.created", """  "id":"dp_$n","object":"dispute","charge":{"id":"ch_$n","customer":"cus_$n","created":$s(-3)}  """), Event("charge.dispute.closed", """  "id":"dp_$n","object":"dispute","status":"won","charge":{"id":"ch_$n","customer":"cus_$n","created":$s(-3)}  """)], [], "standard active False -"),
        ("dispute that was lost", "", [Checkout, Event("charge.dispute.created", """  "id":"dp_$n","object":"dispute","charge":{"id":"ch_$n","customer":"cus_$n","created":$s(-3)}  """), Event("charge.dispute.closed", """  "id":"dp_$n","object":"dispute","status":"lost","charge":{"id":"ch_$n","customer":"cus_$n","created":$s(-3)}  """)], [], "free canceled False -"),
        ("inquiry that became a dispute", "", [Checkout, Event("charge.dispute.funds_withdrawn", """  "id":"dp_$n","object":"dispute","status":"needs_response","charge":{"id":"ch_$n","customer":"cus_$n","created":$s(-3)}  """)], [], "free canceled False -"),
        ("customer deleted", "", [Checkout, Event("customer.deleted", """  "id":"cus_$n","object":"customer"  """)], [], "free canceled False -"),
        ("unknown type", "", [Checkout, Event("product.hologram.created", """  "customer":"cus_$n"  """)], [], "standard active False -"),
        ("checkout that is not paid", "", [Checkout.Replace("\"paid\"", "\"unpaid\"", StringComparison.Ordinal)], [], "free active False -"),
        ("checkout without a price of ours", "tier = 'pro'", [Checkout.Replace("price_standard", "price_other", StringComparison.Ordinal)], [], "pro active False -"),
        ("checkout with a bad metadata id", "", [Checkout.Replace("\"user_id\":\"$u\"", "\"user_id\":\"7\"", StringComparison.Ordinal)], [], "free active False -"),
        ("checkout with a reference id alone", "", [Checkout.Replace("\"user_id\":\"$u\",", "", StringComparison.Ordinal)], [], "standard active False -"),
        ("invoice without lines, by customer", "tier = 'standard', status = 'past_due', stripe_customer_id = 'cus_$n'", [Invoice(""" "subscription":"sub_$n" """)], [], "standard active False -"),
        ("invoice of a free customer", "stripe_customer_id = 'cus_$n'", [Invoice(""" "lines":{"data":[{"period":{"start":$s(-3),"end":$s(27)}}]} """)], [], "free active False 27"),
        ("deletion by customer", "tier = 'pro', stripe_customer_id = 'cus_$n'", [Subscription(""" "status":"canceled" """, "customer.subscription.deleted")], [], "free canceled False -"),
        ("deletion of a subscription that was left", "tier = 'pro', stripe_customer_id = 'cus_$n', stripe_subscription_id = 'sub_new_$n'", [Subscription(""" "status":"canceled" """, "customer.subscription.deleted")], [], "pro active False -"),

        ("purchase", "", [], [Purchase], "standard active False 27"),
        ("bare purchase in other spellings", "", [], ["""{"event_type":"initial_purchase","event_id":"rc_$n_b","app_user_id":"$u","entitlements":{"pro_access":{}},"expires_at":$s(27)}"""], "pro active False 27"),
        ("purchase with ISO times and the old single entitlement", "", [], ["""{"event":{"type":"INITIAL_PURCHASE","id":"rc_$n_i","app_user_id":"$u","entitlement_id":"pro_access","entitlement_ids":null,"expiration_at":"$i(27)"}}"""], "pro active False 27"),
        ("purchase without entitlements", "tier = 'standard'", [], ["""{"event":{"type":"INITIAL_PURCHASE","id":"rc_$n_e","app_user_id":"$u","entitlement_ids":[],"expiration_at_ms":$m(27)}}"""], "standard active False 27"),
        ("purchase under an alias", "", [], [Purchase.Replace("\"app_user_id\":\"$u\"", "\"app_user_id\":\"$RCAnonymousID:1\"", StringComparison.Ordinal)], "standard active False 27"),
        ("cancelled", "", [], [Purchase, Store("CANCELLATION", """ "cancel_reason":"UNSUBSCRIBE" """)], "standard active True 27"),
        ("cancelled and taken back", "", [], [Purchase, Store("CANCELLATION", """ "cancel_reason":"UNSUBSCRIBE" """, -2), Store("UNCANCELLATION")], "standard active False 27"),
        ("cancelled by a failed payment", "", [], [Purchase, Store("CANCELLATION", """ "cancel_reason":"BILLING_ERROR" """)], "standard active False 27"),
        ("refunded", "", [], [Purchase, Store("CANCELLATION", """ "cancel_reason":"CUSTOMER_SUPPORT","price":-4.99 """)], "free expired False 27"),
        ("refunded, price unknown", "", [], [Purchase, Store("CANCELLATION", """ "cancel_reason":"CUSTOMER_SUPPORT","price":null """)], "free expired False 27"),
        ("refund under its own name", "", [], [Purchase, Store("REFUND")], "free expired False 27"),
        ("refund that was reversed", "", [], [Purchase, Store("CANCELLATION", """ "cancel_reason":"CUSTOMER_SUPPORT" """, -2), Store("REFUND_REVERSED", """ "entitlement_ids":["standard_access"] """)], "standard active False 27"),
        ("cancelled after the end that it names", "tier = 'pro'", [], ["""{"event":{"type":"CANCELLATION","id":"rc_$n_l","app_user_id":"$u","expiration_at_ms":$m(-100)}}"""], "pro active True -100"),
        ("payment trouble in its grace", "", [], [Purchase, Store("BILLING_ISSUE", """ "grace_period_expiration_at_ms":$m(5) """)], "standard past_due False 27"),
        ("payment trouble past its grace and period", "", [], [Purchase, Store("BILLING_ISSUE", """ "expiration_at_ms":$m(-1),"grace_period_expiration_at_ms":$m(-0.5) """, -2)], "free expired False -1"),
        ("renewed with a higher tier", "", [], [Purchase, Store("RENEWAL", """ "entitlement_ids":["pro_access","standard_access"],"purchased_at_ms":$m(-1),"expiration_at_ms":$m(29) """)], "pro active False 29"),
        ("expired", "", [], [Purchase, Store("EXPIRATION", """ "expiration_reason":"BILLING_ERROR" """)], "free expired False 27"),
        ("expired, by hand before", "tier = 'pro'", [], ["""{"event":{"type":"EXPIRATION","id":"rc_$n_x","app_user_id":"$u","expiration_at_ms":$m(-1)}}"""], "free expired False -1"),
        ("changed product", "", [], [Purchase, Store("PRODUCT_CHANGE", """ "entitlement_ids":["pro_access"],"new_product_id":"pro_monthly" """)], "pro active False 27"),
        ("pause ahead", "", [], [Purchase, Store("SUBSCRIPTION_PAUSED", """ "auto_resume_at_ms":$m(90) """)], "standard active False 27"),
        ("extended", "", [], [Purchase, Store("SUBSCRIPTION_EXTENDED", """ "expiration_at_ms":$m(40) """)], "standard active False 40"),
        ("granted for a day", "", [], [Store("TEMPORARY_ENTITLEMENT_GRANT", """ "entitlement_ids":["pro_access"],"purchased_at_ms":$m(-0.5),"expiration_at_ms":$m(0.5) """, -0.5)], "pro active True 0"),
        ("bought for life", "", [], [Store("NON_RENEWING_PURCHASE", """ "entitlement_ids":["pro_access"],"expiration_at_ms":null """)], "pro active False -"),
        ("events that say nothing", "", [], [Purchase, Store("TEST", """ "expiration_at_ms":$m(1) """), Store("INVOICE_ISSUANCE", """ "expiration_at_ms":$m(1) """, -0.9), Store("EXPERIMENT_ENROLLMENT", """ "expiration_at_ms":$m(1) """, -0.8), Store("VIRTUAL_CURRENCY_TRANSACTION", """ "expiration_at_ms":$m(1) """, -0.7)], "standard active False 27"),
        ("test money", "", [], [Purchase.Replace("PRODUCTION", "SANDBOX", StringComparison.Ordinal)], "free active False -"),
        ("both stores, the lower one expires", "", [Checkout], [Purchase.Replace("standard_access", "pro_access", StringComparison.Ordinal), Store("EXPIRATION")], "standard active False -"),
    ];

    [Fact]
    public async Task every_shape_of_an_event_ends_in_the_right_plan()
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var host = new BillingHost(database);
        var users = new List<Guid>();
        foreach (var (_, before, stripe, store, _) in Cases)
        {
            var user = await host.UserAsync();
            users.Add(user);
            if (before.Length > 0)
            {
                await database.ExecuteAsync("update subscriptions set " + Fill(before, user, users.Count, now) + " where user_id = $1", user);
            }

            foreach (var body in stripe)
            {
                Assert.True(await host.StripeJsonAsync(Fill(body, user, users.Count, now)), body);
            }

            foreach (var body in store)
            {
                Assert.True(await host.RevenueCatJsonAsync(Fill(body, user, users.Count, now)), body);
            }
        }

        await host.AllAppliedAsync();
        var ends = new List<string>();
        foreach (var user in users)
        {
            ends.Add(Told(await host.SettledAsync(user), now));
        }

        Assert.Equal(
            Cases.Select(c => $"{c.Name}: {c.Expected}"),
            Cases.Zip(ends, (c, end) => $"{c.Name}: {end}"));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_jobs"));
        Assert.Equal(
            await database.ScalarAsync<long>("select count(*) from webhook_events"),
            await database.ScalarAsync<long>("select count(distinct event_id) from processed_webhook_events"));
    }

    private static string Told(Subscription plan, DateTimeOffset now)
    {
        // An invoice without lines pays from the first of the month, as the original has it.
        var days = plan.CurrentPeriodEnd is { } end ? Math.Floor((end - now).TotalDays + 0.1).ToString(CultureInfo.InvariantCulture) : "-";
        return $"{plan.Tier.Name()} {plan.Status.Name()} {plan.CancelAtPeriodEnd} {days}";
    }

    private static string Event(string type, string members, double day = -1) =>
        """{"id":"evt_$n_$k","object":"event","created":$s($d),"type":"$t","data":{"object":{$x}}}"""
            .Replace("$t", type, StringComparison.Ordinal)
            .Replace("$k", type + Text(day), StringComparison.Ordinal)
            .Replace("$d", Text(day), StringComparison.Ordinal)
            .Replace("$x", members.Trim(), StringComparison.Ordinal);

    private static string Invoice(string members, string type = "invoice.paid") =>
        Event(type, """ "id":"in_$n","object":"invoice","billing_reason":"subscription_cycle","customer":"cus_$n", """ + members);

    private static string Subscription(string members, string type = "customer.subscription.updated", double day = -1) =>
        Event(type, """ "id":"sub_$n","object":"subscription","customer":"cus_$n", """ + members, day);

    private static string Charge(string members) => Event("charge.refunded", """ "id":"ch_$n","object":"charge","customer":"cus_$n", """ + members);

    private static string Store(string type, string members = "", double day = -1) =>
        """{"api_version":"1.0","event":{"id":"rc_$n_$k","type":"$t","app_user_id":"$u","event_timestamp_ms":$m($d),"original_transaction_id":"tx_$n","purchased_at_ms":$m(-3),"expiration_at_ms":$m(27)$x}}"""
            .Replace("$t", type, StringComparison.Ordinal)
            .Replace("$k", type + Text(day), StringComparison.Ordinal)
            .Replace("$d", Text(day), StringComparison.Ordinal)
            .Replace("$x", members.Length == 0 ? "" : "," + members.Trim(), StringComparison.Ordinal);

    /// <summary>Puts a person, their ids and times into a body.</summary>
    private static string Fill(string text, Guid user, int number, DateTimeOffset now)
    {
        var filled = new StringBuilder(text).Replace("$u", user.ToString()).Replace("$n", Text(number)).ToString();
        foreach (var (mark, format) in new (string, Func<DateTimeOffset, string>)[]
        {
            ("$s(", t => Text(t.ToUnixTimeSeconds())), ("$m(", t => Text(t.ToUnixTimeMilliseconds())), ("$i(", t => t.ToString("O", CultureInfo.InvariantCulture)),
        })
        {
            for (var at = filled.IndexOf(mark, StringComparison.Ordinal); at >= 0; at = filled.IndexOf(mark, StringComparison.Ordinal))
            {
                var end = filled.IndexOf(')', at);
                var days = double.Parse(filled.AsSpan(at + mark.Length, end - at - mark.Length), CultureInfo.InvariantCulture);
                filled = filled[..at] + format(now + TimeSpan.FromDays(days)) + filled[(end + 1)..];
            }
        }

        return filled;
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
