using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Solacore.ServiceDefaults;

namespace Solacore.Tests.Infrastructure;

/// <summary>
/// RevenueCat's REST API v1 on loopback, as far as it tells what a subscriber owns
/// (https://www.revenuecat.com/docs/api-v1#tag/customers).
/// </summary>
public sealed class RevenueCatStandIn : IAsyncDisposable
{
    public const string Key = "sk_not_a_key";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<Guid, JsonObject> _subscribers = new();

    private RevenueCatStandIn(WebApplication app) => _app = app;

    public string BaseUrl => _app.Urls.First();

    /// <summary>Answers 500 to everything.</summary>
    public bool IsDown { get; set; }

    /// <summary>Answers 500 for this user alone.</summary>
    public Guid? Broken { get; set; }

    /// <summary>Answers 429 with this many seconds in <c>Retry-After</c>, once.</summary>
    public int? RestOnce { get; set; }

    /// <summary>Whom was asked for, in that order.</summary>
    public ConcurrentQueue<Guid> Asked { get; } = new();

    /// <summary>What the worker needs to find the stand-in.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["REVENUECAT_API_KEY"] = Key,
        ["REVENUECAT_BASE_URL"] = BaseUrl,
    };

    public static async Task<RevenueCatStandIn> StartAsync()
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var standIn = new RevenueCatStandIn(app);
        app.MapGet("/v1/subscribers/{user:guid}", standIn.Answer);
        await app.StartAsync();
        return standIn;
    }

    /// <summary>From now on the user owns one subscription with one entitlement.</summary>
    /// <param name="change">Changes the members of the subscription, e.g. <c>unsubscribe_detected_at</c>.</param>
    public void Owns(Guid user, string entitlement, DateTimeOffset purchased, DateTimeOffset expires, Action<JsonObject>? change = null)
    {
        var product = entitlement + "_monthly";
        var subscription = new JsonObject
        {
            ["auto_resume_date"] = null,
            ["billing_issues_detected_at"] = null,
            ["expires_date"] = Iso(expires),
            ["grace_period_expires_date"] = null,
            ["is_sandbox"] = false,
            ["original_purchase_date"] = Iso(purchased),
            ["ownership_type"] = "PURCHASED",
            ["period_type"] = "normal",
            ["purchase_date"] = Iso(purchased),
            ["refunded_at"] = null,
            ["store"] = "app_store",
            ["store_transaction_id"] = "200000000000001",
            ["unsubscribe_detected_at"] = null,
        };
        change?.Invoke(subscription);
        _subscribers[user] = Subscriber(
            user,
            new JsonObject
            {
                [entitlement] = new JsonObject
                {
                    ["expires_date"] = (string?)subscription["expires_date"],
                    ["grace_period_expires_date"] = (string?)subscription["grace_period_expires_date"],
                    ["product_identifier"] = product,
                    ["purchase_date"] = (string?)subscription["purchase_date"],
                },
            },
            new JsonObject { [product] = subscription });
    }

    /// <summary>From now on the user is known and owns nothing.</summary>
    public void OwnsNothing(Guid user) => _subscribers[user] = Subscriber(user, [], []);

    private IResult Answer(Guid user, HttpContext context)
    {
        Asked.Enqueue(user);
        if (context.Request.Headers.Authorization != "Bearer " + Key)
        {
            return Results.Json(new { code = 7225, message = "Invalid API Key." }, statusCode: StatusCodes.Status401Unauthorized);
        }

        if (IsDown || user == Broken)
        {
            return Results.Json(new { code = 7110, message = "Internal server error." }, statusCode: StatusCodes.Status500InternalServerError);
        }

        if (RestOnce is { } seconds)
        {
            RestOnce = null;
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return Results.Json(new { code = 7638, message = "Too many requests." }, statusCode: StatusCodes.Status429TooManyRequests);
        }

        var now = TimeProvider.System.GetUtcNow();
        var isKnown = _subscribers.TryGetValue(user, out var subscriber);
        return Results.Json(
            new JsonObject
            {
                ["request_date"] = Iso(now),
                ["request_date_ms"] = now.ToUnixTimeMilliseconds(),
                ["subscriber"] = isKnown ? subscriber!.DeepClone() : Subscriber(user, [], []),
            },
            statusCode: isKnown ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    private static JsonObject Subscriber(Guid user, JsonObject entitlements, JsonObject subscriptions) => new()
    {
        ["entitlements"] = entitlements,
        ["first_seen"] = "2026-01-01T00:00:00Z",
        ["management_url"] = null,
        ["non_subscriptions"] = new JsonObject(),
        ["original_app_user_id"] = user.ToString(),
        ["original_application_version"] = null,
        ["other_purchases"] = new JsonObject(),
        ["subscriptions"] = subscriptions,
    };

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
