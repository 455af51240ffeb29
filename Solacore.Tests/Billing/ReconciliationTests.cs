using Microsoft.AspNetCore.Http;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Jobs;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

/// <summary>What the stores say wins over what their events said, and an outage of a store costs nothing but time.</summary>
public sealed class ReconciliationTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private StoreHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        // What is compared is everything, so each test begins with nothing.
        await database.ExecuteAsync("truncate users, webhook_events, jobs, dead_jobs, store_cursors cascade");
        _host = await StoreHost.StartAsync(database, stores => stores with { ReconcileBatch = 3 });
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task an_event_counts_while_stripe_is_down_and_the_truth_follows()
    {
        var person = await _host.Api.RegisterAsync();
        var (subscription, bought) = await _host.BuyAsync(person, "price_pro");

        // Sent by a clock that is ahead of the one that answers.
        foreach (var sent in bought)
        {
            sent["created"] = (long)sent["created"]! + 60;
        }

        _host.Stripe.IsDown = true;
        await _host.DeliverAsync(bought);
        await Eventually.BeTrueAsync("the purchase counts", async () => await TierAsync(person.Id) == "pro");
        _host.Stripe.Account.Change(subscription, s => s["status"] = "past_due");
        await Eventually.BeTrueAsync("a try that failed", async () =>
            await database.ScalarAsync<long>("select count(*) from jobs where kind = 'billing.fetch_stripe' and last_error is not null") > 0);
        _host.Stripe.IsDown = false;
        await _host.HurryAsync();

        Assert.Equal("pro past_due", await _host.Worker.PlanAsync(person.Id));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_jobs"));
        Assert.Equal(
            "solacore.fetched",
            await database.ScalarAsync<string>("select cause from entitlement_changes where user_id = $1 order by id desc limit 1", person.Id));
    }

    [Fact]
    public async Task an_event_that_agrees_with_stripe_leaves_no_answer_behind()
    {
        var before = await _host.RepairsAsync();
        var person = await _host.Api.RegisterAsync();
        await _host.DeliverAsync((await _host.BuyAsync(person, "price_pro")).Events);
        await _host.Worker.AllAppliedAsync();

        Assert.Contains(_host.Stripe.Requests, r => r.Call.StartsWith("GET /v1/subscriptions/", StringComparison.Ordinal));
        Assert.Equal(before, await _host.RepairsAsync());
    }

    [Fact]
    public async Task after_an_outage_new_customers_come_first()
    {
        var old = await _host.Api.RegisterAsync();
        var (subscription, bought) = await _host.BuyAsync(old, "price_pro");
        await _host.DeliverAsync(bought);
        await _host.Worker.AllAppliedAsync();
        await database.ExecuteAsync("update entitlements set created_at = now() - interval '2 days' where user_id = $1", old.Id);
        var (_, boughtNow) = await _host.BuyAsync(await _host.Api.RegisterAsync(), "price_pro");

        _host.Stripe.IsDown = true;
        await _host.DeliverAsync(_host.Stripe.Account.Renew(subscription));
        await _host.DeliverAsync(boughtNow);
        await Eventually.BeTrueAsync("all applied", async () =>
            await database.ScalarAsync<long>("select count(*) from jobs where kind = 'webhooks.apply'") == 0);

        Assert.Equal(
            "0 new, 1 old",
            await database.ScalarAsync<string>(
                """
                select string_agg(distinct priority || case when payload ->> 'subscription_id' = $1 then ' old' else ' new' end, ', ')
                from jobs where kind = 'billing.fetch_stripe'
                """,
                subscription));
        _host.Stripe.IsDown = false;
        await _host.HurryAsync();
        await _host.Worker.AllAppliedAsync();
    }

    [Fact]
    public async Task a_store_that_asks_to_wait_is_left_alone()
    {
        var person = await _host.Api.RegisterAsync();
        var (_, bought) = await _host.BuyAsync(person, "price_pro");
        _host.Stripe.Fault = request => request.Call.StartsWith("GET", StringComparison.Ordinal)
            ? new StripeFault(StatusCodes.Status429TooManyRequests, RetryAfter: 120)
            : null;

        await _host.DeliverAsync(bought);
        var wait = await Eventually.BeAsync(
            "a refused question",
            async () => await database.ScalarAsync<double>(
                "select coalesce(max(extract(epoch from run_at - now())::float8), 0) from jobs where last_error like 'RetryLater%'"),
            seconds => seconds > 0);

        Assert.InRange(wait, 60, 121);
        await database.ExecuteAsync("delete from jobs");
    }

    [Fact]
    public async Task reconciliation_repairs_what_lost_events_left_behind()
    {
        // More than one batch, so that the passes have to go on where they ended.
        var people = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            var person = await _host.Api.RegisterAsync();
            people.Add(person.Id);
            var (subscription, bought) = await _host.BuyAsync(person, "price_standard");
            switch (i)
            {
                case 0:
                    // Nothing arrived.
                    break;
                case 1:
                    await _host.DeliverAsync(bought);
                    await _host.Worker.AllAppliedAsync();
                    _host.Stripe.Account.Change(subscription, s => s["status"] = "canceled");
                    break;
                case 2:
                    await _host.DeliverAsync(bought);
                    await _host.Worker.AllAppliedAsync();
                    _host.Stripe.Account.Renew(subscription);
                    break;
                case 3:
                    await _host.DeliverAsync(bought);
                    await _host.Worker.AllAppliedAsync();
                    _host.Stripe.Account.Change(subscription, s => s["cancel_at_period_end"] = true);
                    break;
                default:
                    await _host.DeliverAsync(bought);
                    await _host.Worker.AllAppliedAsync();
                    break;
            }
        }

        var before = await _host.RepairsAsync();
        await ReconcileStripeAsync(runs: 6);

        Assert.Equal(
            ["standard active", "free canceled", "standard active", "standard active", "standard active"],
            await Task.WhenAll(people.Select(p => _host.Worker.PlanAsync(p))));
        Assert.Equal(before + 4, await _host.RepairsAsync());
        var renewed = await _host.Worker.SettledAsync(people[2]);
        Assert.True(renewed.CurrentPeriodStart > DateTimeOffset.UtcNow.AddDays(20), $"{renewed.CurrentPeriodStart}");
        Assert.True((await _host.Worker.SettledAsync(people[3])).CancelAtPeriodEnd);

        await ReconcileStripeAsync(runs: 6);
        Assert.Equal(before + 4, await _host.RepairsAsync());
    }

    [Fact]
    public async Task a_subscription_of_nobody_here_is_left_alone()
    {
        var before = await _host.RepairsAsync();
        var (subscription, _) = _host.Stripe.Account.Subscribe("cus_of_another_installation", "price_pro");

        await ReconcileStripeAsync(runs: 2);

        Assert.Equal(before, await _host.RepairsAsync());
        Assert.Equal([subscription], _host.Stripe.Account.LiveSubscriptions("cus_of_another_installation"));
    }

    [Fact]
    public async Task what_stripe_could_not_deliver_is_fetched_once()
    {
        var lost = await _host.Api.RegisterAsync();
        var told = await _host.Api.RegisterAsync();
        var (_, undelivered) = await _host.BuyAsync(lost, "price_pro");
        var (_, delivered) = await _host.BuyAsync(told, "price_standard");
        await _host.DeliverAsync(delivered);
        await _host.Worker.AllAppliedAsync();

        for (var run = 0; run < 3; run++)
        {
            await _host.Worker.RunAsync(BackfillStripe.Kind, new BackfillStripe());
        }

        Assert.Equal("pro active", await _host.Worker.PlanAsync(lost.Id));
        var ids = undelivered.Concat(delivered).Select(e => (string)e["id"]!).ToArray();
        Assert.Equal(6, await database.ScalarAsync<long>("select count(*) from webhook_events where event_id = any($1)", (object)ids));
        var asked = _host.Stripe.Requests.Where(r => r.Call == "GET /v1/events").ToList();
        Assert.All(asked, request => Assert.Equal("false", request.Form["delivery_success"]));
        Assert.All(asked, request => Assert.InRange(
            DateTimeOffset.FromUnixTimeSeconds(long.Parse(request.Form["created[gte]"], System.Globalization.CultureInfo.InvariantCulture)),
            DateTimeOffset.UtcNow.AddDays(-30.1),
            DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task an_app_store_purchase_follows_revenuecat_when_events_are_lost()
    {
        var start = DateTimeOffset.UtcNow.AddDays(-40);
        var now = DateTimeOffset.UtcNow;
        var expired = await BuyInStoreAsync(start);
        var renewed = await BuyInStoreAsync(start);
        var cancelled = await BuyInStoreAsync(start);
        var owing = await BuyInStoreAsync(start);
        var refunded = await BuyInStoreAsync(start);
        var upgraded = await BuyInStoreAsync(start, "standard_access");
        var moved = await BuyInStoreAsync(start);
        var unknown = await BuyInStoreAsync(start);
        _host.RevenueCat.Owns(expired, "pro_access", start, start.AddDays(30));
        _host.RevenueCat.Owns(renewed, "pro_access", start.AddDays(30), start.AddDays(60));
        _host.RevenueCat.Owns(cancelled, "pro_access", start.AddDays(30), start.AddDays(60), s => s["unsubscribe_detected_at"] = Iso(now));
        _host.RevenueCat.Owns(owing, "pro_access", start.AddDays(11), start.AddDays(39.9), s =>
        {
            s["billing_issues_detected_at"] = Iso(now);
            s["grace_period_expires_date"] = Iso(now.AddDays(6));
        });
        _host.RevenueCat.Owns(refunded, "pro_access", start.AddDays(30), start.AddDays(60), s => s["refunded_at"] = Iso(now));
        _host.RevenueCat.Owns(upgraded, "pro_access", start.AddDays(30), start.AddDays(60));
        _host.RevenueCat.OwnsNothing(moved);
        await database.ExecuteAsync("update entitlements set compared_at = null");

        for (var run = 0; run < 8; run++)
        {
            await ReconcileRevenueCatAsync();
        }

        Assert.Equal(
            "free expired, pro active, pro active, pro past_due, free expired, pro active, free expired, pro active",
            string.Join(", ", await Task.WhenAll(
                new[] { expired, renewed, cancelled, owing, refunded, upgraded, moved, unknown }.Select(u => _host.Worker.PlanAsync(u)))));
        var plan = await _host.Worker.SettledAsync(cancelled);
        Assert.True(plan.CancelAtPeriodEnd);
        Assert.Equal(start.AddDays(60).ToUnixTimeSeconds(), plan.CurrentPeriodEnd!.Value.ToUnixTimeSeconds());
        Assert.Equal("free expired", await _host.Worker.PlanAsync(cancelled, start.AddDays(61)));
    }

    [Fact]
    public async Task the_end_of_a_period_that_was_told_in_milliseconds_is_corrected_and_what_was_used_stays()
    {
        var start = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.AddDays(-20).ToUnixTimeSeconds());
        var end = start.AddDays(30);
        var user = await BuyInStoreAsync(start.AddMilliseconds(123));
        await _host.Worker.RevenueCatAsync(Cancelled(user, start.AddMilliseconds(123)));
        await _host.Worker.AllAppliedAsync();
        var told = await _host.Worker.SettledAsync(user);
        await database.ExecuteAsync("update usage set session_count = 7 where user_id = $1 and period_start = $2", user, told.CurrentPeriodStart!.Value);
        var before = await _host.RepairsAsync();
        await OwnsUntilAsync(end);
        Assert.Equal(before, await _host.RepairsAsync());

        await OwnsUntilAsync(end.AddDays(14));

        var plan = await _host.Worker.SettledAsync(user);
        Assert.Equal((end.AddDays(14), true), (plan.CurrentPeriodEnd!.Value, plan.CancelAtPeriodEnd));
        Assert.Equal("pro active", await _host.Worker.PlanAsync(user, end.AddDays(1)));
        Assert.Equal(7, await UsedAsync(plan));

        // Sent once more, under a name of its own.
        await _host.Worker.RevenueCatAsync(Purchase(user, start.AddMilliseconds(123), "pro_access", "again_" + user));
        Assert.Equal(7, await UsedAsync(await _host.Worker.SettledAsync(user)));
        Assert.Equal(before + 1, await _host.RepairsAsync());

        async Task OwnsUntilAsync(DateTimeOffset until)
        {
            _host.RevenueCat.Owns(user, "pro_access", start, until, s => s["unsubscribe_detected_at"] = Iso(start.AddDays(5)));
            await database.ExecuteAsync("update entitlements set compared_at = null");
            await ReconcileRevenueCatAsync();
        }

        Task<int> UsedAsync(Solacore.Core.Data.Subscription of) => database.ScalarAsync<int>(
            "select session_count from usage where user_id = $1 and period_start = $2", user, of.CurrentPeriodStart!.Value);
    }

    [Fact]
    public async Task a_first_purchase_of_which_no_event_arrived_is_found_by_the_phone()
    {
        var now = DateTimeOffset.UtcNow;
        var people = new List<Guid>();
        for (var n = 0; n < 8; n++)
        {
            people.Add(await _host.Worker.UserAsync());
            await PhoneAsync(people[n], platform: n == 1 ? "android" : "ios", lastUsed: n == 2 ? now.AddDays(-9) : now.AddHours(-1));
            _host.RevenueCat.Owns(people[n], "pro_access", now.AddDays(n == 3 ? -40 : -1), now.AddDays(n == 3 ? -10 : 29));
        }

        await database.ExecuteAsync("update devices set platform = null where user_id = $1", people[4]);
        await database.ExecuteAsync("update subscriptions set tier = 'standard' where user_id = $1", people[5]);

        // More than a batch: the pass goes on where the first run ended.
        for (var run = 0; run < 2; run++)
        {
            await ReconcileRevenueCatAsync();
            // Whoever was found is a buyer from then on, and buyers come first.
            await database.ExecuteAsync("update entitlements set compared_at = now() + interval '1 hour'");
        }

        Assert.Equal(
            "pro active, pro active, free active, free active, free active, standard active, pro active, pro active",
            string.Join(", ", await Task.WhenAll(people.Select(p => _host.Worker.PlanAsync(p)))));
        Assert.Equal(
            people.Where((_, n) => n is not (2 or 4 or 5)).OrderBy(id => id.ToString("d"), StringComparer.Ordinal),
            _host.RevenueCat.Asked.Distinct());
    }

    [Fact]
    public async Task a_subscriber_whom_revenuecat_cannot_tell_about_does_not_hold_up_the_others()
    {
        var start = DateTimeOffset.UtcNow.AddDays(-40);
        var people = new List<Guid>();
        for (var n = 0; n < 5; n++)
        {
            people.Add(await BuyInStoreAsync(start));
            _host.RevenueCat.OwnsNothing(people[n]);
            await database.ExecuteAsync("update entitlements set compared_at = now() - make_interval(days => $2) where user_id = $1", people[n], 9 - n);
        }

        _host.RevenueCat.Asked.Clear();
        _host.RevenueCat.Broken = people[0];
        await RunFailingAsync(ReconcileRevenueCat.Kind, new ReconcileRevenueCat());

        Assert.Equal(people[..3], _host.RevenueCat.Asked);
        Assert.Equal(
            "pro active, free expired, free expired, pro active, pro active",
            string.Join(", ", await Task.WhenAll(people.Select(p => _host.Worker.PlanAsync(p)))));

        _host.RevenueCat.Broken = null;
        for (var run = 0; run < 4; run++)
        {
            await ReconcileRevenueCatAsync();
        }

        Assert.All(await Task.WhenAll(people.Select(p => _host.Worker.PlanAsync(p))), plan => Assert.Equal("free expired", plan));
    }

    [Fact]
    public async Task a_phone_whose_owner_revenuecat_cannot_tell_about_does_not_hold_up_the_others()
    {
        var now = DateTimeOffset.UtcNow;
        var people = new List<Guid>();
        for (var n = 0; n < 2; n++)
        {
            people.Add(await _host.Worker.UserAsync());
            await PhoneAsync(people[n], "ios", now.AddHours(-1));
            _host.RevenueCat.Owns(people[n], "pro_access", now.AddDays(-1), now.AddDays(29));
        }

        people.Sort((left, right) => string.CompareOrdinal(left.ToString(), right.ToString()));
        _host.RevenueCat.Broken = people[0];
        await RunFailingAsync(ReconcileRevenueCat.Kind, new ReconcileRevenueCat());

        Assert.Equal(["free active", "pro active"], await Task.WhenAll(people.Select(p => _host.Worker.PlanAsync(p))));
    }

    [Fact]
    public async Task while_revenuecat_is_down_everybody_keeps_their_place()
    {
        for (var n = 0; n < 2; n++)
        {
            _host.RevenueCat.OwnsNothing(await BuyInStoreAsync(DateTimeOffset.UtcNow.AddDays(-40)));
        }

        await database.ExecuteAsync("update entitlements set compared_at = now() - interval '9 days'");
        _host.RevenueCat.IsDown = true;
        await RunFailingAsync(ReconcileRevenueCat.Kind, new ReconcileRevenueCat());

        Assert.Equal(2, await database.ScalarAsync<long>("select count(*) from entitlements where compared_at < now() - interval '8 days'"));
    }

    [Fact]
    public async Task a_subscription_that_stripe_cannot_tell_about_does_not_hold_up_the_others()
    {
        var people = new List<Guid>();
        var subscriptions = new List<string>();
        for (var n = 0; n < 2; n++)
        {
            var person = await _host.Api.RegisterAsync();
            var (subscription, bought) = await _host.BuyAsync(person, "price_pro");
            await _host.DeliverAsync(bought);
            await _host.Worker.AllAppliedAsync();
            _host.Stripe.Account.Change(subscription, s => s["status"] = "canceled");
            await database.ExecuteAsync("update entitlements set compared_at = now() - make_interval(days => $2) where user_id = $1", person.Id, 9 - n);
            people.Add(person.Id);
            subscriptions.Add(subscription);
        }

        _host.Stripe.Fault = request => request.Call == "GET /v1/subscriptions/" + subscriptions[0] ? new StripeFault(StatusCodes.Status500InternalServerError) : null;
        await RunFailingAsync(ReconcileStripe.Kind, new ReconcileStripe());

        Assert.Equal(["pro active", "free canceled"], await Task.WhenAll(people.Select(p => _host.Worker.PlanAsync(p))));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from entitlements where compared_at < now() - interval '1 day'"));
    }

    [Fact]
    public async Task a_transfer_from_an_unknown_account_gives_the_heir_what_revenuecat_says()
    {
        var now = DateTimeOffset.UtcNow;
        var plans = new List<string>();
        foreach (var from in new[] { Guid.NewGuid().ToString(), "$RCAnonymousID:1", (await _host.Worker.UserAsync()).ToString() })
        {
            var heir = await _host.Worker.UserAsync();
            _host.RevenueCat.Owns(heir, "pro_access", now.AddDays(-5), now.AddDays(25));
            await _host.Worker.RevenueCatAsync(Transfer(from, heir));
            plans.Add(await _host.Worker.PlanAsync(heir));
        }

        var endedHeir = await _host.Worker.UserAsync();
        _host.RevenueCat.Owns(endedHeir, "pro_access", now.AddDays(-45), now.AddDays(-15));
        await _host.Worker.RevenueCatAsync(Transfer("$RCAnonymousID:2", endedHeir));
        plans.Add(await _host.Worker.PlanAsync(endedHeir));

        Assert.Equal(["pro active", "pro active", "pro active", "free active"], plans);
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from webhook_events where event_type = 'TRANSFER' and state <> 'applied'"));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_jobs"));
    }

    [Fact]
    public async Task whoever_lost_a_purchase_to_nobody_here_is_asked_for()
    {
        var start = DateTimeOffset.UtcNow.AddDays(-10);
        var user = await BuyInStoreAsync(start);
        _host.RevenueCat.Owns(user, "standard_access", start.AddDays(1), start.AddDays(31));
        _host.RevenueCat.Asked.Clear();
        await _host.Worker.RevenueCatAsync(Transfer(user.ToString(), Guid.NewGuid()));

        Assert.Equal("standard active", await _host.Worker.PlanAsync(user));
        Assert.Equal([user], _host.RevenueCat.Asked);
    }

    [Fact]
    public async Task a_store_event_during_an_outage_of_revenuecat_counts_and_is_checked_afterwards()
    {
        _host.RevenueCat.IsDown = true;
        var user = await _host.Worker.UserAsync();
        var start = DateTimeOffset.UtcNow.AddDays(-1);
        await _host.Worker.RevenueCatAsync(Purchase(user, start, "standard_access"));
        await Eventually.BeTrueAsync("the purchase counts", async () => await TierAsync(user) == "standard");
        await Eventually.BeTrueAsync("a try that failed", async () =>
            await database.ScalarAsync<long>("select count(*) from jobs where kind = 'billing.fetch_revenuecat' and last_error is not null") > 0);
        _host.RevenueCat.Owns(user, "pro_access", start, start.AddDays(30));
        _host.RevenueCat.IsDown = false;
        await _host.HurryAsync();

        Assert.Equal("pro active", await _host.Worker.PlanAsync(user));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_jobs"));
    }

    [Fact]
    public async Task what_is_no_reason_to_take_a_plan_away_takes_nothing_away()
    {
        var now = DateTimeOffset.UtcNow;
        var late = await BuyInStoreAsync(now.AddDays(-31));
        var tested = await BuyInStoreAsync(now.AddDays(-31));
        var renamed = await BuyInStoreAsync(now.AddDays(-31));
        // A renewal that is not known yet; test money; an entitlement under another name.
        _host.RevenueCat.Owns(late, "pro_access", now.AddDays(-31), now.AddHours(-3));
        _host.RevenueCat.Owns(tested, "pro_access", now.AddDays(-31), now.AddDays(-20), s => s["is_sandbox"] = true);
        _host.RevenueCat.Owns(renamed, "another_name", now.AddDays(-31), now.AddDays(-20));
        await database.ExecuteAsync("update entitlements set compared_at = null");
        var before = await _host.RepairsAsync();

        for (var run = 0; run < 8; run++)
        {
            await ReconcileRevenueCatAsync();
        }

        Assert.Equal(["pro active", "pro active", "pro active"], await Task.WhenAll(new[] { late, tested, renamed }.Select(u => _host.Worker.PlanAsync(u))));
        Assert.Equal(before, await _host.RepairsAsync());
    }

    private async Task<Guid> BuyInStoreAsync(DateTimeOffset purchased, string entitlement = "pro_access")
    {
        var user = await _host.Worker.UserAsync();
        await _host.Worker.RevenueCatAsync(Purchase(user, purchased, entitlement));
        await _host.Worker.AllAppliedAsync();
        return user;
    }

    private static object Purchase(Guid user, DateTimeOffset purchased, string entitlement, string? id = null) => new
    {
        api_version = "1.0",
        @event = new
        {
            id = id ?? "purchase_" + user,
            type = "INITIAL_PURCHASE",
            app_user_id = user,
            original_transaction_id = "tx_" + user,
            event_timestamp_ms = purchased.ToUnixTimeMilliseconds(),
            purchased_at_ms = purchased.ToUnixTimeMilliseconds(),
            expiration_at_ms = purchased.AddDays(30).ToUnixTimeMilliseconds(),
            entitlement_ids = new[] { entitlement },
        },
    };

    private static object Cancelled(Guid user, DateTimeOffset purchased) => new
    {
        @event = new
        {
            id = "cancelled_" + user,
            type = "CANCELLATION",
            cancel_reason = "UNSUBSCRIBE",
            app_user_id = user,
            original_transaction_id = "tx_" + user,
            event_timestamp_ms = purchased.AddDays(5).ToUnixTimeMilliseconds(),
            purchased_at_ms = purchased.ToUnixTimeMilliseconds(),
            expiration_at_ms = purchased.AddDays(30).ToUnixTimeMilliseconds(),
        },
    };

    private static object Transfer(string from, Guid to) => new
    {
        @event = new
        {
            id = "transfer_" + to,
            type = "TRANSFER",
            event_timestamp_ms = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
            transferred_from = new[] { from },
            transferred_to = new[] { to },
        },
    };

    private Task PhoneAsync(Guid user, string platform, DateTimeOffset lastUsed) => database.ExecuteAsync(
        """
        with phone as (insert into devices (id, user_id, device_fingerprint, platform) values ($1, $1, $1::text, $2) returning id)
        insert into active_sessions (id, user_id, device_id, token_hash, expires_at, created_at, rotated_at)
        select $1, $1, id, $1::text, now() + interval '20 days', now() - interval '30 days', $3 from phone
        """,
        user,
        platform,
        lastUsed);

    private async Task ReconcileStripeAsync(int runs)
    {
        for (var run = 0; run < runs; run++)
        {
            await _host.Worker.RunAsync(ReconcileStripe.Kind, new ReconcileStripe());
        }
    }

    /// <summary>Runs a job once, which fails, and then all that follows from it.</summary>
    private async Task RunFailingAsync<TPayload>(JobKind<TPayload> kind, TPayload payload)
    {
        var run = _host.Worker.RunAsync(kind, payload);
        await Eventually.BeTrueAsync("the run fails", async () =>
            await database.ScalarAsync<long>("select count(*) from jobs where kind = $1 and last_error is not null", kind.Name) == 1);
        await database.ExecuteAsync("delete from jobs where kind = $1", kind.Name);
        await run;
    }

    private Task ReconcileRevenueCatAsync() => _host.Worker.RunAsync(ReconcileRevenueCat.Kind, new ReconcileRevenueCat());

    private Task<string> TierAsync(Guid user) => database.ScalarAsync<string>("select tier from subscriptions where user_id = $1", user);

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
}
