using System.Text.Json;
using System.Text.Json.Nodes;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Jobs;
using Solacore.Tests.Api;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

/// <summary>
/// Stripe's disputes name their charge by its id alone, and only the charge tells whose money went back; and only its invoice
/// tells what it had paid.
/// </summary>
public sealed class DisputeTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private StoreHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await StoreHost.StartAsync(database);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public void a_question_queued_before_refunds_were_asked_for_is_still_understood()
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var question = new FetchStripeCharge("ch_1", at);

        Assert.Equal(question, JobPayload.Read<FetchStripeCharge>("""{"charge_id":"ch_1","disputed_at":"2026-01-02T03:04:05+00:00"}"""));
        Assert.Contains("\"disputed_at\":", JsonSerializer.Serialize(question, JobPayload.Json), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_dispute_ends_the_plan_whether_it_names_its_charge_or_holds_it()
    {
        var ends = new List<string>();
        foreach (var inFull in new[] { true, false })
        {
            var person = await CustomerAsync();
            var dispute = _host.Stripe.Account.Dispute(_host.Stripe.Account.Charge(await _host.CustomerOf(person), DateTimeOffset.UtcNow));
            await _host.DeliverAsync(inFull ? InFull(dispute) : dispute);
            ends.Add($"{await _host.Worker.PlanAsync(person.Id)}: {await HistoryAsync(person)}");
        }

        Assert.Equal(Enumerable.Repeat("free canceled: checkout.session.completed pro, solacore.fetched pro, charge.dispute.created free", 2), ends);
        var charge = _host.Stripe.Account.All("charge")[0];
        Assert.Equal(
            $$"""{"id":"{{charge["id"]}}","object":"charge","customer":"{{charge["customer"]}}","created":{{charge["created"]}}}""",
            await database.ScalarAsync<string>(
                "select convert_from(body, 'UTF8')::json #>> '{data,object,charge}' from webhook_events where event_id = $1", AnswerTo((string)charge["id"]!)));
        Assert.Equal(0, await DeadAsync());
    }

    [Fact]
    public async Task a_dispute_during_an_outage_of_stripe_counts_afterwards_and_once()
    {
        var person = await CustomerAsync();
        var charge = _host.Stripe.Account.Charge(await _host.CustomerOf(person), DateTimeOffset.UtcNow);
        _host.Stripe.IsDown = true;
        await _host.DeliverAsync(_host.Stripe.Account.Dispute(charge), _host.Stripe.Account.Dispute(charge));
        await Eventually.BeTrueAsync("two tries that failed", async () =>
            await database.ScalarAsync<long>("select count(*) from jobs where kind = $1 and last_error is not null", FetchStripeCharge.Kind.Name) == 2);
        Assert.Equal("pro", await database.ScalarAsync<string>("select tier from subscriptions where user_id = $1", person.Id));

        _host.Stripe.IsDown = false;
        await _host.HurryAsync();

        Assert.Equal("free canceled", await _host.Worker.PlanAsync(person.Id));
        Assert.Equal(1, await database.ScalarAsync<long>("select count(*) from webhook_events where event_id = $1", AnswerTo(charge)));
        Assert.Equal(0, await DeadAsync());
    }

    [Fact]
    public async Task a_dispute_of_an_unknown_charge_or_of_one_without_customer_ends_quietly()
    {
        var person = await CustomerAsync();
        var nobodys = _host.Stripe.Account.Charge(customer: null, DateTimeOffset.UtcNow);
        await _host.DeliverAsync(_host.Stripe.Account.Dispute("ch_unknown"), _host.Stripe.Account.Dispute(nobodys));
        await _host.Worker.AllAppliedAsync();

        Assert.Equal(
            ["GET /v1/charges/ch_unknown", "GET /v1/charges/" + nobodys],
            _host.Stripe.Requests.Select(r => r.Call).Where(call => call.Contains("/charges/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Reverse());
        Assert.Equal("pro active", await _host.Worker.PlanAsync(person.Id));
        Assert.Equal(
            0,
            await database.ScalarAsync<long>("select count(*) from webhook_events where event_id = any($1)", (object)new[] { AnswerTo("ch_unknown"), AnswerTo(nobodys) }));
        Assert.Equal(0, await DeadAsync());
    }

    [Fact]
    public async Task a_dispute_of_what_was_paid_before_the_present_purchase_changes_nothing_in_either_form()
    {
        foreach (var inFull in new[] { true, false })
        {
            var person = await CustomerAsync("price_standard");
            var former = _host.Stripe.Account.Charge(await _host.CustomerOf(person), DateTimeOffset.UtcNow.AddDays(-40));
            await _host.DeliverAsync((await _host.BuyAsync(person, "price_pro")).Events);
            Assert.Equal("pro active", await _host.Worker.PlanAsync(person.Id));
            var before = await HistoryAsync(person);

            var dispute = _host.Stripe.Account.Dispute(former);
            await _host.DeliverAsync(inFull ? InFull(dispute) : dispute);

            Assert.Equal("pro active", await _host.Worker.PlanAsync(person.Id));
            Assert.Equal(before, await HistoryAsync(person));
            Assert.Single(_host.Stripe.Account.LiveSubscriptions(await _host.CustomerOf(person)));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task what_paid_the_period_ends_the_plan_and_what_paid_a_difference_does_not(bool isDispute)
    {
        var person = await CustomerAsync();
        var (customer, subscription) = (await _host.CustomerOf(person), await SubscriptionOf(person));
        JsonObject Back(string charge) => isDispute ? _host.Stripe.Account.Dispute(charge) : _host.Stripe.Account.Refund(charge);

        await _host.DeliverAsync(Back(_host.Stripe.Account.Charge(customer, DateTimeOffset.UtcNow.AddDays(1), _host.Stripe.Account.BillDifference(subscription))));
        Assert.Equal("pro active", await _host.Worker.PlanAsync(person.Id));

        var charge = _host.Stripe.Account.Charge(customer, DateTimeOffset.UtcNow.AddHours(-1), InvoiceOf(subscription));
        var told = Back(charge);
        await _host.DeliverAsync(told);
        Assert.Equal("free canceled", await _host.Worker.PlanAsync(person.Id));
        Assert.Equal("applied 0", await database.ScalarAsync<string>("select state || ' ' || length(body) from webhook_events where event_id = $1", (string)told["id"]!));
        Assert.EndsWith(isDispute ? "charge.dispute.created free" : "charge.refunded free", await HistoryAsync(person), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "name@example.org",
            await database.ScalarAsync<string>(
                "select convert_from(body, 'UTF8') from webhook_events where event_id = $1", AnswerTo(charge, isDispute ? "charge.dispute.created" : "charge.refunded")),
            StringComparison.Ordinal);

        await _host.DeliverAsync(_host.Stripe.Account.Renew(subscription));
        Assert.Equal("pro active", await _host.Worker.PlanAsync(person.Id));
        Assert.Equal(0, await DeadAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task the_refund_of_the_second_of_two_purchases_leaves_the_other_in_any_order(bool refundFirst)
    {
        var person = await _host.Api.RegisterAsync();
        var pages = new[] { await StoreHost.OpenAsync(person, "price_pro"), await StoreHost.OpenAsync(person, "price_pro") };
        var bought = pages.Select(_host.Stripe.Account.Pay).ToList();
        var customer = await _host.CustomerOf(person);
        foreach (var (_, events) in bought)
        {
            await _host.DeliverAsync(events);
        }

        await _host.Worker.AllAppliedAsync();
        var kept = Assert.Single(_host.Stripe.Account.LiveSubscriptions(customer));
        var surplus = bought.Single(b => b.Subscription != kept).Subscription;
        var refund = _host.Stripe.Account.Refund(_host.Stripe.Account.Charge(customer, DateTimeOffset.UtcNow.AddMinutes(1), InvoiceOf(surplus)));
        var ended = _host.Stripe.Account.Change(surplus, _ => { });
        await _host.DeliverAsync(refundFirst ? [refund, ended] : [ended, refund]);
        await _host.Worker.AllAppliedAsync();

        Assert.Equal("pro active", await _host.Worker.PlanAsync(person.Id));
        Assert.Equal(kept, await SubscriptionOf(person));
        Assert.Equal(0, await DeadAsync());
    }

    [Theory]
    [InlineData(false, "price_standard", "standard active")]
    [InlineData(true, "price_pro", "pro active")]
    public async Task what_is_bought_after_money_went_back_stays_and_the_former_one_ends_without_a_credit(bool isDispute, string price, string plan)
    {
        var person = await CustomerAsync();
        var (customer, former) = (await _host.CustomerOf(person), await SubscriptionOf(person));
        var charge = _host.Stripe.Account.Charge(customer, DateTimeOffset.UtcNow, InvoiceOf(former));
        await _host.DeliverAsync(isDispute ? _host.Stripe.Account.Dispute(charge) : _host.Stripe.Account.Refund(charge));
        Assert.Equal("free canceled", await _host.Worker.PlanAsync(person.Id));

        var (fresh, bought) = await _host.BuyAsync(person, price);
        await _host.DeliverAsync(bought);
        await _host.Worker.AllAppliedAsync();

        Assert.Equal([fresh], _host.Stripe.Account.LiveSubscriptions(customer));
        Assert.Equal(plan, await _host.Worker.PlanAsync(person.Id));
        Assert.Empty(Assert.Single(_host.Stripe.Requests, r => r.Call == "DELETE /v1/subscriptions/" + former).Form);
        Assert.Equal(0, await DeadAsync());
    }

    [Fact]
    public async Task a_refund_of_what_was_no_plan_takes_nothing()
    {
        var person = await CustomerAsync();
        var refund = _host.Stripe.Account.Refund(_host.Stripe.Account.Charge(await _host.CustomerOf(person), DateTimeOffset.UtcNow, invoice: "in_unknown"));
        await _host.DeliverAsync(refund);

        Assert.Equal("pro active", await _host.Worker.PlanAsync(person.Id));
        Assert.Equal(0, await DeadAsync());
    }

    [Fact]
    public async Task a_refund_of_a_charge_that_stripe_does_not_know_ends_what_the_event_tells()
    {
        var person = await CustomerAsync();
        var refund = _host.Stripe.Account.Refund(_host.Stripe.Account.Charge(await _host.CustomerOf(person), DateTimeOffset.UtcNow, invoice: "in_unknown"));
        refund["data"]!["object"]!["id"] = "ch_of_another_account";
        await _host.DeliverAsync(refund);
        await _host.Worker.AllAppliedAsync();

        Assert.Equal("free canceled", await _host.Worker.PlanAsync(person.Id));
        Assert.Equal(0, await DeadAsync());
    }

    [Fact]
    public async Task an_inquiry_of_the_bank_takes_nothing_until_the_money_goes()
    {
        var person = await CustomerAsync();
        var inquiry = _host.Stripe.Account.Dispute(_host.Stripe.Account.Charge(await _host.CustomerOf(person), DateTimeOffset.UtcNow));
        inquiry["data"]!["object"]!["status"] = "warning_needs_response";
        await _host.DeliverAsync(inquiry);
        Assert.Equal("pro active", await _host.Worker.PlanAsync(person.Id));
        Assert.DoesNotContain(_host.Stripe.Requests, r => r.Call.Contains("/charges/", StringComparison.Ordinal));

        var taken = (JsonObject)inquiry.DeepClone();
        (taken["id"], taken["type"], taken["data"]!["object"]!["status"]) = ($"{inquiry["id"]}_taken", "charge.dispute.funds_withdrawn", "needs_response");
        await _host.DeliverAsync(taken);
        Assert.Equal("free canceled", await _host.Worker.PlanAsync(person.Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_dispute_that_is_won_gives_the_plan_back_and_one_that_is_lost_does_not(bool knowsInvoice)
    {
        var person = await CustomerAsync();
        var charge = _host.Stripe.Account.Charge(await _host.CustomerOf(person), DateTimeOffset.UtcNow, knowsInvoice ? InvoiceOf(await SubscriptionOf(person)) : null);
        var dispute = _host.Stripe.Account.Dispute(charge);
        await _host.DeliverAsync(dispute);
        Assert.Equal("free canceled", await _host.Worker.PlanAsync(person.Id));

        await _host.DeliverAsync(_host.Stripe.Account.Close(dispute, "lost"));
        Assert.Equal("free canceled", await _host.Worker.PlanAsync(person.Id));

        await _host.DeliverAsync(_host.Stripe.Account.Close(dispute, "won"));
        Assert.Equal("pro active", await _host.Worker.PlanAsync(person.Id));
        Assert.EndsWith("charge.dispute.created free, charge.dispute.closed pro", await HistoryAsync(person), StringComparison.Ordinal);

        await _host.DeliverAsync(_host.Stripe.Account.Refund(charge));
        Assert.Equal("free canceled", await _host.Worker.PlanAsync(person.Id));
        Assert.Equal(0, await DeadAsync());
    }

    [Fact]
    public async Task a_dispute_that_overtakes_the_checkout_of_its_customer_waits_for_it()
    {
        var person = await _host.Api.RegisterAsync();
        var (_, bought) = await _host.BuyAsync(person, "price_pro");
        var customer = await _host.CustomerOf(person);
        await database.ExecuteAsync("update subscriptions set stripe_customer_id = null where user_id = $1", person.Id);
        var charge = _host.Stripe.Account.Charge(customer, DateTimeOffset.UtcNow);
        await _host.DeliverAsync(_host.Stripe.Account.Dispute(charge));
        await _host.Worker.AllAppliedAsync();
        Assert.Equal("waiting", await database.ScalarAsync<string>("select state from webhook_events where event_id = $1", AnswerTo(charge)));

        await _host.DeliverAsync(bought);

        Assert.Equal("free canceled", await _host.Worker.PlanAsync(person.Id));
        Assert.Equal("applied", await database.ScalarAsync<string>("select state from webhook_events where event_id = $1", AnswerTo(charge)));
    }

    private async Task<Person> CustomerAsync(string price = "price_pro")
    {
        var person = await _host.Api.RegisterAsync();
        // The last of the events alone makes the plan: in one step, and a second one for what only Stripe knows.
        await _host.DeliverAsync((await _host.BuyAsync(person, price)).Events[^1]);
        await _host.Worker.AllAppliedAsync();
        return person;
    }

    /// <summary>Id under which Stripe's answer about a charge is stored.</summary>
    private static string AnswerTo(string charge, string type = "charge.dispute.created") => $"fetched:{charge}:{type}";

    private Task<string> SubscriptionOf(Person person) =>
        database.ScalarAsync<string>("select stripe_subscription_id from subscriptions where user_id = $1", person.Id);

    /// <summary>Id of the invoice of a subscription's period.</summary>
    private string InvoiceOf(string subscription) => (string)_host.Stripe.Account.All("invoice").First(invoice =>
        (string?)invoice["billing_reason"] != "subscription_update"
        && (string?)invoice["parent"]!["subscription_details"]!["subscription"] == subscription)["id"]!;

    /// <summary>The event with the charge in place of its id.</summary>
    private JsonObject InFull(JsonObject dispute)
    {
        var subject = dispute["data"]!["object"]!;
        subject["charge"] = _host.Stripe.Account.All("charge").Single(c => (string?)c["id"] == (string?)subject["charge"]);
        return dispute;
    }

    /// <summary>Cause and tier of each change of the plan.</summary>
    private Task<string> HistoryAsync(Person person) => database.ScalarAsync<string>(
        "select string_agg(cause || ' ' || tier_after, ', ' order by id) from entitlement_changes where user_id = $1", person.Id);

    private Task<long> DeadAsync() => database.ScalarAsync<long>("select count(*) from dead_jobs");
}
