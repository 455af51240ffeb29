using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;
using Solacore.Tests.Watch;

namespace Solacore.Bench;

/// <summary>Sends one message and one webhook through a system of its own, and draws the trace of each.</summary>
internal static class TraceCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Writes <c>trace-message.svg</c> and <c>trace-webhook.svg</c>.</summary>
    /// <exception cref="TimeoutException">The spans did not arrive.</exception>
    public static async Task RunAsync(string folder)
    {
        await using var servers = await BenchServers.StartAsync();
        await using var collector = await SpanCollector.StartAsync();
        await using var model = await ModelStandIn.StartAsync();
        model.Script = new ModelScript
        {
            Pieces = ["It ", "sounds ", "heavy. ", "What ", "holds ", "you?"],
            BeforeFirst = TimeSpan.FromMilliseconds(80),
            Between = TimeSpan.FromMilliseconds(10),
        };
        await using var system = await RunningSystem.StartAsync(
            servers.Database,
            servers.Redis.ConnectionString,
            settings: new Dictionary<string, string?>(collector.Settings, StringComparer.Ordinal)
            {
                ["OPENAI_API_KEY"] = "not-a-key",
                ["OPENAI_BASE_URL"] = model.BaseUrl,
            });
        using var client = new HttpClient { BaseAddress = system.Apis[0].Address };
        var user = await SignUpAsync(client);

        // The first of each pays for the compiler.
        await SendMessageAsync(client, Trace.New());
        await SendWebhookAsync(client.BaseAddress, user, "evt_first", Trace.New());
        var (message, webhook) = (Trace.New(), Trace.New());
        await SendMessageAsync(client, message);
        await SendWebhookAsync(client.BaseAddress, user, "evt_second", webhook);

        await DrawAsync(collector, message, "A message becomes a streamed reply", Path.Combine(folder, "trace-message.svg"));
        await DrawAsync(collector, webhook, "A webhook becomes a plan", Path.Combine(folder, "trace-webhook.svg"));
    }

    private static async Task DrawAsync(SpanCollector collector, Trace trace, string title, string file)
    {
        var started = Stopwatch.GetTimestamp();
        while (!IsWhole(collector.OfTrace(trace.Id)))
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"The spans of \"{title}\" did not arrive.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        var spans = collector.OfTrace(trace.Id);
        await File.WriteAllTextAsync(file, Waterfall.Draw(title, spans));
        Console.WriteLine($"{file}: {spans.Count} spans");
    }

    private static bool IsWhole(IReadOnlyList<CollectedSpan> spans) =>
        spans.Any(span => span is { Service: "api", Kind: 2 }) && spans.Any(span => span is { Service: "worker", Kind: 5 });

    private static async Task<Guid> SignUpAsync(HttpClient client)
    {
        using var answer = await client.PostAsJsonAsync(
            new Uri("/auth/register", UriKind.Relative), new { email = "trace@example.com", password = "Pass1234", device_fingerprint = "trace" });
        var account = await answer.Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", account.GetProperty("access_token").GetString());
        client.DefaultRequestHeaders.Add("X-Device-Fingerprint", "trace");
        return account.GetProperty("user_id").GetGuid();
    }

    private static async Task SendMessageAsync(HttpClient client, Trace trace)
    {
        using var started = await client.PostAsync(new Uri("/sessions", UriKind.Relative), content: null);
        var session = (await started.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("session_id").GetGuid();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/sessions/{session}/messages", UriKind.Relative))
        {
            Content = JsonContent.Create(new { content = "I keep putting off my thesis", step = "receive" }),
            Headers = { { "traceparent", trace.Parent } },
        };
        using var response = await client.SendAsync(request);
        await response.Content.ReadAsStringAsync();
    }

    private static async Task SendWebhookAsync(Uri api, Guid user, string eventId, Trace trace)
    {
        using var stripe = new StripeSender();
        await stripe.DeliverAsync(api, StripeSender.Checkout(eventId, user, "cus_trace"), trace.Parent);
    }

    private sealed record Trace(string Id, string Parent)
    {
        public static Trace New()
        {
            var id = ActivityTraceId.CreateRandom().ToHexString();
            return new Trace(id, $"00-{id}-{ActivitySpanId.CreateRandom().ToHexString()}-01");
        }
    }
}
