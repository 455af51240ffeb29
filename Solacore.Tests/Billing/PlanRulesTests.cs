using System.Globalization;
using CsCheck;
using Solacore.Core.Billing;

namespace Solacore.Tests.Billing;

public sealed class PlanRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void nobody_has_the_free_plan_for_something() => Assert.Equal(Plan.Free, PlanRules.Compute([], Now));

    [Fact]
    public void the_highest_tier_alive_wins_and_among_equals_the_longest()
    {
        var shorter = Subscription("a", Tier.Pro, end: Now.AddDays(3));
        var longer = Subscription("b", Tier.Pro, end: Now.AddDays(9));
        var lower = Subscription("c", Tier.Standard, end: Now.AddDays(90));
        Assert.Equal("b", PlanRules.Compute([lower, shorter, longer], Now).SubscriptionId);
    }

    [Fact]
    public void a_renewing_plan_outlives_its_period_until_the_store_speaks() => Assert.Equal(
        (Tier.Pro, PlanStatus.Active, null),
        Told(PlanRules.Compute([Subscription("a", Tier.Pro, end: Now.AddDays(-3))], Now)));

    [Fact]
    public void a_cancelled_plan_lasts_to_the_end_of_its_period()
    {
        var cancelled = Subscription("a", Tier.Pro, end: Now.AddDays(3), cancelled: true);
        Assert.Equal((Tier.Pro, PlanStatus.Active, Now.AddDays(3)), Told(PlanRules.Compute([cancelled], Now)));
        Assert.Equal((Tier.Free, PlanStatus.Canceled, null), Told(PlanRules.Compute([cancelled], Now.AddDays(3))));
    }

    [Fact]
    public void a_failed_payment_keeps_the_plan_to_the_end_of_the_grace()
    {
        var troubled = Subscription("a", Tier.Pro, end: Now.AddDays(-1), standing: new(Standing.PastDue, Now.AddDays(5)));
        Assert.Equal((Tier.Pro, PlanStatus.PastDue, Now.AddDays(5)), Told(PlanRules.Compute([troubled], Now)));
        Assert.Equal((Tier.Free, PlanStatus.Canceled, null), Told(PlanRules.Compute([troubled], Now.AddDays(5))));
    }

    [Fact]
    public void a_plan_that_steps_down_names_the_next_step_only()
    {
        var pro = Subscription("a", Tier.Pro, end: Now.AddDays(3), cancelled: true);
        var standard = Subscription("b", Tier.Standard, end: Now.AddDays(8), cancelled: true);
        Assert.Equal((Tier.Pro, PlanStatus.Active, Now.AddDays(3)), Told(PlanRules.Compute([standard, pro], Now)));
        Assert.Equal((Tier.Standard, PlanStatus.Active, Now.AddDays(8)), Told(PlanRules.Compute([standard, pro], Now.AddDays(4))));
    }

    [Fact]
    public void a_refunded_charge_ends_the_period_that_it_paid_and_no_later_one()
    {
        var refund = new StoreSubscription(BillingSource.Stripe, "cus", "", new EntitlementState { RefundedChargeAt = Now.AddDays(-2) });
        var paid = Subscription("a", Tier.Pro, end: Now.AddDays(28));
        var renewed = Subscription("a", Tier.Pro, end: Now.AddDays(29), start: Now.AddDays(-1));
        Assert.Equal((Tier.Free, PlanStatus.Canceled, null), Told(PlanRules.Compute([refund, paid], Now)));
        Assert.Equal((Tier.Pro, PlanStatus.Active, null), Told(PlanRules.Compute([refund, renewed], Now)));
    }

    [Fact]
    public void a_dispute_counts_until_it_is_won_and_a_refund_for_ever()
    {
        var (former, latter) = (Now.AddDays(-32), Now.AddDays(-2));
        var paid = Subscription("a", Tier.Pro, end: Now.AddDays(28));
        Tier TierAfter(EntitlementState said) =>
            PlanRules.Compute([new StoreSubscription(BillingSource.Stripe, "cus", "", said), paid], Now).Tier;

        Assert.Equal(Tier.Free, TierAfter(new() { DisputedChargeAt = latter }));
        Assert.Equal(Tier.Pro, TierAfter(new() { DisputedChargeAt = latter, WonChargeAt = latter }));
        Assert.Equal(Tier.Free, TierAfter(new() { DisputedChargeAt = latter, WonChargeAt = former }));
        Assert.Equal(Tier.Free, TierAfter(new() { DisputedChargeAt = latter, WonChargeAt = latter, RefundedChargeAt = latter }));
    }

    [Fact]
    public void a_period_is_the_same_in_seconds_and_in_milliseconds_in_any_order()
    {
        var start = Now.AddDays(-3);
        var told = Bought("a", start.AddMilliseconds(123), new(Standing.Active), saidAt: start).State;
        var answer = Bought("a", start, new(Standing.Active), saidAt: start.AddDays(1)).State;
        var expired = Bought("a", start.AddMilliseconds(123), new(Standing.Expired), saidAt: start.AddDays(2)).State;

        var known = EntitlementState.Join(told, answer);
        var ended = EntitlementState.Join(known, expired);

        Assert.Equal((start.AddMilliseconds(123), start.AddDays(30)), (known.PeriodStart!.Current!.Value, known.PeriodEnd!.Current!.Value!.Value));
        Assert.Equal(known, EntitlementState.Join(answer, told));
        Assert.Equal(Standing.Expired, ended.Standing!.Current!.Value.Standing);
        Assert.Equal(ended, EntitlementState.Join(expired, EntitlementState.Join(answer, told)));
        Assert.Equal(ended, EntitlementState.Join(EntitlementState.Join(expired, answer), told));
    }

    [Fact]
    public void what_is_said_of_a_purchase_without_its_name_revives_none_that_had_ended_before()
    {
        var former = Bought("former", Now.AddDays(-90), new(Standing.Expired), saidAt: Now.AddDays(-60));
        var found = Bought("", Now.AddDays(-30), new(Standing.Active), saidAt: Now.AddDays(-20));
        var ended = Bought("latter", Now.AddDays(-30), new(Standing.Expired), saidAt: Now);
        Assert.Equal((Tier.Pro, PlanStatus.Active, null), Told(PlanRules.Compute([former, found], Now)));
        Assert.Equal((Tier.Free, PlanStatus.Expired, null), Told(PlanRules.Compute([former, found, ended], Now)));

        // Revived at the store, so that it is what was found.
        var revived = former with { State = EntitlementState.Join(former.State, ended.State) };
        Assert.Equal((Tier.Free, PlanStatus.Expired, null), Told(PlanRules.Compute([revived, found], Now)));

        // Nothing says that it had ended: what was found is its renewal.
        var renewing = Bought("former", Now.AddDays(-61), new(Standing.Active), saidAt: Now.AddDays(-61));
        var gone = Bought("", Now.AddDays(-30), new(Standing.Expired), saidAt: Now);
        Assert.Equal((Tier.Free, PlanStatus.Expired, null), Told(PlanRules.Compute([renewing, gone], Now)));
    }

    [Theory]
    // One ended the second the other began; one was running still; and one of which the renewal was never told.
    [InlineData(-60, -30, -30, -30)]
    [InlineData(-40, -10, -30, -30)]
    [InlineData(-30.5, -0.5, -31, -1)]
    public void what_the_store_says_of_the_purchase_that_is_alive_revives_no_other_one(double formerStart, double formerEnd, double latterStart, double period)
    {
        var former = Bought("former", Now.AddDays(formerStart), new(Standing.Expired), saidAt: Now.AddDays(formerEnd));
        var latter = Bought("latter", Now.AddDays(latterStart), new(Standing.Active), saidAt: Now.AddDays(latterStart));
        var found = Bought("", Now.AddDays(period), new(Standing.Active), saidAt: Now.AddDays(-0.4));
        Assert.Equal((Tier.Pro, PlanStatus.Active, null), Told(PlanRules.Compute([former, latter, found], Now)));

        var ended = Bought("latter", Now.AddDays(period), new(Standing.Expired), saidAt: Now);
        latter = latter with { State = EntitlementState.Join(latter.State, ended.State) };
        Assert.Equal((Tier.Free, PlanStatus.Expired, null), Told(PlanRules.Compute([former, latter, found], Now)));

        // What it says of the end holds for all of them.
        var alive = Bought("alive", Now.AddDays(-3), new(Standing.Active), saidAt: Now.AddDays(-3));
        var none = Bought("", Now.AddDays(period), new(Standing.Expired), saidAt: Now);
        Assert.Equal((Tier.Free, PlanStatus.Expired, null), Told(PlanRules.Compute([alive, latter, none], Now)));
    }

    [Fact]
    public void nothing_is_better_than_what_the_store_calls_the_best()
    {
        var former = Bought("former", Now.AddDays(-40), new(Standing.Active), saidAt: Now.AddDays(-40));
        var latter = Cheaper(Bought("latter", Now.AddDays(-30), new(Standing.Active), saidAt: Now.AddDays(-30)));
        var found = Cheaper(Bought("", Now.AddDays(-30), new(Standing.Active), saidAt: Now));
        Assert.Equal((Tier.Standard, PlanStatus.Active, null), Told(PlanRules.Compute([former, latter, found], Now)));

        static StoreSubscription Cheaper(StoreSubscription bought) =>
            bought with { State = bought.State with { StatedTier = new(Tier.Standard, bought.State.LastStamp) } };
    }

    [Fact]
    public void the_plan_does_not_change_before_it_says_so() =>
        Gen.Select(Gen.Int[0, 99_999].Array[1, 12], Gen.Int[0, 2_000], Gen.Int[1, 10_000]).Sample(
            (choices, hours, fraction) =>
            {
                var life = new CustomerLife(choices, subscriptionEvents: true);
                var plan = life.PlanAfter(life.Events, life.Now);
                var until = plan.ValidUntil ?? life.Now.AddHours(hours + 1);
                var between = life.Now + ((until - life.Now) * (fraction / 10_001.0));
                return life.PlanAfter(life.Events, between) == plan
                    && (plan.ValidUntil is null || life.PlanAfter(life.Events, until) != plan);
            },
            iter: 5_000,
            threads: 1);

    [Theory]
    [InlineData(Tier.Free, "2026-02-03T00:00:00Z", true)]
    [InlineData(Tier.Standard, "2026-11-20T10:00:00Z", false)]
    public void usage_is_counted_per_billing_period_and_for_free_once(Tier tier, string start, bool isLifetime) => Assert.Equal(
        new UsagePeriod(DateTimeOffset.Parse(start, CultureInfo.InvariantCulture), null, isLifetime),
        UsagePeriod.For(tier, new(2026, 11, 20, 10, 0, 0, TimeSpan.Zero), null, new(2026, 2, 3, 23, 59, 0, TimeSpan.Zero), Now));

    [Fact]
    public void usage_without_a_known_period_is_counted_per_month() => Assert.Equal(
        new UsagePeriod(new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), null, IsLifetime: false),
        UsagePeriod.For(Tier.Pro, null, null, Now.AddYears(-1), Now));

    [Theory]
    [InlineData(7, 10, null)]
    [InlineData(8, 10, UpgradeHint.ApproachingLimit)]
    [InlineData(10, 10, UpgradeHint.LimitReached)]
    [InlineData(12, 10, UpgradeHint.LimitReached)]
    [InlineData(500, null, null)]
    public void a_hint_comes_before_the_quota_ends(int used, int? limit, UpgradeHint? expected) => Assert.Equal(expected, QuotaRules.Hint(used, limit));

    private static (Tier, PlanStatus, DateTimeOffset?) Told(Plan plan) => (plan.Tier, plan.Status, plan.ValidUntil);

    /// <summary>A month of pro at an app store.</summary>
    private static StoreSubscription Bought(string id, DateTimeOffset start, StandingStatement standing, DateTimeOffset saidAt)
    {
        var stamp = new Stamp(saidAt, 0, saidAt, id);
        return new(BillingSource.RevenueCat, null, id, new EntitlementState
        {
            StatedTier = new(Tier.Pro, stamp),
            Standing = Registers.About(id.Length > 0 ? start : null, standing, stamp),
            PeriodStart = Registers.About(start, start, stamp),
            PeriodEnd = Registers.About<DateTimeOffset?>(start, start.AddDays(30), stamp),
            Activated = true,
            LastStamp = stamp,
        });
    }

    private static StoreSubscription Subscription(
        string id, Tier tier, DateTimeOffset end, bool cancelled = false, StandingStatement? standing = null, DateTimeOffset? start = null)
    {
        var stamp = new Stamp(Now.AddDays(-2), 0, Now, id);
        return new(BillingSource.Stripe, "cus", id, new EntitlementState
        {
            StatedTier = new(tier, stamp),
            Standing = Registers.About(null, standing ?? new(Standing.Active), stamp),
            PeriodStart = Registers.About(null, start ?? Now.AddDays(-2), stamp),
            PeriodEnd = Registers.About<DateTimeOffset?>(null, end, stamp),
            Cancellation = new(new(cancelled), stamp),
            Activated = true,
            LastStamp = stamp,
        });
    }
}
