using System.Diagnostics;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

/// <summary>What a store that is away for hours costs: the wait for its answers, and nothing else.</summary>
public sealed class OutageTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int CallsPerSecond = 20;

    [Fact]
    public void questions_outlast_the_three_days_for_which_stripe_repeats_an_event()
    {
        var policy = StoreQuestions.UntilTheStoreIsBack;
        var patience = Enumerable.Range(1, policy.MaxAttempts - 1).Sum(attempt => policy.Delay(attempt, jitter: 0).TotalDays);
        Assert.InRange(patience, 3, 7);
    }

    [Fact]
    public async Task after_hours_of_outage_nothing_is_lost_and_catching_up_is_paced_with_new_customers_first()
    {
        await using var host = await StoreHost.StartAsync(database, stores => stores with { StripeRequestsPerSecond = CallsPerSecond });
        var old = new List<(Guid User, string Subscription)>();
        for (var n = 0; n < 24; n++)
        {
            old.Add(await SubscribeAsync(host));
        }

        await host.Worker.AllAppliedAsync();
        await database.ExecuteAsync("update entitlements set created_at = now() - interval '2 days'");

        host.Stripe.IsDown = true;
        var young = new List<(Guid User, string Subscription)>();
        foreach (var (_, subscription) in old)
        {
            await host.DeliverAsync(host.Stripe.Account.Change(subscription, s => s["cancel_at_period_end"] = true));
            // Of this nobody hears but who asks.
            host.Stripe.Account.Change(subscription, s => s["status"] = "past_due");
        }

        for (var n = 0; n < 6; n++)
        {
            young.Add(await SubscribeAsync(host));
        }

        var everybody = old.Concat(young).ToList();
        await Eventually.BeTrueAsync("everybody was asked for in vain", async () =>
            await database.ScalarAsync<long>(
                "select count(distinct payload ->> 'subscription_id') from jobs where kind = $1 and last_error is not null",
                FetchStripeSubscription.Kind.Name) == everybody.Count);

        // As many tries as hours of waiting make.
        await Eventually.BeTrueAsync("everybody waits", async () =>
        {
            await database.ExecuteAsync("update jobs set attempts = 100, run_at = now() + interval '10 minutes' where state = $1 and attempts < 100", Job.Ready);
            return await database.ScalarAsync<long>("select count(*) from jobs where attempts < 100") == 0;
        });
        host.Stripe.Requests.Clear();
        host.Stripe.IsDown = false;
        var watch = Stopwatch.StartNew();
        await host.HurryAsync();
        await host.Worker.AllAppliedAsync();

        const string question = "GET /v1/subscriptions/";
        var asked = host.Stripe.Requests.Where(r => r.Call.StartsWith(question, StringComparison.Ordinal)).Select(r => r.Call[question.Length..]).ToList();
        Assert.Equal(everybody.Select(p => p.Subscription).Order(StringComparer.Ordinal), asked.Order(StringComparer.Ordinal));
        Assert.True(watch.Elapsed > TimeSpan.FromSeconds((everybody.Count - 1d) / CallsPerSecond), $"{everybody.Count} calls in {watch.Elapsed}");
        // Those that run side by side may overtake one another.
        Assert.Empty(young.Select(p => p.Subscription).Except(asked.Take(young.Count + JobLane.Stripe.Concurrency - 1), StringComparer.Ordinal));
        foreach (var (user, _) in old)
        {
            Assert.Equal("pro past_due", await host.Worker.PlanAsync(user));
        }

        foreach (var (user, _) in young)
        {
            Assert.Equal("pro active", await host.Worker.PlanAsync(user));
        }

        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_jobs"));
    }

    private async Task<(Guid User, string Subscription)> SubscribeAsync(StoreHost host)
    {
        var user = await host.Worker.UserAsync();
        await database.ExecuteAsync("update subscriptions set stripe_customer_id = $2 where user_id = $1", user, $"cus_{user:n}");
        var (subscription, created) = host.Stripe.Account.Subscribe($"cus_{user:n}", "price_pro");
        await host.DeliverAsync(created);
        return (user, subscription);
    }
}
