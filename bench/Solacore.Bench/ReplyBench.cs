using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using Solacore.Core.Turns;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;

namespace Solacore.Bench;

/// <summary>
/// What the way through queue and worker adds to the first and to the last piece of a reply, on the same servers, request by
/// request in turn: the whole system, an api that does the same work and calls the model itself, and an endpoint that does
/// nothing but store the message and call the model.
/// </summary>
internal static class ReplyBench
{
    /// <summary>Requests a second until the compiler has done its work.</summary>
    private const int WarmUpPerSecond = 20;

    /// <summary>Requests before the first counts: a compiler at work is not what is measured.</summary>
    private const int WarmUp = 2_400;
    private static readonly Side[] Sides = Enum.GetValues<Side>();
    private const int People = 20;
    private const int Pieces = 30;
    private const string Piece = "step ";
    private static readonly TimeSpan ModelThinks = TimeSpan.FromMilliseconds(100);

    public static async Task<int> RunAsync(string[] options)
    {
        if (BenchOptions.Read(options, ("requests", 200), ("per-second", 20)) is not { } settings)
        {
            return BenchOptions.NotUnderstood;
        }

        var report = new BenchReport("replies", settings.ToDictionary(s => s.Key, s => (object)s.Value));
        await using var servers = await BenchServers.StartAsync();
        await using var model = await ModelStandIn.StartAsync();
        model.Script = new ModelScript { Pieces = [.. Enumerable.Repeat(Piece, Pieces)], BeforeFirst = ModelThinks, Between = TimeSpan.FromSeconds(1.0 / Pieces) };
        await using var system = await servers.StartSystemAsync(model.BaseUrl);
        await using var direct = await DirectEndpoint.StartAsync(servers.Database, model.BaseUrl);
        await using var answering = await StartAnsweringAsync(servers, model.BaseUrl);
        var api = system.Apis[0].Address;
        var people = await Task.WhenAll(Enumerable.Range(0, People).Select(n => BenchPerson.RegisterAsync(api, $"bench-{n}")));

        var times = Sides.ToDictionary(side => side, _ => new ConcurrentBag<(TimeSpan First, TimeSpan Last)>());
        var sent = 0;
        await PaceAsync(WarmUp, WarmUpPerSecond);
        foreach (var bag in times.Values)
        {
            bag.Clear();
        }

        await PaceAsync(Sides.Length * settings["requests"], settings["per-second"]);
        Compare("first piece", time => time.First, hop50: "goal: 10", added50: "goal: 8", added99: "goal: 40");
        Compare("last piece", time => time.Last);
        await report.WriteAsync();
        foreach (var person in people)
        {
            person.Dispose();
        }

        return 0;

        Task PaceAsync(int requests, int perSecond) => LoadRun.PaceAsync(perSecond, TimeSpan.FromSeconds((double)requests / perSecond), SendAsync);

        async Task<bool> SendAsync()
        {
            var n = Interlocked.Increment(ref sent);
            var (side, person) = (Sides[n % Sides.Length], people[n / Sides.Length % People]);

            // A session of its own for each message: the walk would complete one after a few.
            var path = side == Side.Bare ? DirectEndpoint.Path : $"/sessions/{await person.StartSessionAsync()}/messages";
            var address = side switch
            {
                Side.Bare => new Uri(direct.Address, path),
                Side.Alone => new Uri(answering.Address, path),
                Side.Through => new Uri(api, path),
            };
            times[side].Add(await ListenAsync(person, address));
            return true;
        }

        void Compare(string what, Func<(TimeSpan First, TimeSpan Last), TimeSpan> of, string hop50 = "", string added50 = "", string added99 = "")
        {
            foreach (var (percentile, hop, added) in new[] { (50, hop50, added50), (99, "", added99) })
            {
                var (bare, alone, through) = (Of(Side.Bare), Of(Side.Alone), Of(Side.Through));
                report.Add($"{what}, an endpoint stores the message and calls the model, p{percentile}", bare, "ms");
                report.Add($"{what}, an api does all the work and calls the model, p{percentile}", alone, "ms");
                report.Add($"{what}, through queue and worker, p{percentile}", through, "ms");
                report.Add($"{what}, added by queue and worker, p{percentile}", through - alone, "ms", hop);
                report.Add($"{what}, added in all, p{percentile}", through - bare, "ms", added);

                double Of(Side side) => new Percentiles(times[side].Select(of)).Milliseconds(percentile);
            }
        }
    }

    private static Task<BenchProcess> StartAnsweringAsync(BenchServers servers, string modelUrl) => BenchProcess.StartAsync(
        "answering",
        new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__solacore"] = servers.Database,
            ["ConnectionStrings__redis"] = servers.Redis.ConnectionString,
            ["DEBUG"] = "true",
            ["RATE_LIMIT_ENABLED"] = "false",
            ["JWT_SECRET"] = RunningSystem.JwtSecret,
            ["OPENAI_API_KEY"] = "not-a-key",
            ["OPENAI_BASE_URL"] = modelUrl,
        });

    /// <summary>From the request to the first and to the last piece of the reply.</summary>
    private static async Task<(TimeSpan First, TimeSpan Last)> ListenAsync(BenchPerson person, Uri address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = JsonContent.Create(new { content = "I feel stuck", step = "receive" }),
        };
        var started = Stopwatch.GetTimestamp();
        using var response = await person.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
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

    private enum Side
    {
        /// <summary>Stores the message and calls the model.</summary>
        Bare,

        /// <summary>Does all that the product does, in one process.</summary>
        Alone,

        /// <summary>The product.</summary>
        Through,
    }
}
