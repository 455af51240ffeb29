using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

/// <summary>A plan that was set by hand, or moved here with its row, stays until its own store says otherwise.</summary>
public sealed class AdoptedPlanTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("")]
    [InlineData(", stripe_customer_id = 'cus_' || user_id, stripe_subscription_id = 'sub_' || user_id")]
    public async Task whoever_is_named_by_a_transfer_of_nothing_keeps_a_plan_from_before(string names)
    {
        await using var host = new BillingHost(database);
        var (giver, heir) = (await host.UserAsync(), await host.UserAsync());
        await SetAsync(heir, "tier = 'pro'" + names);

        await host.RevenueCatAsync(Transfer(giver, heir, Start));

        Assert.Equal(("free active", "pro active"), (await host.PlanAsync(giver), await host.PlanAsync(heir)));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from entitlement_changes where user_id = $1", heir));
    }

    [Theory]
    [InlineData("standard_access", "pro", "pro active")]
    [InlineData("pro_access", "standard", "pro active")]
    public async Task an_heir_keeps_a_plan_from_before_beside_what_is_moved_to_them_in_either_order(string moved, string before, string expected)
    {
        await using var host = new BillingHost(database);
        foreach (var isTransferFirst in new[] { false, true })
        {
            var (giver, heir) = (await host.UserAsync(), await host.UserAsync());
            await SetAsync(heir, $"tier = '{before}'");
            var events = new[] { Event(giver, "INITIAL_PURCHASE", Start, moved, "tx_" + giver), Transfer(giver, heir, Start.AddDays(1)) };
            foreach (var sent in isTransferFirst ? events.Reverse() : events)
            {
                await host.RevenueCatAsync(sent);
                await host.AllAppliedAsync();
            }

            Assert.Equal(("free active", expected), (await host.PlanAsync(giver), await host.PlanAsync(heir)));
        }
    }

    [Fact]
    public async Task what_an_heir_is_told_of_themselves_takes_over_a_plan_from_before()
    {
        await using var host = new BillingHost(database);
        var (giver, heir) = (await host.UserAsync(), await host.UserAsync());
        await SetAsync(heir, "tier = 'pro'");
        await host.RevenueCatAsync(Event(giver, "INITIAL_PURCHASE", Start, "standard_access", "tx_" + giver));
        await host.RevenueCatAsync(Transfer(giver, heir, Start.AddDays(1)));
        Assert.Equal("pro active", await host.PlanAsync(heir));

        await host.RevenueCatAsync(Event(heir, "RENEWAL", Start.AddDays(2), "standard_access", "tx_" + giver));

        Assert.Equal("standard active", await host.PlanAsync(heir));
    }

    [Fact]
    public async Task whoever_is_linked_by_former_transfers_keeps_a_plan_from_before_when_the_first_one_buys()
    {
        await using var host = new BillingHost(database);
        var (first, second, third) = (await host.UserAsync(), await host.UserAsync(), await host.UserAsync());
        await host.RevenueCatAsync(Transfer(first, second, Start));
        await host.RevenueCatAsync(Transfer(second, third, Start.AddDays(1)));
        await host.AllAppliedAsync();
        await SetAsync(third, "tier = 'pro'");

        await host.RevenueCatAsync(Event(first, "INITIAL_PURCHASE", Start.AddDays(2), "standard_access", "tx_" + first));

        Assert.Equal(("standard active", "pro active"), (await host.PlanAsync(first), await host.PlanAsync(third)));
    }

    [Theory]
    [InlineData("standard", "pro")]
    [InlineData("pro", "standard")]
    public async Task of_two_plans_from_before_that_a_transfer_brings_together_the_better_one_counts(string givers, string heirs)
    {
        await using var host = new BillingHost(database);
        var (giver, heir) = (await host.UserAsync(), await host.UserAsync());
        await SetAsync(giver, $"tier = '{givers}'");
        await SetAsync(heir, $"tier = '{heirs}'");

        await host.RevenueCatAsync(Transfer(giver, heir, Start));

        Assert.Equal(("free active", "pro active"), (await host.PlanAsync(giver), await host.PlanAsync(heir)));
    }

    [Fact]
    public async Task whose_a_plan_from_before_is_does_not_depend_on_which_store_is_heard_first()
    {
        await using var host = new BillingHost(database);
        var plans = new List<string>();
        foreach (var isStripeFirst in new[] { false, true })
        {
            var user = await host.UserAsync();
            await SetAsync(user, "tier = 'pro'");
            Func<Task>[] events =
            [
                () => host.StripeAsync(CheckoutOfAnotherProduct(user)),
                () => host.RevenueCatAsync(Event(user, "EXPIRATION", Start.AddDays(1), entitlement: null, transaction: null)),
            ];
            foreach (var send in isStripeFirst ? events : events.Reverse())
            {
                await send();
                await host.AllAppliedAsync();
            }

            plans.Add(await host.PlanAsync(user));
        }

        Assert.Equal(["free active", "free active"], plans);
    }

    private Task SetAsync(Guid user, string columns) => database.ExecuteAsync($"update subscriptions set {columns} where user_id = $1", user);

    private static object Event(Guid user, string type, DateTimeOffset at, string? entitlement, string? transaction) => new
    {
        id = $"{type}_{user}",
        type,
        app_user_id = user,
        original_transaction_id = transaction,
        event_timestamp_ms = at.ToUnixTimeMilliseconds(),
        purchased_at_ms = transaction is null ? (long?)null : at.ToUnixTimeMilliseconds(),
        expiration_at_ms = transaction is null ? (long?)null : at.AddDays(365).ToUnixTimeMilliseconds(),
        entitlement_ids = entitlement is null ? null : new[] { entitlement },
    };

    private static object Transfer(Guid from, Guid to, DateTimeOffset at) => new
    {
        id = $"transfer_{from}_{to}",
        type = "TRANSFER",
        event_timestamp_ms = at.ToUnixTimeMilliseconds(),
        transferred_from = new[] { from },
        transferred_to = new[] { to },
    };

    private static object CheckoutOfAnotherProduct(Guid user) => new
    {
        id = "checkout_" + user,
        type = "checkout.session.completed",
        created = Start.ToUnixTimeSeconds(),
        data = new
        {
            @object = new
            {
                mode = "subscription",
                payment_status = "paid",
                customer = "cus_" + user,
                subscription = "sub_" + user,
                metadata = new { user_id = user, price_id = "price_other" },
            },
        },
    };
}
