using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Solacore.Tests.Api;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

/// <summary>One api and one Stripe for all tests of the class.</summary>
public sealed class CheckoutHost : IAsyncLifetime
{
    public TestDatabase Database { get; } = new();

    public StripeStandIn Stripe { get; private set; } = null!;

    internal ApiHost Api { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Database.InitializeAsync();
        Stripe = await StripeStandIn.StartAsync();
        Api = await StartApiAsync();
    }

    /// <summary>Another api, with other settings.</summary>
    internal Task<ApiHost> StartApiAsync(params (string Name, string? Value)[] changes)
    {
        var settings = new Dictionary<string, string?>(Stripe.Settings, StringComparer.Ordinal)
        {
            ["STRIPE_PRICE_STANDARD"] = "price_standard",
            ["STRIPE_PRICE_PRO"] = "price_pro",
        };
        foreach (var (name, value) in changes)
        {
            settings[name] = value;
        }

        return ApiHost.StartAsync(Database, settings);
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await Stripe.DisposeAsync();
        await Database.DisposeAsync();
    }
}

/// <summary>Buying and managing a plan as HTTP shows it.</summary>
public sealed class CheckoutTests : IClassFixture<CheckoutHost>, IDisposable
{
    private readonly CheckoutHost _host;
    private readonly StripeStandIn _stripe;
    private readonly TestDatabase _database;
    private readonly ApiHost _api;

    public CheckoutTests(CheckoutHost host)
    {
        (_host, _stripe, _database, _api) = (host, host.Stripe, host.Database, host.Api);
        _stripe.Requests.Clear();
    }

    public void Dispose() => _stripe.Fault = _ => null;

