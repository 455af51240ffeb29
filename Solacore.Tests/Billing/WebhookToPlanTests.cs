using Microsoft.EntityFrameworkCore;
using Npgsql;
using Solacore.Core.Billing;
using Solacore.Core.Jobs;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

public sealed class WebhookToPlanTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task a_checkout_and_its_invoice_make_a_plan()
    {
        await using var host = new BillingHost(database);
        var user = await host.UserAsync();
        await host.StripeAsync(StoreEvents.Checkout(user, "a", "price_standard", Start));
        await host.StripeAsync(StoreEvents.InvoicePaid("a", Start, Start));

        var plan = await host.SettledAsync(user);
        Assert.Equal(
            (Tier.Standard, PlanStatus.Active, Start, Start.AddDays(30), false, "cus_a", "sub_a", null),
            (plan.Tier, plan.Status, plan.CurrentPeriodStart, plan.CurrentPeriodEnd, plan.CancelAtPeriodEnd, plan.StripeCustomerId,
                plan.StripeSubscriptionId, plan.PlanValidUntil));
        Assert.Equal(0, await UsageAsync(user, Start));
        Assert.Equal(1, await ChangesAsync(user, "free", "standard"));
    }

    [Fact]
    public async Task an_invoice_that_overtakes_its_checkout_counts_as_soon_as_the_customer_is_known()
    {
        await using var host = new BillingHost(database);
        var user = await host.UserAsync();
        await host.StripeAsync(StoreEvents.InvoicePaid("b", Start, Start));
        Assert.Equal("free active", await host.PlanAsync(user));
        Assert.Equal("waiting", await StateAsync("invoice_b"));

        await host.StripeAsync(StoreEvents.Checkout(user, "b", "price_standard", Start));

        var plan = await host.SettledAsync(user);
        Assert.Equal((Tier.Standard, PlanStatus.Active, Start, "cus_b", "sub_b"), (plan.Tier, plan.Status, plan.CurrentPeriodStart, plan.StripeCustomerId, plan.StripeSubscriptionId));
        Assert.Equal(0, await UsageAsync(user, Start));
        Assert.Equal("applied", await StateAsync("invoice_b"));
    }

    [Fact]
    public async Task two_hundred_deliveries_at_once_are_one_event_and_one_effect()
    {
        await using var host = new BillingHost(database, workers: 2);
        var user = await host.UserAsync();
        var accepted = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => host.StripeAsync(StoreEvents.Checkout(user, "c", "price_pro", Start)))));

        Assert.Single(accepted, isNew => isNew);
        Assert.Equal("pro active", await host.PlanAsync(user));
        Assert.Equal(1, await ChangesAsync(user, "free", "pro"));
        Assert.Equal(1, await database.ScalarAsync<long>("select count(*) from webhook_events where event_id = 'checkout_c'"));
    }

    [Fact]
    public async Task an_event_that_cannot_be_applied_parks_alone_and_takes_none_of_its_batch_along()
    {
        await database.ExecuteAsync(
            """
            create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$;
            create trigger refuse before update on webhook_events for each row when (new.event_id = 'checkout_refused') execute function refuse();
            """);
        await using var host = new BillingHost(database);
        var neighbours = new List<Guid>();
        var blockers = await InOneBatchAsync(host, async () =>
        {
            for (var n = 0; n < 10; n++)
            {
                neighbours.Add(await host.UserAsync());
                await host.StripeAsync(StoreEvents.Checkout(neighbours[n], $"neighbour{n}", "price_standard", Start));
            }

            await host.StripeAsync(StoreEvents.Checkout(await host.UserAsync(), "refused", "price_standard", Start));
        });

        await CountAsync(1, "select count(*) from jobs");
        await CountAsync(1, "select count(*) from jobs where state = 0");
        await database.ExecuteAsync("update jobs set run_at = now(), max_attempts = attempts + 1");
        await CountAsync(1, "select count(*) from dead_jobs");
        Assert.Equal("received", await StateAsync("checkout_refused"));
        foreach (var user in neighbours.Concat(blockers))
        {
            Assert.Equal("standard active", await host.PlanAsync(user));
            Assert.Equal(1, await ChangesAsync(user, "free", "standard"));
        }

        await database.ExecuteAsync("delete from dead_jobs");
    }

    [Fact]
    public async Task history_is_written_in_the_order_in_which_the_events_of_a_batch_were_applied()
    {
        await using var host = new BillingHost(database);
        var people = new List<Guid>();
        await InOneBatchAsync(host, async () =>
        {
            for (var n = 0; n < 12; n++)
            {
                people.Add(await host.UserAsync());
                await host.StripeAsync(StoreEvents.Checkout(people[n], $"first{n}", "price_standard", Start));
            }

            for (var n = 0; n < people.Count; n++)
            {
                await host.RevenueCatAsync(StoreEvents.RevenueCat(people[n], $"store{n}", "INITIAL_PURCHASE", Start, "pro_access", transaction: $"tx_store{n}"));
                await host.StripeAsync(StoreEvents.Checkout(people[n], $"second{n}", "price_pro", Start));
            }
        });
        await host.AllAppliedAsync();

        await using var db = database.Open();
        var lines = await db.EntitlementChanges.Where(c => people.Contains(c.UserId)).OrderBy(c => c.Id).ToListAsync();
        Assert.Equal(1, await database.ScalarAsync<long>("select count(distinct xmin::text) from entitlement_changes where user_id = any($1)", (object)people.ToArray()));
        Assert.True(lines.Count > 2 * people.Count, $"{lines.Count} lines");
        Assert.Equal(lines.Select(c => c.At).Order(), lines.Select(c => c.At));
        Assert.All(people, person =>
        {
            var own = lines.Where(c => c.UserId == person).ToList();
            Assert.Equal(
                own.SkipLast(1).Select(c => (c.TierAfter, c.StatusAfter)).Prepend((Tier.Free, PlanStatus.Active)),
                own.Select(c => (c.TierBefore, c.StatusBefore)));
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_customer_belongs_to_whoever_bought_last_in_any_order(bool reversed)
    {
        await using var host = new BillingHost(database);
        var former = await host.UserAsync();
        var latter = await host.UserAsync();
        var name = $"owner_{reversed}";
        object[] bought =
        [
            StoreEvents.Checkout(former, name + "_1", "price_standard", Start, "cus_" + name),
            StoreEvents.Checkout(latter, name + "_2", "price_pro", Start.AddDays(8), "cus_" + name),
            StoreEvents.Checkout(latter, name + "_0", "price_pro", Start.AddDays(-8), "cus_left_" + name),
        ];
        foreach (var checkout in reversed ? bought.Reverse() : bought)
        {
            await host.StripeAsync(checkout);
            await host.AllAppliedAsync();
        }

        Assert.Equal(
            [(Tier.Standard, null, $"sub_{name}_1"), (Tier.Pro, "cus_" + name, $"sub_{name}_2")],
            new[] { await host.SettledAsync(former), await host.SettledAsync(latter) }
                .Select(plan => (plan.Tier, plan.StripeCustomerId, plan.StripeSubscriptionId)));
    }

    [Fact]
    public async Task a_late_invoice_does_not_revive_a_deleted_subscription()
    {
        await using var host = new BillingHost(database);
        var user = await host.UserAsync();
        await host.StripeAsync(StoreEvents.Checkout(user, "d", "price_pro", Start));
        await host.StripeAsync(StoreEvents.Deleted("d", Start.AddDays(3)));
        Assert.Equal("free canceled", await host.PlanAsync(user));

        await host.StripeAsync(StoreEvents.InvoicePaid("d", Start, Start.AddDays(4)));

        var plan = await host.SettledAsync(user);
        Assert.Equal(
            (Tier.Free, PlanStatus.Canceled, null, null, "cus_d", null),
            (plan.Tier, plan.Status, plan.CurrentPeriodStart, plan.CurrentPeriodEnd, plan.StripeCustomerId, plan.StripeSubscriptionId));
    }

    [Fact]
    public async Task each_store_ends_only_what_it_sold()
    {
        await using var host = new BillingHost(database);
        var user = await host.UserAsync();
        await host.StripeAsync(StoreEvents.Checkout(user, "e", "price_standard", Start));
        await host.RevenueCatAsync(StoreEvents.RevenueCat(user, "e1", "INITIAL_PURCHASE", Start, "pro_access"));
        Assert.Equal("pro active", await host.PlanAsync(user));

        await host.RevenueCatAsync(StoreEvents.RevenueCat(user, "e2", "EXPIRATION", Start.AddDays(30), "pro_access"));
        Assert.Equal("standard active", await host.PlanAsync(user));

        await host.StripeAsync(StoreEvents.Deleted("e", Start.AddDays(40)));
        Assert.Equal("free canceled", await host.PlanAsync(user));
    }

    [Fact]
    public async Task a_cancelled_plan_ends_with_its_period_without_any_event()
    {
        await using var host = new BillingHost(database);
        var user = await host.UserAsync();
        var now = TimeProvider.System.GetUtcNow();
        await host.RevenueCatAsync(StoreEvents.RevenueCat(user, "f1", "INITIAL_PURCHASE", now, "pro_access"));
        await host.RevenueCatAsync(StoreEvents.RevenueCat(user, "f2", "CANCELLATION", now.AddMinutes(1), "pro_access", purchasedAt: now));

        Assert.Equal("pro active", await host.PlanAsync(user));
        Assert.Equal("free expired", await host.PlanAsync(user, now.AddDays(31)));
        Assert.Equal(1, await database.ScalarAsync<long>("select count(*) from entitlement_changes where user_id = $1 and cause = 'time'", user));
    }

    [Fact]
    public async Task a_plan_that_was_set_by_hand_is_taken_over_by_the_first_event()
    {
        await using var host = new BillingHost(database);
        var user = await host.UserAsync();
        await database.ExecuteAsync("update subscriptions set tier = 'standard', stripe_customer_id = 'cus_g' where user_id = $1", user);
        await host.StripeAsync(StoreEvents.InvoicePaid("g", Start, Start));
        Assert.Equal("standard active", await host.PlanAsync(user));

        await host.StripeAsync(StoreEvents.Deleted("g", Start.AddDays(1)));
        Assert.Equal("free canceled", await host.PlanAsync(user));

        var other = await host.UserAsync();
        await database.ExecuteAsync("update subscriptions set tier = 'pro' where user_id = $1", other);
        await host.RevenueCatAsync(new { @event = new { type = "EXPIRATION", id = "g2", app_user_id = other } });
        Assert.Equal("free expired", await host.PlanAsync(other));
    }

    [Fact]
    public async Task a_transfer_moves_the_purchase_and_earlier_events_that_come_after_it()
    {
        await using var host = new BillingHost(database);
        var from = await host.UserAsync();
        var to = await host.UserAsync();
        await host.RevenueCatAsync(StoreEvents.RevenueCat(from, "h1", "INITIAL_PURCHASE", Start, "pro_access"));
        await host.RevenueCatAsync(new
        {
            @event = new
            {
                id = "h2",
                type = "TRANSFER",
                event_timestamp_ms = Start.AddDays(2).ToUnixTimeMilliseconds(),
                transferred_from = new[] { "$RCAnonymousID:1", from.ToString() },
                transferred_to = new[] { to.ToString() },
            },
        });
        Assert.Equal(("free active", "pro active"), (await host.PlanAsync(from), await host.PlanAsync(to)));

        await host.RevenueCatAsync(StoreEvents.RevenueCat(from, "h3", "RENEWAL", Start.AddDays(1), "pro_access", transaction: "tx_late"));
        Assert.Equal(("free active", "pro active"), (await host.PlanAsync(from), await host.PlanAsync(to)));
        Assert.Equal(2, await database.ScalarAsync<long>("select count(*) from entitlements where user_id = $1", to));
    }

    [Fact]
    public async Task a_purchase_that_names_no_transaction_moves_with_a_transfer_too()
    {
        await using var host = new BillingHost(database);
        var from = await host.UserAsync();
        var to = await host.UserAsync();
        object Purchase(string id, string entitlement, DateTimeOffset at) => new
        {
            id,
            type = "INITIAL_PURCHASE",
            app_user_id = from,
            event_timestamp_ms = at.ToUnixTimeMilliseconds(),
            entitlement_ids = new[] { entitlement },
        };
        await host.RevenueCatAsync(Purchase("l1", "standard_access", Start));
        await host.RevenueCatAsync(new
        {
            id = "l2",
            type = "TRANSFER",
            event_timestamp_ms = Start.AddDays(2).ToUnixTimeMilliseconds(),
            transferred_from = new[] { from },
            transferred_to = new[] { to },
        });
        Assert.Equal(("free active", "standard active"), (await host.PlanAsync(from), await host.PlanAsync(to)));

        // Made before the transfer and told after it; and one that was made afterwards.
        await host.RevenueCatAsync(Purchase("l3", "pro_access", Start.AddDays(1)));
        Assert.Equal(("free active", "pro active"), (await host.PlanAsync(from), await host.PlanAsync(to)));
        await host.RevenueCatAsync(Purchase("l4", "standard_access", Start.AddDays(3)));
        Assert.Equal(("standard active", "pro active"), (await host.PlanAsync(from), await host.PlanAsync(to)));
    }

    [Theory]
    [InlineData("$RCAnonymousID:1")]
    [InlineData("0198c0de-0000-7000-8000-00000000dead")]
    [InlineData(null)]
    public async Task a_transfer_to_nobody_here_takes_the_purchase_away_until_it_is_renewed(string? to)
    {
        await using var host = new BillingHost(database);
        var from = await host.UserAsync();
        var name = "n" + from;
        await host.RevenueCatAsync(StoreEvents.RevenueCat(from, name + 1, "INITIAL_PURCHASE", Start, "pro_access", transaction: name));
        await host.RevenueCatAsync(new
        {
            id = name + 2,
            type = "TRANSFER",
            event_timestamp_ms = Start.AddDays(2).ToUnixTimeMilliseconds(),
            transferred_from = new[] { from.ToString() },
            transferred_to = to is null ? [] : new[] { to },
        });
        Assert.Equal("free active", await host.PlanAsync(from));

        // Made before the transfer and told after it.
        await host.RevenueCatAsync(StoreEvents.RevenueCat(from, name + 3, "RENEWAL", Start.AddDays(1), "pro_access", transaction: name));
        Assert.Equal("free active", await host.PlanAsync(from));
        await host.StripeAsync(StoreEvents.Checkout(from, name, "price_standard", Start.AddDays(1)));
        Assert.Equal("standard active", await host.PlanAsync(from));
        await host.RevenueCatAsync(StoreEvents.RevenueCat(from, name + 4, "RENEWAL", Start.AddDays(30), "pro_access", transaction: name));
        Assert.Equal("pro active", await host.PlanAsync(from));
    }

    [Fact]
    public async Task what_was_transferred_to_a_person_who_is_gone_is_nobodys()
    {
        await using var host = new BillingHost(database);
        var from = await host.UserAsync();
        var to = await host.UserAsync();
        await host.RevenueCatAsync(new
        {
            id = "p2",
            type = "TRANSFER",
            event_timestamp_ms = Start.AddDays(2).ToUnixTimeMilliseconds(),
            transferred_from = new[] { from },
            transferred_to = new[] { to },
        });
        await host.AllAppliedAsync();
        await database.ExecuteAsync("delete from users where id = $1", to);
        await host.RevenueCatAsync(StoreEvents.RevenueCat(from, "p1", "INITIAL_PURCHASE", Start, "pro_access"));
        Assert.Equal("free active", await host.PlanAsync(from));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task who_buys_again_after_a_refund_has_the_plan_before_the_invoice_comes(bool reversed)
    {
        await using var host = new BillingHost(database);
        var user = await host.UserAsync();
        var customer = $"cus_q_{reversed}";
        object Refund(DateTimeOffset charged, DateTimeOffset at) => new
        {
            id = $"refund_{charged.ToUnixTimeSeconds()}_{reversed}",
            type = "charge.refunded",
            created = at.ToUnixTimeSeconds(),
            data = new { @object = new { @object = "charge", customer, refunded = true, created = charged.ToUnixTimeSeconds() } },
        };
        object[] events =
        [
            StoreEvents.Checkout(user, $"q1_{reversed}", "price_standard", Start, customer),
            Refund(Start.AddSeconds(-2), Start.AddDays(3)),
            StoreEvents.Checkout(user, $"q2_{reversed}", "price_pro", Start.AddDays(8), customer),
        ];
        foreach (var sent in reversed ? events.Reverse() : events)
        {
            await host.StripeAsync(sent);
            await host.AllAppliedAsync();
        }

        Assert.Equal("pro active", await host.PlanAsync(user));

        await host.StripeAsync(Refund(Start.AddDays(8).AddSeconds(-2), Start.AddDays(9)));
        Assert.Equal("free canceled", await host.PlanAsync(user));
    }

    [Fact]
    public async Task events_about_nobody_change_nothing()
    {
        await using var host = new BillingHost(database);
        var user = await host.UserAsync();
        await host.RevenueCatAsync(StoreEvents.RevenueCat(Guid.NewGuid(), "i1", "INITIAL_PURCHASE", Start, "pro_access"));
        await host.RevenueCatAsync(StoreEvents.RevenueCat(user, "i2", "TEST", Start, "pro_access"));
        await host.StripeAsync(new { id = "i3", type = "customer.tax_id.created", data = new { } });
        await host.StripeAsync(new { id = "i4", type = "checkout.session.completed", data = new { @object = new { metadata = new { user_id = "no-uuid" }, client_reference_id = user } } });

        // Without a key for Stripe nobody can be asked whose charge it is.
        await host.StripeAsync(new { id = "i5", type = "charge.dispute.created", data = new { @object = new { @object = "dispute", charge = "ch_i" } } });

        Assert.Equal("free active", await host.PlanAsync(user));
        foreach (var id in new[] { "i1", "i2", "i3", "i4", "i5" })
        {
            Assert.Equal("ignored", await StateAsync(id));
        }
    }

    [Fact]
    public async Task what_the_stores_tell_about_a_deleted_person_or_about_no_purchase_is_not_kept()
    {
        await using var host = new BillingHost(database);
        var gone = Guid.NewGuid();
        var customer = await host.UserAsync();
        await database.ExecuteAsync("update subscriptions set stripe_customer_id = 'cus_m' where user_id = $1", customer);
        object Renewed(string id, string customerId) => new
        {
            id,
            type = "customer.subscription.updated",
            created = Start.ToUnixTimeSeconds(),
            data = new { @object = new { id = "sub_" + id, @object = "subscription", customer = customerId, metadata = new { user_id = gone } } },
        };
        await host.StripeAsync(Renewed("m1", "cus_of_the_deleted"));
        await host.RevenueCatAsync(StoreEvents.RevenueCat(gone, "m2", "RENEWAL", Start, "pro_access"));
        await host.StripeAsync(Renewed("m3", "cus_m"));
        await host.StripeAsync(StoreEvents.InvoicePaid("m4", Start, Start));
        await host.StripeAsync(new { id = "m5", type = "customer.updated", data = new { @object = new { id = "cus_of_the_deleted", @object = "customer", name = "A Name" } } });
        await host.StripeAsync(new { id = "m6", type = "charge.dispute.created", data = new { @object = new { @object = "dispute", charge = "ch_of_the_deleted" } } });
        await host.AllAppliedAsync();

        Assert.Equal(
            "m1 ignored empty, m2 ignored empty, m3 applied, invoice_m4 waiting, m5 ignored empty, m6 ignored empty",
            await database.ScalarAsync<string>(
                """
                select string_agg(
                    concat_ws(' ', event_id, state, case when body = '' and customer_key is null then 'empty' end), ', ' order by received_at)
                from webhook_events where event_id in ('m1', 'm2', 'm3', 'invoice_m4', 'm5', 'm6')
                """));
    }

    [Fact]
    public async Task sandbox_purchases_do_not_count_in_production()
    {
        await using var host = new BillingHost(database);
        var user = await host.UserAsync();
        await host.RevenueCatAsync(new { id = "j1", type = "INITIAL_PURCHASE", app_user_id = user, environment = "SANDBOX", entitlement_id = "pro_access" });
        Assert.Equal("free active", await host.PlanAsync(user));
    }

    [Fact]
    public async Task an_event_that_cannot_be_applied_is_parked_and_replays()
    {
        await using var host = new BillingHost(database);
        var user = await host.UserAsync();
        await database.ExecuteAsync("alter table entitlements add constraint broken check (external_subscription_id <> 'sub_k')");
        await host.StripeAsync(StoreEvents.Checkout(user, "k", "price_pro", Start));
        await Eventually.BeTrueAsync("the event parked", async () =>
        {
            await database.ExecuteAsync("update jobs set max_attempts = 1, run_at = now() where state = 0");
            return await database.ScalarAsync<long>("select count(*) from dead_jobs where kind = 'webhooks.apply'") == 1;
        });
        Assert.Equal(("free active", "received"), (await host.PlanAsync(user), await StateAsync("checkout_k")));

        await database.ExecuteAsync("alter table entitlements drop constraint broken");
        await using (var db = database.Open())
        {
            Assert.Equal(1, await DeadJobs.ReplayAsync(db, new(Kind: "webhooks.apply"), CancellationToken.None));
        }

        Assert.Equal(("pro active", "applied"), (await host.PlanAsync(user), await StateAsync("checkout_k")));
    }

    [Fact]
    public async Task no_more_sessions_are_granted_in_parallel_than_the_plan_allows()
    {
        await using var host = new BillingHost(database);
        var user = await host.UserAsync();
        var subscription = await host.SettledAsync(user);
        var reservations = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(async () =>
        {
            await using var db = database.Open();
            return await Quota.ReserveAsync(db, subscription, BillingHost.Options, TimeProvider.System.GetUtcNow(), CancellationToken.None);
        })));

        Assert.Equal(Enumerable.Range(1, 10), reservations.Where(r => r.Granted).Select(r => r.Used).Order());
        Assert.Equal(new QuotaReservation(Granted: false, 10, 10), reservations.First(r => !r.Granted));
        Assert.Equal(10, await database.ScalarAsync<int>("select session_count from usage where user_id = $1", user));
    }

    [Fact]
    public async Task shuffled_lives_end_in_the_stored_plan_of_the_life_in_order()
    {
        await using var host = new BillingHost(database, workers: 2);
        await host.UserAsync(CustomerLife.User);
        var choices = new Random(11);
        var life = new CustomerLife(Enumerable.Range(0, 30).Select(_ => choices.Next(100_000)), subscriptionEvents: true);
        var arrivals = life.Events.Concat(life.Events).ToArray();
        choices.Shuffle(arrivals);
        foreach (var arrival in arrivals)
        {
            await (arrival.Reader == StripeEventReader.Read ? host.StripeAsync(arrival.Body) : host.RevenueCatAsync(arrival.Body));
        }

        await host.SettledAsync(CustomerLife.User);
        var expected = life.PlanAfter(life.Events);
        await using var db = database.Open();
        var entitlements = await db.Entitlements.AsNoTracking().Where(e => e.UserId == CustomerLife.User).ToListAsync();
        var stored = PlanRules.Compute(
            [.. entitlements.Select(e => new StoreSubscription(e.Source, e.CustomerId, e.ExternalSubscriptionId, e.State))], life.Now);
        Assert.Equal(expected, stored);
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_jobs"));
    }

    /// <summary>
    /// Brings what <paramref name="deliver"/> delivers into one batch: it gathers while two batches wait for two people, who
    /// are returned.
    /// </summary>
    private async Task<Guid[]> InOneBatchAsync(BillingHost host, Func<Task> deliver)
    {
        Guid[] blockers = [await host.UserAsync(), await host.UserAsync()];
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var held = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var hold = new NpgsqlCommand("select 1 from subscriptions where user_id = any($1) for update", connection, held);
        hold.Parameters.AddWithValue(blockers);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        for (var n = 0; n < blockers.Length; n++)
        {
            await host.StripeAsync(StoreEvents.Checkout(blockers[n], $"blocker_{blockers[n]}", "price_standard", Start));
            await CountAsync(n + 1, "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
        }

        await deliver();
        await CountAsync(0, "select count(*) from jobs where state <> 1");
        await held.RollbackAsync(TestContext.Current.CancellationToken);
        return blockers;
    }

    private Task CountAsync(long expected, string sql) =>
        Eventually.BeTrueAsync($"{sql}: {expected}", async () => await database.ScalarAsync<long>(sql) == expected);

    private Task<string> StateAsync(string eventId) => database.ScalarAsync<string>("select state from webhook_events where event_id = $1", eventId);

    private Task<int> UsageAsync(Guid user, DateTimeOffset start) =>
        database.ScalarAsync<int>("select session_count from usage where user_id = $1 and period_start = $2", user, start);

    private Task<long> ChangesAsync(Guid user, string before, string after) => database.ScalarAsync<long>(
        "select count(*) from entitlement_changes where user_id = $1 and tier_before = $2 and tier_after = $3", user, before, after);
}
