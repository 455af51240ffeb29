using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Solacore.Core.Billing;
using Solacore.Core.Billing.Stores;
using Solacore.Tests.Api;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

/// <summary>Nobody pays Stripe for two subscriptions.</summary>
public sealed class UpgradeTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task an_upgrade_ends_with_one_live_subscription(bool reversed)
    {
        await using var host = await StoreHost.StartAsync(database);
        var person = await host.Api.RegisterAsync();
        var (standard, bought) = await host.BuyAsync(person, "price_standard");
        await host.DeliverAsync(bought);
        Assert.Equal("standard active", await host.Worker.PlanAsync(person.Id));

        var (pro, upgraded) = await host.BuyAsync(person, "price_pro");
        await host.DeliverAsync(reversed ? upgraded.Reverse() : upgraded);
        await host.Worker.AllAppliedAsync();

        Assert.Equal([pro], host.Stripe.Account.LiveSubscriptions(await host.CustomerOf(person)));
        Assert.Equal("pro active", await host.Worker.PlanAsync(person.Id));
        var ended = Assert.Single(host.Stripe.Requests, r => r.Call == "DELETE /v1/subscriptions/" + standard);
        Assert.Equal(("true", "true"), (ended.Form["prorate"], ended.Form["invoice_now"]));
        Assert.Equal(
            pro,
            await database.ScalarAsync<string>("select stripe_subscription_id from subscriptions where user_id = $1", person.Id));
    }

    [Fact]
    public async Task two_pages_that_were_paid_side_by_side_leave_one_subscription()
    {
        await using var host = await StoreHost.StartAsync(database);
        var person = await host.Api.RegisterAsync();
        var pages = new[] { await StoreHost.OpenAsync(person, "price_pro"), await StoreHost.OpenAsync(person, "price_pro") };
        foreach (var page in pages)
        {
            await host.DeliverAsync(host.Stripe.Account.Pay(page).Events);
        }

        await host.Worker.AllAppliedAsync();

        Assert.Single(host.Stripe.Account.LiveSubscriptions(await host.CustomerOf(person)));
        Assert.Equal("pro active", await host.Worker.PlanAsync(person.Id));
    }

    [Fact]
    public async Task an_upgrade_while_stripe_is_down_ends_the_former_one_afterwards()
    {
        await using var host = await StoreHost.StartAsync(database);
        var person = await host.Api.RegisterAsync();
        await host.DeliverAsync((await host.BuyAsync(person, "price_standard")).Events);
        await host.Worker.AllAppliedAsync();
        var (pro, upgraded) = await host.BuyAsync(person, "price_pro");

        host.Stripe.IsDown = true;
        await host.DeliverAsync(upgraded);
        await Eventually.BeTrueAsync("the plan counts at once", async () =>
            await database.ScalarAsync<string>("select tier from subscriptions where user_id = $1", person.Id) == "pro");
        await Eventually.BeTrueAsync("a try that failed", async () =>
            await database.ScalarAsync<long>("select count(*) from jobs where kind = 'billing.keep_one_subscription' and last_error is not null") > 0);
        host.Stripe.IsDown = false;
        await host.HurryAsync();

        await host.Worker.AllAppliedAsync();
        Assert.Equal([pro], host.Stripe.Account.LiveSubscriptions(await host.CustomerOf(person)));
        Assert.Equal("pro active", await host.Worker.PlanAsync(person.Id));
    }

    [Fact]
    public async Task a_customer_who_is_gone_at_stripe_keeps_no_second_subscription_alive()
    {
        await using var host = await StoreHost.StartAsync(database);
        var person = await host.Api.RegisterAsync();
        await host.DeliverAsync((await host.BuyAsync(person, "price_standard")).Events);
        await host.Worker.AllAppliedAsync();
        await database.ExecuteAsync(
            """
            insert into entitlements (id, user_id, source, customer_id, external_subscription_id, state)
            select gen_random_uuid(), user_id, source, 'cus_gone', 'sub_gone', jsonb_set(state, '{Deleted}', 'true') from entitlements where user_id = $1
            """,
            person.Id);
        host.Stripe.Fault = request => request.Form.GetValueOrDefault("customer") == "cus_gone" ? new StripeFault(StatusCodes.Status404NotFound) : null;

        var (pro, upgraded) = await host.BuyAsync(person, "price_pro");
        await host.DeliverAsync(upgraded);
        await host.Worker.AllAppliedAsync();

        Assert.Contains(host.Stripe.Requests, r => r.Form.GetValueOrDefault("customer") == "cus_gone");
        Assert.Equal([pro], host.Stripe.Account.LiveSubscriptions(await host.CustomerOf(person)));
    }

    [Fact]
    public async Task a_change_in_the_portal_downgrades_the_one_that_there_is()
    {
        await using var host = await StoreHost.StartAsync(database);
        var person = await host.Api.RegisterAsync();
        var (subscription, bought) = await host.BuyAsync(person, "price_pro");
        await host.DeliverAsync(bought);
        await host.Worker.AllAppliedAsync();

        await host.DeliverAsync(host.Stripe.Account.Change(subscription, s => s["items"]!["data"]![0]!["price"]!["id"] = "price_standard"));

        Assert.Equal("standard active", await host.Worker.PlanAsync(person.Id));
        Assert.Equal([subscription], host.Stripe.Account.LiveSubscriptions(await host.CustomerOf(person)));
        Assert.DoesNotContain(host.Stripe.Requests, r => r.Call.StartsWith("DELETE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_subscription_to_something_else_is_left_alone()
    {
        await using var host = await StoreHost.StartAsync(database);
        var person = await host.Api.RegisterAsync();
        await host.DeliverAsync((await host.BuyAsync(person, "price_standard")).Events);
        await host.Worker.AllAppliedAsync();
        var customer = await host.CustomerOf(person);
        var (other, made) = host.Stripe.Account.Subscribe(customer, "price_of_another_product");
        await host.DeliverAsync(made);
        await host.DeliverAsync((await host.BuyAsync(person, "price_pro")).Events);
        await host.Worker.AllAppliedAsync();

        Assert.Equal(2, host.Stripe.Account.LiveSubscriptions(customer).Count);
        Assert.Contains(other, host.Stripe.Account.LiveSubscriptions(customer));
    }

    [Fact]
    public async Task a_subscription_at_a_price_of_before_ends_with_the_upgrade_too()
    {
        await using var host = await StoreHost.StartAsync(database);
        var person = await host.Api.RegisterAsync();
        var (standard, bought) = await host.BuyAsync(person, "price_standard");
        await host.DeliverAsync(bought);
        await host.Worker.AllAppliedAsync();

        // What a change of the setting leaves behind: the plan has its tier, and the catalog has no longer its price.
        host.Stripe.Account.Change(standard, s => s["items"]!["data"]![0]!["price"]!["id"] = "price_of_before");
        var (pro, upgraded) = await host.BuyAsync(person, "price_pro");
        await host.DeliverAsync(upgraded);
        await host.Worker.AllAppliedAsync();

        Assert.Equal([pro], host.Stripe.Account.LiveSubscriptions(await host.CustomerOf(person)));
        Assert.Equal("pro active", await host.Worker.PlanAsync(person.Id));
    }

    [Fact]
    public void the_one_that_stays_is_paid_then_highest_then_newest()
    {
        var start = DateTimeOffset.UnixEpoch;
        var owing = new LiveSubscription("owing", Tier.Pro, IsPaid: false, start.AddDays(3));
        var low = new LiveSubscription("low", Tier.Standard, IsPaid: true, start.AddDays(2));
        var old = new LiveSubscription("old", Tier.Pro, IsPaid: true, start);
        var fresh = new LiveSubscription("fresh", Tier.Pro, IsPaid: true, start.AddDays(1));

        Assert.Equal([old, low, owing], KeepOneSubscriptionHandler.Surplus([owing, low, old, fresh]));
        Assert.Equal([owing], KeepOneSubscriptionHandler.Surplus([owing, low]));
        Assert.Empty(KeepOneSubscriptionHandler.Surplus([low]));
        Assert.Empty(KeepOneSubscriptionHandler.Surplus([]));
    }

    [Theory]
    [InlineData(true, null, 0, false)]
    [InlineData(true, null, 1, true)]
    [InlineData(false, null, 0, true)]
    [InlineData(false, 0, 9, false)]
    [InlineData(false, 1, 0, true)]
    public void what_was_cancelled_is_not_paid_from_its_end_on(bool atPeriodEnd, int? cancelDays, int endDays, bool isPaid)
    {
        var asked = DateTimeOffset.UnixEpoch.AddYears(50);
        var body = JsonSerializer.SerializeToElement(new
        {
            id = "cancelled",
            status = "active",
            cancel_at = cancelDays is { } days ? asked.AddDays(days).ToUnixTimeSeconds() : (long?)null,
            cancel_at_period_end = atPeriodEnd,
            items = new { data = new[] { new { price = new { id = "price_pro" }, current_period_end = asked.AddDays(endDays).ToUnixTimeSeconds() } } },
        });
        var bought = new LiveSubscription("bought", Tier.Standard, IsPaid: true, asked);

        var cancelled = KeepOneSubscriptionHandler.Read(new(body, asked.AddMinutes(-5), asked), CustomerLife.Catalog, given: Tier.Free)!;

        Assert.Equal(isPaid, cancelled.IsPaid);
        Assert.Equal([isPaid ? bought : cancelled], KeepOneSubscriptionHandler.Surplus([cancelled, bought]));
    }

    [Fact]
    public async Task an_account_that_is_deleted_while_stripe_is_down_is_not_charged_any_more()
    {
        await using var host = await StoreHost.StartAsync(database);
        var person = await host.Api.RegisterAsync();
        await host.DeliverAsync((await host.BuyAsync(person, "price_standard")).Events);
        await host.Worker.AllAppliedAsync();
        var customer = await host.CustomerOf(person);
        // Nobody has told us about this one, and the second page is still open.
        host.Stripe.Account.Subscribe(customer, "price_pro");
        var open = await StoreHost.OpenAsync(person, "price_pro");

        host.Stripe.IsDown = true;
        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await person.Client.SendAsync(HttpMethod.Delete, "/account", content: null)).Status);
        await Eventually.BeTrueAsync("both orders failed", async () =>
            await database.ScalarAsync<long>("select count(*) from jobs where last_error is not null") == 2);
        Assert.Equal(2, host.Stripe.Account.LiveSubscriptions(customer).Count);
        host.Stripe.IsDown = false;
        await host.HurryAsync();
        await host.Worker.AllAppliedAsync();

        Assert.Empty(host.Stripe.Account.LiveSubscriptions(customer));
        Assert.Equal("expired", (string?)host.Stripe.Account.All("checkout.session").Single(s => (string?)s["id"] == open)["status"]);
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_jobs"));
    }

    [Fact]
    public async Task without_a_key_the_order_to_end_a_subscription_waits_for_an_operator()
    {
        await using var host = await StoreHost.StartAsync(database, stores => stores with { StripeKey = "" });
        var person = await host.Api.RegisterAsync();
        await host.DeliverAsync((await host.BuyAsync(person, "price_standard")).Events);
        await host.Worker.AllAppliedAsync();

        await person.Client.SendAsync(HttpMethod.Delete, "/account", content: null);
        await host.Worker.AllAppliedAsync();

        Assert.Equal(
            "billing.cancel_stripe_subscription,billing.close_stripe_customer",
            await database.ScalarAsync<string>("select string_agg(kind, ',' order by kind) from dead_jobs"));
        await database.ExecuteAsync("delete from dead_jobs");
    }
}