    [Fact]
    public async Task a_checkout_opens_a_page_for_one_price_and_names_the_person()
    {
        var person = await _api.RegisterAsync();

        var answer = await Checkout(person, "price_standard");

        var customer = Assert.Single(CustomersOf(person));
        var session = Assert.Single(SessionsOf(person));
        Assert.Equal(
            (HttpStatusCode.OK, $$"""{"checkout_url":"{{session["url"]}}","session_id":"{{session["id"]}}"}"""),
            (answer.Status, answer.Body));
        Assert.Equal(person.Email, (string?)customer["email"]);
        Assert.Equal($$"""{"user_id":"{{person.Id}}"}""", customer["metadata"]!.ToJsonString());
        var sent = _stripe.Requests.Single(r => r.Call == "POST /v1/checkout/sessions");
        Assert.Equal(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["mode"] = "subscription",
                ["customer"] = (string)customer["id"]!,
                ["line_items[0][price]"] = "price_standard",
                ["line_items[0][quantity]"] = "1",
                ["client_reference_id"] = person.Id.ToString(),
                ["metadata[user_id]"] = person.Id.ToString(),
                ["metadata[price_id]"] = "price_standard",
                ["subscription_data[metadata][user_id]"] = person.Id.ToString(),
                ["subscription_data[metadata][price_id]"] = "price_standard",
                ["success_url"] = "https://app.example.com/paid",
                ["cancel_url"] = "https://app.example.com/paywall",
            }.OrderBy(f => f.Key, StringComparer.Ordinal),
            sent.Form.OrderBy(f => f.Key, StringComparer.Ordinal));
        Assert.All(_stripe.Requests, request => Assert.False(string.IsNullOrEmpty(request.IdempotencyKey)));
        Assert.All(_stripe.Requests, request => Assert.Equal(Stripe.StripeConfiguration.ApiVersion, request.Version));
    }

    [Fact]
    public async Task of_several_prices_of_a_tier_the_first_alone_is_sold()
    {
        await using var api = await _host.StartApiAsync(("STRIPE_PRICE_STANDARD", "price_raised, price_standard"));
        var person = await api.RegisterAsync();

        AssertRefused(await Checkout(person, "price_standard"), 400, "INVALID_PRICE_ID");
        AssertRefused(await Checkout(person, "price_raised, price_standard"), 400, "INVALID_PRICE_ID");
        Assert.Equal(HttpStatusCode.OK, (await Checkout(person, "price_raised")).Status);

        Assert.Equal("price_raised", _stripe.Requests.Single(r => r.Call == "POST /v1/checkout/sessions").Form["line_items[0][price]"]);
    }

    [Fact]
    public async Task twenty_checkouts_at_once_make_one_customer()
    {
        var person = await _api.RegisterAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Checkout(person, "price_pro")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        var customer = Assert.Single(CustomersOf(person));
        Assert.All(SessionsOf(person), session => Assert.Equal((string?)customer["id"], (string?)session["customer"]));
    }

    [Fact]
    public async Task a_customer_whose_making_was_not_noted_is_not_made_again()
    {
        var person = await _api.RegisterAsync();
        await Checkout(person, "price_pro");
        await _database.ExecuteAsync("update subscriptions set stripe_customer_id = null where user_id = $1", person.Id);

        await Checkout(person, "price_pro");

        var customer = Assert.Single(CustomersOf(person));
        Assert.Equal((string?)customer["id"], await CustomerOf(person));
    }

    [Fact]
    public async Task a_failure_that_stripe_repeats_for_a_day_does_not_last_that_long()
    {
        var person = await _api.RegisterAsync();
        var failures = 0;
        _stripe.Fault = request => request.Call == "POST /v1/customers" && Interlocked.Increment(ref failures) == 1
            ? new StripeFault(StatusCodes.Status500InternalServerError, IsKept: true)
            : null;

        var first = await Checkout(person, "price_pro");
        var second = await Checkout(person, "price_pro");

        Assert.Contains(first.Status, new[] { HttpStatusCode.OK, HttpStatusCode.BadGateway });
        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.Single(CustomersOf(person));
    }

    [Fact]
    public async Task a_customer_who_was_deleted_at_stripe_is_made_anew()
    {
        var person = await _api.RegisterAsync();
        await _database.ExecuteAsync("update subscriptions set stripe_customer_id = 'cus_gone' where user_id = $1", person.Id);

        var answer = await Checkout(person, "price_pro");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal((string?)Assert.Single(CustomersOf(person))["id"], await CustomerOf(person));
    }

    [Theory]
    [InlineData("price_unknown", 400, "INVALID_PRICE_ID")]
    [InlineData("", 400, "INVALID_PRICE_ID")]
    public async Task only_our_prices_are_sold(string price, int status, string code) =>
        AssertRefused(await Checkout(await _api.RegisterAsync(), price), status, code);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"price_id":null}""")]
    [InlineData("""{"price_id":7}""")]
    public async Task a_checkout_names_its_price(string body)
    {
        var person = await _api.RegisterAsync();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await person.Client.PostAsync("/subscriptions/checkout", body)).Status);
    }

    [Theory]
    [InlineData("standard", "active", "price_standard", false)]
    [InlineData("standard", "past_due", "price_standard", false)]
    [InlineData("pro", "active", "price_standard", false)]
    [InlineData("pro", "active", "price_pro", false)]
    [InlineData("standard", "active", "price_pro", true)]
    [InlineData("standard", "past_due", "price_pro", true)]
    [InlineData("free", "active", "price_standard", true)]
    [InlineData("free", "canceled", "price_standard", true)]
    [InlineData("free", "expired", "price_pro", true)]
    [InlineData("standard", "canceled", "price_standard", true)]
    public async Task a_plan_is_sold_to_whoever_has_less_or_has_cancelled(string tier, string status, string price, bool isSold)
    {
        var person = await _api.RegisterAsync();
        await _database.ExecuteAsync("update subscriptions set tier = $2, status = $3 where user_id = $1", person.Id, tier, status);

        var answer = await Checkout(person, price);

        if (isSold)
        {
            Assert.Equal(HttpStatusCode.OK, answer.Status);
        }
        else
        {
            AssertRefused(answer, 400, "ALREADY_SUBSCRIBED");
            Assert.Empty(_stripe.Requests);
        }
    }

    [Fact]
    public async Task without_a_subscription_row_the_routes_say_so()
    {
        var person = await _api.RegisterAsync();
        await _database.ExecuteAsync("delete from subscriptions where user_id = $1", person.Id);

        AssertRefused(await Checkout(person, "price_unknown"), 400, "INVALID_PRICE_ID");
        AssertRefused(await Checkout(person, "price_pro"), 400, "NO_SUBSCRIPTION");
        foreach (var path in new[] { "portal", "current", "usage" })
        {
            AssertRefused(await person.Client.FetchAsync("/subscriptions/" + path), 404, "NO_SUBSCRIPTION");
        }
    }

    [Fact]
    public async Task the_page_of_whoever_deletes_their_account_meanwhile_is_closed_also_after_stripe_asked_another_request_to_wait()
    {
        var (first, second) = (await _api.RegisterAsync(), await _api.RegisterAsync());
        var expiries = 0;
        _stripe.Fault = request =>
        {
            if (request.Call == "POST /v1/checkout/sessions")
            {
                _database.ExecuteAsync("delete from users where id = $1", Guid.Parse(request.Form["client_reference_id"])).GetAwaiter().GetResult();
            }

            return request.Call.EndsWith("/expire", StringComparison.Ordinal) && Interlocked.Increment(ref expiries) == 1
                ? new StripeFault(StatusCodes.Status429TooManyRequests, RetryAfter: 3600)
                : null;
        };

        Assert.Equal(HttpStatusCode.BadGateway, (await Checkout(first, "price_pro")).Status);
        AssertRefused(await Checkout(second, "price_pro"), 400, "NO_SUBSCRIPTION");

        var page = Assert.Single(_stripe.Account.All("checkout.session"), page => (string?)page["client_reference_id"] == second.Id.ToString());
        Assert.Equal("expired", (string?)page["status"]);
    }

    [Fact]
    public async Task a_stored_plan_that_nobody_knows_gives_no_rights_and_is_sold_over()
    {
        var person = await _api.RegisterAsync();
        await _database.ExecuteAsync("update subscriptions set tier = 'gold', status = 'lapsed' where user_id = $1", person.Id);

        var plan = await person.Client.FetchAsync("/subscriptions/current");

        Assert.StartsWith("""{"tier":"free","status":"active",""", plan.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await Checkout(person, "price_standard")).Status);
        Assert.Equal("gold lapsed", await _database.ScalarAsync<string>("select tier || ' ' || status from subscriptions where user_id = $1", person.Id));
    }

    [Fact]
    public async Task with_payments_off_all_four_answer_501_after_the_token()
    {
        await using var api = await _host.StartApiAsync(("PAYMENTS_ENABLED", "false"));
        var person = await api.RegisterAsync();

        AssertRefused(await Checkout(person, "price_pro"), 501, "PAYMENTS_DISABLED");
        foreach (var path in new[] { "portal", "current", "usage" })
        {
            AssertRefused(await person.Client.FetchAsync("/subscriptions/" + path), 501, "PAYMENTS_DISABLED");
            Assert.Equal(HttpStatusCode.Unauthorized, (await api.Client.FetchAsync("/subscriptions/" + path)).Status);
        }
    }

    [Theory]
    [InlineData(StatusCodes.Status500InternalServerError)]
    [InlineData(StatusCodes.Status429TooManyRequests)]
    [InlineData(StatusCodes.Status402PaymentRequired)]
    [InlineData(StatusCodes.Status403Forbidden)]
    public async Task whatever_stripe_refuses_is_one_error(int status)
    {
        var person = await _api.RegisterAsync();
        await Checkout(person, "price_pro");
        _stripe.Fault = _ => new StripeFault(status);

        AssertRefused(await Checkout(person, "price_pro"), 502, "PAYMENT_PROVIDER_ERROR");
        AssertRefused(await person.Client.FetchAsync("/subscriptions/portal"), 502, "PAYMENT_PROVIDER_ERROR");
    }

    [Fact]
    public async Task a_stripe_that_cannot_be_reached_and_a_missing_key_are_the_same_error()
    {
        await using var away = await _host.StartApiAsync(("STRIPE_BASE_URL", "http://127.0.0.1:9"));
        await using var keyless = await _host.StartApiAsync(("STRIPE_SECRET_KEY", ""));
        AssertRefused(await Checkout(await away.RegisterAsync(), "price_pro"), 502, "PAYMENT_PROVIDER_ERROR");
        AssertRefused(await Checkout(await keyless.RegisterAsync(), "price_pro"), 502, "PAYMENT_PROVIDER_ERROR");
    }

    [Fact]
    public async Task an_answer_that_was_lost_is_asked_for_again_under_the_same_key()
    {
        var person = await _api.RegisterAsync();
        var losses = 0;
        _stripe.Fault = request => request.Call == "POST /v1/checkout/sessions" && Interlocked.Increment(ref losses) == 1
            ? new StripeFault(StatusCodes.Status500InternalServerError, AfterDoing: true)
            : null;

        var answer = await Checkout(person, "price_pro");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Single(SessionsOf(person));
    }

    [Theory]
    [InlineData("https://app.example.com/paid", "https://app.example.com/paid")]
    [InlineData("", "https://app.example.com/paywall")]
    public async Task the_portal_opens_for_customers_and_leads_back(string success, string expected)
    {
        await using var api = await _host.StartApiAsync(("STRIPE_SUCCESS_URL", success));
        var person = await api.RegisterAsync();
        AssertRefused(await person.Client.FetchAsync("/subscriptions/portal"), 404, "NO_SUBSCRIPTION");
        await Checkout(person, "price_pro");

        var answer = await person.Client.FetchAsync("/subscriptions/portal");

        var session = _stripe.Account.All("billing_portal.session")[0];
        Assert.Equal((HttpStatusCode.OK, $$"""{"portal_url":"{{session["url"]}}"}"""), (answer.Status, answer.Body));
        Assert.Equal((await CustomerOf(person), expected), ((string?)session["customer"], (string?)session["return_url"]));
    }

    [Theory]
    [InlineData("free", 7, 10, 70, null)]
    [InlineData("free", 8, 10, 80, "approaching_limit")]
    [InlineData("free", 10, 10, 100, "limit_reached")]
    [InlineData("free", 12, 10, 100, "limit_reached")]
    [InlineData("standard", 79, 100, 79, null)]
    [InlineData("standard", 80, 100, 80, "approaching_limit")]
    [InlineData("pro", 500, null, null, null)]
    public async Task usage_hints_at_an_upgrade_in_time(string tier, int used, int? limit, int? percent, string? hint)
    {
        var person = await _api.RegisterAsync();
        await _database.ExecuteAsync(
            "update subscriptions set tier = $2, current_period_start = case when $2 = 'free' then null else date_trunc('day', now()) end where user_id = $1",
            person.Id,
            tier);
        await _database.ExecuteAsync(
            "insert into usage (id, user_id, period_start, session_count) values (gen_random_uuid(), $1, date_trunc('day', now() at time zone 'utc') at time zone 'utc', $2)",
            person.Id,
            used);

        var usage = JsonNode.Parse((await person.Client.FetchAsync("/subscriptions/usage")).Body)!;

        Assert.Equal(
            (tier, used, limit, tier == "free", percent, hint),
            ((string?)usage["tier"], (int)usage["sessions_used"]!, (int?)usage["sessions_limit"], (bool)usage["is_lifetime"]!,
                (int?)usage["usage_percent"], (string?)usage["upgrade_hint"]));
    }

    private IReadOnlyList<JsonObject> CustomersOf(Person person) =>
        [.. _stripe.Account.All("customer").Where(c => (string?)c["metadata"]!["user_id"] == person.Id.ToString())];

    private IReadOnlyList<JsonObject> SessionsOf(Person person) =>
        [.. _stripe.Account.All("checkout.session").Where(s => (string?)s["client_reference_id"] == person.Id.ToString())];

    private static Task<Answer> Checkout(Person person, string price) =>
        person.Client.PostAsync("/subscriptions/checkout", new JsonObject { ["price_id"] = price }.ToJsonString());

    private Task<string> CustomerOf(Person person) =>
        _database.ScalarAsync<string>("select stripe_customer_id from subscriptions where user_id = $1", person.Id);

    private static void AssertRefused(Answer answer, int status, string code)
    {
        var body = JsonNode.Parse(answer.Body)!;
        Assert.Equal((status, code, code), ((int)answer.Status, (string?)body["error"], (string?)body["detail"]!["error"]));
    }
}
