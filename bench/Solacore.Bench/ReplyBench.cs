using System.ClientModel;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenAI;
using Solacore.Core.Turns;
using Solacore.ServiceDefaults;
using Solacore.Tests.Infrastructure;

namespace Solacore.Bench;

/// <summary>
/// What the way through queue and worker adds to the first and to the last piece of a reply: the whole system against an
/// endpoint that stores the message and calls the model itself, both on the same servers, request by request in turn.
/// </summary>
internal static class ReplyBench
{
    /// <summary>Requests a second, every other one to each side.</summary>
    private const int PerSecond = 20;

    /// <summary>Requests before the first counts: a compiler at work is not what is measured.</summary>
    private const int WarmUp = 800;
    private const int People = 20;
    private const int Pieces = 30;
    private const string Piece = "step ";
    private static readonly TimeSpan ModelThinks = TimeSpan.FromMilliseconds(100);

    public static async Task<int> RunAsync(string[] options)
    {
        if (BenchOptions.Read(options, ("requests", 200)) is not { } settings)
        {
            return BenchOptions.NotUnderstood;
        }

        var report = new BenchReport("replies", settings.ToDictionary(s => s.Key, s => (object)s.Value));
        await using var servers = await BenchServers.StartAsync();
        await using var model = await ModelStandIn.StartAsync();
        model.Script = new ModelScript { Pieces = [.. Enumerable.Repeat(Piece, Pieces)], BeforeFirst = ModelThinks, Between = TimeSpan.FromSeconds(1.0 / Pieces) };
        await using var system = await servers.StartSystemAsync(model.BaseUrl);
        await using var direct = await StartDirectAsync(servers.Database, model.BaseUrl);
        var api = system.Apis[0].Address;
        var people = await Task.WhenAll(Enumerable.Range(0, People).Select(n => BenchPerson.RegisterAsync(api, $"bench-{n}")));

        var (through, beside) = (new List<(TimeSpan First, TimeSpan Last)>(), new List<(TimeSpan First, TimeSpan Last)>());
        var sent = 0;
        await PaceAsync(WarmUp);
        through.Clear();
        beside.Clear();
        await PaceAsync(2 * settings["requests"]);
        Compare("first piece", time => time.First, "goal: 8", "goal: 40");
        Compare("last piece", time => time.Last);
        await report.WriteAsync();
        foreach (var person in people)
        {
            person.Dispose();
        }

        return 0;

        Task PaceAsync(int requests) => LoadRun.PaceAsync(PerSecond, TimeSpan.FromSeconds((double)requests / PerSecond), SendAsync);

        async Task<bool> SendAsync()
        {
            var n = Interlocked.Increment(ref sent);
            await (n % 2 == 0 ? ThroughAsync(people[n / 2 % People]) : BesideAsync());
            return true;
        }

        async Task ThroughAsync(BenchPerson person)
        {
            // A session of its own for each message: the walk would complete one after a few.
            var time = await ListenAsync(person.Client, Message(new Uri(api, $"/sessions/{await person.StartSessionAsync()}/messages")));
            lock (through)
            {
                through.Add(time);
            }
        }

        async Task BesideAsync()
        {
            var time = await ListenAsync(people[0].Client, Message(new Uri(direct.Urls.First() + "/messages")));
            lock (beside)
            {
                beside.Add(time);
            }
        }

        void Compare(string what, Func<(TimeSpan First, TimeSpan Last), TimeSpan> of, string goal50 = "", string goal99 = "")
        {
            var (queued, direct) = (new Percentiles(through.Select(of)), new Percentiles(beside.Select(of)));
            foreach (var (percentile, goal) in new[] { (50, goal50), (99, goal99) })
            {
                report.Add($"{what}, api calls the model itself, p{percentile}", direct.Milliseconds(percentile), "ms");
                report.Add($"{what}, through queue and worker, p{percentile}", queued.Milliseconds(percentile), "ms");
                report.Add($"{what}, added, p{percentile}", queued.Milliseconds(percentile) - direct.Milliseconds(percentile), "ms", goal);
            }
        }
    }

    private static async Task<WebApplication> StartDirectAsync(string database, string modelUrl)
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var dataSource = NpgsqlDataSource.Create(database);
        var model = new OpenAIClient(new ApiKeyCredential("not-a-key"), new OpenAIClientOptions { Endpoint = new Uri(modelUrl) })
            .GetChatClient("gpt-4o-mini")
            .AsIChatClient();
        await using (var create = dataSource.CreateCommand("create table direct_messages (id uuid primary key, content text)"))
        {
            await create.ExecuteNonQueryAsync(CancellationToken.None);
        }

        app.MapPost("/messages", async (HttpContext context, JsonElement body) =>
        {
            await using var insert = dataSource.CreateCommand("insert into direct_messages values ($1, $2)");
            insert.Parameters.AddWithValue(Guid.CreateVersion7());
            insert.Parameters.AddWithValue(body.GetProperty("content").GetString()!);
            await insert.ExecuteNonQueryAsync(context.RequestAborted);
            context.Response.ContentType = "text/event-stream";
            ChatMessage[] prompt = [new(ChatRole.System, "Be kind."), new(ChatRole.User, "Hello")];
            await foreach (var piece in model.GetStreamingResponseAsync(prompt, new ChatOptions { MaxOutputTokens = 100 }, context.RequestAborted))
            {
                await context.Response.WriteAsync($"event: token\ndata: {JsonSerializer.Serialize(new { content = piece.Text })}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        });
        await app.StartAsync(CancellationToken.None);
        return app;
    }

    private static HttpRequestMessage Message(Uri address) => new(HttpMethod.Post, address)
    {
        Content = JsonContent.Create(new { content = "I feel stuck", step = "receive" }),
    };

    /// <summary>From the request to the first and to the last piece of the reply.</summary>
    private static async Task<(TimeSpan First, TimeSpan Last)> ListenAsync(HttpClient client, HttpRequestMessage request)
    {
        var started = Stopwatch.GetTimestamp();
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        request.Dispose();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var (first, last, name) = ((TimeSpan?)null, TimeSpan.Zero, "");
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line[7..];
            }
            else if (name == TurnEvent.TokenName && line.StartsWith("data: ", StringComparison.Ordinal))
            {
                if (first is null && !line.Contains(Piece, StringComparison.Ordinal))
                {
                    throw new InvalidOperationException("Somebody else than the model speaks.");
                }

                last = Stopwatch.GetElapsedTime(started);
                first ??= last;
            }
        }

        return (first ?? throw new InvalidOperationException($"No token came: {response.StatusCode}"), last);
    }
}
