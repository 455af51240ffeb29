using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Scenarios;

/// <summary>Nobody pays twice, and nobody pays after having left, whatever is down or dies.</summary>
public sealed class BillingScenarios
{
    [Fact]
    public async Task an_upgrade_and_a_deletion_survive_the_death_of_the_worker_while_stripe_is_down()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        var redis = await SharedServers.Redis;
        await using var stripe = await StripeStandIn.StartAsync();
        await using var system = await RunningSystem.StartAsync(database.ConnectionString, redis.ConnectionString, settings: stripe.Settings);
        using var sender = new StripeSender();
        using var person = await Visitor.RegisterAsync(system.Apis[0]);

        await PayAsync(await OpenAsync("price_standard"));
        await PlanIsAsync("standard");
        var page = await OpenAsync("price_pro");
        stripe.IsDown = true;
        var pro = await PayAsync(page);
        await PlanIsAsync("pro");
        await ReplaceWorkerAsync();
        var customer = await database.ScalarAsync<string>("select stripe_customer_id from subscriptions");
        Assert.Equal(2, stripe.Account.LiveSubscriptions(customer).Count);
        stripe.IsDown = false;
        await Eventually.BeTrueAsync("one subscription", () => stripe.Account.LiveSubscriptions(customer).SequenceEqual([pro], StringComparer.Ordinal));

        stripe.IsDown = true;
        Assert.Equal(HttpStatusCode.NoContent, await person.SendAsync(system.Apis[0], HttpMethod.Delete, "/account"));
        await ReplaceWorkerAsync();
        Assert.Equal([pro], stripe.Account.LiveSubscriptions(customer));
        stripe.IsDown = false;
        await Eventually.BeTrueAsync("no subscription", () => stripe.Account.LiveSubscriptions(customer).Count == 0);
        await Eventually.BeTrueAsync("an empty queue", async () => await database.ScalarAsync<long>("select count(*) from jobs") == 0);
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_jobs"));

        async Task<string> OpenAsync(string price)
        {
            var answer = await person.SendAsync(system.Apis[0], HttpMethod.Post, "/subscriptions/checkout", new JsonObject { ["price_id"] = price }.ToJsonString());
            Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
            return answer.Body.GetProperty("session_id").GetString()!;
        }

        async Task<string> PayAsync(string session)
        {
            var (subscription, events) = stripe.Account.Pay(session);
            foreach (var paid in events)
            {
                Assert.Equal(HttpStatusCode.OK, await sender.DeliverAsync(system.Apis[0].Address, Encoding.UTF8.GetBytes(paid.ToJsonString())));
            }

            return subscription;
        }

        Task PlanIsAsync(string tier) => Eventually.BeTrueAsync(
            tier,
            async () => (await person.GetAsync(system.Apis[0], "/subscriptions/current")).GetProperty("tier").GetString() == tier);

        async Task ReplaceWorkerAsync()
        {
            await system.Workers[^1].KillAsync();
            await system.StartWorkerAsync();
        }
    }
}
