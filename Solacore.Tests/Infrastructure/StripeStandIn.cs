using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Solacore.ServiceDefaults;

namespace Solacore.Tests.Infrastructure;

/// <summary>A refusal with which the stand-in answers instead of doing what it was asked.</summary>
/// <param name="Status">E.g. 429 or 500.</param>
/// <param name="RetryAfter">Seconds, sent as <c>Retry-After</c>; null: no such header.</param>
/// <param name="AfterDoing">Does it first, so that only the answer is lost.</param>
/// <param name="IsKept">Gives the same refusal to every repeat under the same idempotency key, as Stripe does for a day.</param>
public sealed record StripeFault(int Status, int? RetryAfter = null, bool AfterDoing = false, bool IsKept = false);

/// <summary>A request as the stand-in saw it.</summary>
/// <param name="Call">Method and path, as in <c>POST /v1/customers</c>.</param>
public sealed record StripeRequest(string Call, IReadOnlyDictionary<string, string> Form, string? IdempotencyKey, string? Version);

/// <summary>
/// Stripe on loopback, in its wire format (https://docs.stripe.com/api): customers, checkout sessions, portal sessions,
/// subscriptions, invoices, charges, events; forms with brackets, lists with cursors, <c>expand</c>, idempotency keys, errors. What
/// it tells of and what it changes is in <see cref="Account"/>.
/// </summary>
public sealed class StripeStandIn : IAsyncDisposable
{
    public const string Key = "sk_test_not_a_key";

    private readonly WebApplication _app;
    private readonly Dictionary<string, (string Request, int Status, string Body)> _answers = new(StringComparer.Ordinal);

    private StripeStandIn(WebApplication app) => _app = app;

    /// <summary>What is asked about here, and what people do to it on Stripe's pages.</summary>
    public StripeAccount Account { get; } = new();

    public string BaseUrl => _app.Urls.First();

    /// <summary>What to refuse; may be changed at any time.</summary>
    public Func<StripeRequest, StripeFault?> Fault { get; set; } = _ => null;

    /// <summary>Answers 500 to everything.</summary>
    public bool IsDown { get; set; }

    /// <summary>Everything that was asked, in that order.</summary>
    public ConcurrentQueue<StripeRequest> Requests { get; } = new();

