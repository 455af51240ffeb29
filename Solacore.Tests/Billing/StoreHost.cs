using System.Text.Json;
using System.Text.Json.Nodes;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Data;
using Solacore.Tests.Api;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

/// <summary>An api and a worker between a person and the stand-ins of both stores.</summary>
internal sealed class StoreHost : IAsyncDisposable
{
    private readonly TestDatabase _database;

    private StoreHost(TestDatabase database, StripeStandIn stripe, RevenueCatStandIn revenueCat, ApiHost api, BillingHost worker)
    {
        (_database, Stripe, RevenueCat, Api, Worker) = (database, stripe, revenueCat, api, worker);
    }

    public StripeStandIn Stripe { get; }

    public RevenueCatStandIn RevenueCat { get; }

    public ApiHost Api { get; }

    public BillingHost Worker { get; }

    public static async Task<StoreHost> StartAsync(TestDatabase database, Func<StoreOptions, StoreOptions>? change = null)
    {
        var stripe = await StripeStandIn.StartAsync();
        var revenueCat = await RevenueCatStandIn.StartAsync();
        var api = await ApiHost.StartAsync(database, new Dictionary<string, string?>(stripe.Settings, StringComparer.Ordinal)
        {
            ["STRIPE_PRICE_STANDARD"] = "price_standard",
            ["STRIPE_PRICE_PRO"] = "price_pro",
        });
        var stores = new StoreOptions
        {
            StripeKey = StripeStandIn.Key,
            StripeBaseUrl = stripe.BaseUrl,
            StripeRequestsPerSecond = 1_000,
            RevenueCatKey = RevenueCatStandIn.Key,
            RevenueCatBaseUrl = revenueCat.BaseUrl,
            RevenueCatRequestsPerSecond = 1_000,
            ReconcileAge = TimeSpan.Zero,
            // The tests say when.
            ReconcileEveryMinutes = 59,
        };
        return new StoreHost(database, stripe, revenueCat, api, new BillingHost(database, stores: change?.Invoke(stores) ?? stores));
    }

    /// <summary>The person goes through the checkout of a price and pays; no event is delivered yet.</summary>
    public async Task<(string Subscription, IReadOnlyList<JsonObject> Events)> BuyAsync(Person person, string price) =>
        Stripe.Account.Pay(await OpenAsync(person, price));

    /// <summary>Opens a payment page; its session id.</summary>
    public static async Task<string> OpenAsync(Person person, string price)
    {
        var answer = await person.Client.PostAsync("/subscriptions/checkout", JsonSerializer.Serialize(new { price_id = price }));
        Assert.True(answer.Status == System.Net.HttpStatusCode.OK, answer.Body);
        return answer.Json.GetProperty("session_id").GetString()!;
    }

    /// <summary>Stripe's webhook delivers.</summary>
    public async Task DeliverAsync(params IEnumerable<JsonObject> events)
    {
        foreach (var @event in events)
        {
            await Worker.StripeAsync(@event);
            Stripe.Account.Delivered(@event);
        }
    }

    public Task<string> CustomerOf(Person person) =>
        _database.ScalarAsync<string>("select stripe_customer_id from subscriptions where user_id = $1", person.Id);

    /// <summary>How many answers of stores went through the inbox.</summary>
    public Task<long> RepairsAsync() =>
        _database.ScalarAsync<long>("select count(*) from webhook_events where lower(event_type) = $1", FetchedTruth.EventType);

    /// <summary>Ends the waiting of jobs that failed.</summary>
    public Task HurryAsync() => _database.ExecuteAsync("update jobs set run_at = now() where state = $1", Job.Ready);

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await Api.DisposeAsync();
        await Stripe.DisposeAsync();
        await RevenueCat.DisposeAsync();
    }
}
