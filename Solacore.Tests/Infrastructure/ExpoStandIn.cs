using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Solacore.ServiceDefaults;

namespace Solacore.Tests.Infrastructure;

/// <summary>A notification as the push service took it.</summary>
public sealed record TakenNotification(string Ticket, string To, string Title, string Body, string SessionId);

/// <summary>
/// Speaks for Expo's push service: tickets and receipts in its wire format
/// (https://docs.expo.dev/push-notifications/sending-notifications/).
/// </summary>
public sealed class ExpoStandIn : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _receipts = new(StringComparer.Ordinal);
    private int _tickets;
    private int _refusals;

    private ExpoStandIn(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    /// <summary>Everything that got a ticket.</summary>
    public ConcurrentQueue<TakenNotification> Taken { get; } = new();

    /// <summary>Tokens whose app is gone: refused at once.</summary>
    public ConcurrentDictionary<string, bool> Gone { get; } = new(StringComparer.Ordinal);

    /// <summary>The next so many calls get this answer instead of tickets.</summary>
    public (int Count, int Status) Refusing { get; set; }

    public static async Task<ExpoStandIn> StartAsync()
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var standIn = new ExpoStandIn(app);
        app.MapPost("/--/api/v2/push/send", standIn.Send);
        app.MapPost("/--/api/v2/push/getReceipts", standIn.Receipts);
        await app.StartAsync();
        return standIn;
    }

    public static string Token(string name) => $"ExponentPushToken[{name}]";

    /// <summary>Lets the receipt of a ticket be there: null for delivered, else an error code.</summary>
    public void Receipt(string ticket, string? error) => _receipts[ticket] = error ?? "ok";

    private IResult Send(JsonArray messages, HttpResponse response)
    {
        if (Interlocked.Increment(ref _refusals) <= Refusing.Count)
        {
            response.Headers.RetryAfter = "1";
            return Results.Json(
                new { errors = new[] { new { code = "TOO_MANY_REQUESTS", message = "Too many requests." } } }, statusCode: Refusing.Status);
        }

        return Results.Json(new { data = messages.Select(message => Ticket(message!.AsObject())).ToList() });
    }

    private JsonObject Ticket(JsonObject message)
    {
        var to = (string)message["to"]!;
        if (Gone.ContainsKey(to))
        {
            return Failure($"\"{to}\" is not a registered push notification recipient", "DeviceNotRegistered");
        }

        var ticket = string.Create(CultureInfo.InvariantCulture, $"ticket-{Interlocked.Increment(ref _tickets)}");
        Taken.Enqueue(new TakenNotification(
            ticket, to, (string)message["title"]!, (string)message["body"]!, (string)message["data"]!["session_id"]!));
        return new JsonObject { ["status"] = "ok", ["id"] = ticket };
    }

    private IResult Receipts(JsonObject asked)
    {
        var data = new JsonObject();
        foreach (var id in asked["ids"]!.AsArray().Select(id => (string)id!))
        {
            if (_receipts.TryGetValue(id, out var outcome))
            {
                data[id] = outcome == "ok" ? new JsonObject { ["status"] = "ok" } : Failure("It failed.", outcome);
            }
        }

        return Results.Json(new { data });
    }

    private static JsonObject Failure(string message, string error) => new()
    {
        ["status"] = "error",
        ["message"] = message,
        ["details"] = new JsonObject { ["error"] = error },
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