    /// <summary>What the processes need to find the stand-in.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["STRIPE_SECRET_KEY"] = Key,
        ["STRIPE_BASE_URL"] = BaseUrl,
        ["STRIPE_SUCCESS_URL"] = "https://app.example.com/paid",
        ["STRIPE_CANCEL_URL"] = "https://app.example.com/paywall",
    };

    public static async Task<StripeStandIn> StartAsync()
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var standIn = new StripeStandIn(app);
        app.Run(standIn.AnswerAsync);
        await app.StartAsync();
        return standIn;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var form = request.HasFormContentType
            ? (await request.ReadFormAsync()).ToDictionary(f => f.Key, f => f.Value.ToString(), StringComparer.Ordinal)
            : [];
        foreach (var (name, value) in request.Query)
        {
            form[name] = value.ToString();
        }

        var path = request.Path.Value!.TrimEnd('/');
        var key = request.Headers["Idempotency-Key"].ToString() is { Length: > 0 } given ? given : null;
        var seen = new StripeRequest($"{request.Method} {path}", form, key, request.Headers["Stripe-Version"]);
        Requests.Enqueue(seen);
        var fault = IsDown ? new StripeFault(StatusCodes.Status500InternalServerError) : Fault(seen);
        var (status, body) = fault is { AfterDoing: false } ? (0, "") : Answer(request, path, form, key, context.Response);
        if (fault is not null)
        {
            if (fault.RetryAfter is { } seconds)
            {
                context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            }

            (status, body) = Error(fault.Status, fault.Status == StatusCodes.Status429TooManyRequests ? "rate_limit_error" : "api_error", null, "scripted");
            if (fault.IsKept && key is not null)
            {
                lock (Account.Lock)
                {
                    _answers[key] = (Parameters(path, form), status, body);
                }
            }
        }

        context.Response.Headers["Request-Id"] = "req_" + StripeAccount.NextId();
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
    }

    private (int Status, string Body) Answer(HttpRequest request, string path, Dictionary<string, string> form, string? key, HttpResponse response)
    {
        if (request.Headers.Authorization != "Bearer " + Key)
        {
            return Error(StatusCodes.Status401Unauthorized, "invalid_request_error", null, "Invalid API Key provided.");
        }

        lock (Account.Lock)
        {
            if (key is null || request.Method != HttpMethods.Post)
            {
                return Do(request.Method, path, form);
            }

            // One key, one effect: the first answer is given again, and another request under the same key is refused.
            var parameters = Parameters(path, form);
            if (_answers.TryGetValue(key, out var first))
            {
                response.Headers["Idempotent-Replayed"] = "true";
                return first.Request == parameters
                    ? (first.Status, first.Body)
                    : Error(StatusCodes.Status400BadRequest, "idempotency_error", null, "Keys for idempotent requests can only be used with the same parameters.");
            }

            var answer = Do(request.Method, path, form);
            _answers[key] = (parameters, answer.Status, answer.Body);
            return answer;
        }
    }

    private static string Parameters(string path, Dictionary<string, string> form) =>
        path + "?" + string.Join('&', form.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}={f.Value}"));

    private (int Status, string Body) Do(string method, string path, Dictionary<string, string> form)
    {
        string[] parts = [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Skip(1)];
        return (method, parts) switch
        {
            ("POST", ["customers"]) => Made(Account.Add("customer", "cus_", new() { ["email"] = form.GetValueOrDefault("email"), ["metadata"] = Map(form, "metadata") })),
            ("POST", ["checkout", "sessions"]) => OpenCheckout(form),
            ("POST", ["checkout", "sessions", var id, "expire"]) => Expire(id),
            ("POST", ["billing_portal", "sessions"]) => OpenPortal(form),
            ("POST", ["subscriptions", var id]) => Update(id, form),
            ("DELETE", ["subscriptions", var id]) => Cancel(id),
            ("DELETE", ["customers", var id]) => DeleteCustomer(id),
            ("GET", ["customers", var id]) => One("customer", id, form),
            ("GET", ["checkout", "sessions", var id]) => One("checkout.session", id, form),
            ("GET", ["subscriptions", var id]) => One("subscription", id, form),
            ("GET", ["invoices", var id]) => One("invoice", id, form),
            ("GET", ["charges", var id]) => One("charge", id, form),
            ("GET", ["events", var id]) => One("event", id, form),
            ("GET", ["customers"]) => Page("customer", path, form),
            ("GET", ["checkout", "sessions"]) => Page("checkout.session", path, form),
            ("GET", ["subscriptions"]) => Page("subscription", path, form),
            ("GET", ["invoices"]) => Page("invoice", path, form),
            ("GET", ["invoice_payments"]) => Page("invoice_payment", path, form),
            ("GET", ["events"]) => Page("event", path, form),
            _ => Error(StatusCodes.Status404NotFound, "invalid_request_error", null, $"Unrecognized request URL ({method}: {path})."),
        };
    }

    private (int Status, string Body) OpenCheckout(Dictionary<string, string> form)
    {
        if (form.TryGetValue("customer", out var customer) && Account.Find("customer", customer) is null)
        {
            return Missing("customer", customer);
        }

        if (form.GetValueOrDefault("mode") is not ("subscription" or "payment" or "setup") || !form.TryGetValue("line_items[0][price]", out var price))
        {
            return Error(StatusCodes.Status400BadRequest, "invalid_request_error", "parameter_missing", "Missing required param: line_items.");
        }

        var session = Account.Add("checkout.session", "cs_test_", new()
        {
            ["mode"] = form["mode"],
            ["status"] = "open",
            ["payment_status"] = "unpaid",
            ["customer"] = customer,
            ["subscription"] = null,
            ["client_reference_id"] = form.GetValueOrDefault("client_reference_id"),
            ["metadata"] = Map(form, "metadata"),
            ["success_url"] = form.GetValueOrDefault("success_url"),
            ["cancel_url"] = form.GetValueOrDefault("cancel_url"),
            ["_price"] = price,
            ["_subscription_metadata"] = Map(form, "subscription_data[metadata]"),
        });
        session["url"] = $"https://checkout.example.com/c/pay/{StripeAccount.Text(session, "id")}";
        return Made(session);
    }

    private (int Status, string Body) Expire(string id)
    {
        if (Account.Find("checkout.session", id) is not { } session)
        {
            return Missing("checkout.session", id);
        }

        if (StripeAccount.Text(session, "status") != "open")
        {
            return Error(StatusCodes.Status400BadRequest, "invalid_request_error", null, "Only Checkout Sessions with a status in [\"open\"] can be expired.");
        }

        session["status"] = "expired";
        return Made(session);
    }

    private (int Status, string Body) OpenPortal(Dictionary<string, string> form)
    {
        if (!form.TryGetValue("customer", out var customer) || Account.Find("customer", customer) is null)
        {
            return Missing("customer", customer ?? "");
        }

        var session = Account.Add("billing_portal.session", "bps_", new() { ["customer"] = customer, ["return_url"] = form.GetValueOrDefault("return_url") });
        session["url"] = $"https://billing.example.com/p/session/{StripeAccount.Text(session, "id")}";
        return Made(session);
    }

    private (int Status, string Body) Update(string id, Dictionary<string, string> form)
    {
        if (Account.Find("subscription", id) is not { } subscription || StripeAccount.Text(subscription, "status") == "canceled")
        {
            return Missing("subscription", id);
        }

        if (form.TryGetValue("cancel_at_period_end", out var ends))
        {
            subscription["cancel_at_period_end"] = ends == "true";
        }

        if (form.TryGetValue("items[0][price]", out var price))
        {
            subscription["items"]!["data"]![0]!["price"]!["id"] = price;
        }

        Account.AddEvent("customer.subscription.updated", subscription);
        return Made(subscription);
    }

    private (int Status, string Body) Cancel(string id)
    {
        if (Account.Find("subscription", id) is not { } subscription || StripeAccount.Text(subscription, "status") == "canceled")
        {
            return Missing("subscription", id);
        }

        Account.End(subscription);
        return Made(subscription);
    }

    private (int Status, string Body) DeleteCustomer(string id)
    {
        if (Account.Find("customer", id) is not { } customer)
        {
            return Missing("customer", id);
        }

        Account.Delete(customer);
        return (StatusCodes.Status200OK, new JsonObject { ["id"] = id, ["object"] = "customer", ["deleted"] = true }.ToJsonString());
    }

    private (int Status, string Body) One(string kind, string id, Dictionary<string, string> form) =>
        Account.Find(kind, id) is { } found ? (StatusCodes.Status200OK, Expanded(found, form, "").ToJsonString()) : Missing(kind, id);

    private (int Status, string Body) Page(string kind, string path, Dictionary<string, string> form)
    {
        var limit = form.TryGetValue("limit", out var asked) ? int.Parse(asked, CultureInfo.InvariantCulture) : 10;
        if (limit is < 1 or > 100)
        {
            return Error(StatusCodes.Status400BadRequest, "invalid_request_error", "parameter_invalid_integer", "Invalid integer: limit.");
        }

        var objects = Account.Of(kind);
        var matching = objects.AsEnumerable().Reverse().Where(o => Matches(kind, o, form)).ToList();
        if (form.TryGetValue("starting_after", out var after))
        {
            var place = objects.FindIndex(o => StripeAccount.Text(o, "id") == after);
            if (place < 0)
            {
                return Missing(kind, after);
            }

            // A cursor that matches the filter no more still marks its place in time.
            matching = [.. matching.Where(o => objects.IndexOf(o) < place)];
        }

        var page = new JsonObject
        {
            ["object"] = "list",
            ["url"] = path,
            ["has_more"] = matching.Count > limit,
            ["data"] = new JsonArray([.. matching.Take(limit).Select(o => (JsonNode)Expanded(o, form, "data."))]),
        };
        return (StatusCodes.Status200OK, page.ToJsonString());
    }

    private bool Matches(string kind, JsonObject candidate, Dictionary<string, string> form)
    {
        if (form.TryGetValue("customer", out var customer) && StripeAccount.Text(candidate, "customer") != customer)
        {
            return false;
        }

        if (form.TryGetValue("payment[payment_intent]", out var payment) && (string?)candidate["payment"]!["payment_intent"] != payment)
        {
            return false;
        }

        var status = form.GetValueOrDefault("status");
        if (kind == "subscription" ? status != "all" && (status is null ? StripeAccount.Text(candidate, "status") == "canceled" : StripeAccount.Text(candidate, "status") != status)
            : status is not null && StripeAccount.Text(candidate, "status") != status)
        {
            return false;
        }

        if (form.TryGetValue("delivery_success", out var delivered) && Account.IsDelivered(candidate) != (delivered == "true"))
        {
            return false;
        }

        return !form.TryGetValue("created[gte]", out var since) || (long)candidate["created"]! >= long.Parse(since, CultureInfo.InvariantCulture);
    }

    /// <summary>The object as it goes over the wire: members of our own stripped, ids replaced by objects where asked for.</summary>
    private JsonObject Expanded(JsonObject found, Dictionary<string, string> form, string prefix)
    {
        var copy = StripeAccount.Copy(found);
        foreach (var (name, value) in form)
        {
            if (name.StartsWith("expand[", StringComparison.Ordinal) && value.StartsWith(prefix, StringComparison.Ordinal))
            {
                var member = value[prefix.Length..];
                var kind = member == "latest_invoice" ? "invoice" : member;
                if (copy[member] is JsonValue id && Account.Has(kind) && Account.Find(kind, id.ToString()) is { } whole)
                {
                    copy[member] = StripeAccount.Copy(whole);
                }
            }
        }

        return copy;
    }

    /// <summary>The members of <c>name[key]</c>.</summary>
    private static JsonObject Map(Dictionary<string, string> form, string name) => new(form
        .Where(f => f.Key.StartsWith(name + "[", StringComparison.Ordinal))
        .Select(f => KeyValuePair.Create(f.Key[(name.Length + 1)..^1], (JsonNode?)f.Value)));

    private static (int Status, string Body) Made(JsonObject made) => (StatusCodes.Status200OK, StripeAccount.Copy(made).ToJsonString());

    private static (int Status, string Body) Missing(string kind, string id) =>
        Error(StatusCodes.Status404NotFound, "invalid_request_error", "resource_missing", $"No such {kind}: '{id}'", kind is "customer" ? "customer" : "id");

    private static (int Status, string Body) Error(int status, string type, string? code, string message, string? parameter = null)
    {
        var error = new JsonObject { ["type"] = type, ["message"] = message };
        if (code is not null)
        {
            error["code"] = code;
        }

        if (parameter is not null)
        {
            error["param"] = parameter;
        }

        return (status, new JsonObject { ["error"] = error }.ToJsonString());
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
