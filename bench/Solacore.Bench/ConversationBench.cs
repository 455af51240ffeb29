using System.Diagnostics;
using System.Net.Http.Json;

namespace Solacore.Bench;

/// <summary>
/// Very many people who write at once and are answered at once, every reply of the same length at the same pace, that of a fast
/// model unless another is asked for: first by an api that calls the model itself, then by one api and one worker that reads the
/// streams of the model. What is added to the delay of a piece is the difference. The model and all people share the machine with
/// them.
/// </summary>
internal static class ConversationBench
{
    /// <summary>Accounts that are made at a time.</summary>
    private const int AccountsAtOnce = 20;

    /// <summary>Replies before those that count, of each side: a compiler at work is not what is measured.</summary>
    private const int WarmUp = 1_000;

    private static readonly int[] Percents = [50, 90, 99];

    public static async Task<int> RunAsync(string[] options)
    {
        if (BenchOptions.Read(options, ("replies", 1_000), ("pieces", 300), ("per-second", 30)) is not { } settings)
        {
            return BenchOptions.NotUnderstood;
        }

        var (replies, pieces, perSecond) = (settings["replies"], settings["pieces"], settings["per-second"]);
        var report = new BenchReport("conversations", settings.ToDictionary(s => s.Key, s => (object)s.Value));
        await using var servers = await BenchServers.StartAsync();
        await using var model = await PacedModel.StartAsync(perSecond, pieces);
        await using var direct = await DirectEndpoint.StartAsync(servers.Database, model.BaseUrl);
        await using var system = await servers.StartSystemAsync(model.BaseUrl);
        using var api = new WatchedProcess(system.Apis[0].Process.Id);
        using var worker = new WatchedProcess(system.Workers[0].Id);
        var people = new List<BenchPerson>();
        foreach (var numbers in Enumerable.Range(0, replies).Chunk(AccountsAtOnce))
        {
            people.AddRange(await Task.WhenAll(numbers.Select(n => BenchPerson.RegisterAsync(system.Apis[0].Address, $"bench-{n}"))));
        }

        await TalkAsync(Everybody(WarmUp, Straight));
        var straight = Everybody(replies, Straight);
        await TalkAsync(straight);
        await TalkAsync(Everybody(WarmUp, await SessionsAsync(WarmUp)));
        var through = Everybody(replies, await SessionsAsync(replies));
        var (apiBefore, workerBefore) = (api.Memory(), worker.Memory());
        var talking = TalkAsync(through);
        var length = TimeSpan.FromSeconds((double)pieces / perSecond);

        // The first seconds belong to the messages, the rest to the replies.
        await Task.Delay(length / 2);
        var (apiCpu, workerCpu) = (api.CpuAsync(length / 4), worker.CpuAsync(length / 4));
        report.Add("cpu of the api", await apiCpu, "cores");
        report.Add("cpu of the worker", await workerCpu, "cores");
        report.Add("memory of the api, each live reply", (api.Memory() - apiBefore) / 1024.0 / replies, "KB");
        report.Add("memory of the worker, each live reply", (worker.Memory() - workerBefore) / 1024.0 / replies, "KB");
        var firsts = new Percentiles(await talking);
        report.Add($"message to the first piece of {replies} at once, p50", firsts.Milliseconds(50), "ms");
        report.Add($"message to the first piece of {replies} at once, p99", firsts.Milliseconds(99), "ms");
        Compare(report, straight, through);
        report.Add(
            "replies without an end, or with a piece lost or repeated", straight.Concat(through).Count(c => !c.IsDone || c.HasGap || c.Heard != pieces), "", "goal: 0");
        await report.WriteAsync();
        foreach (var person in people)
        {
            person.Dispose();
        }

        return 0;

        Uri Straight(int n) => new(direct.Address, DirectEndpoint.Path);

        // A session of its own for each message: the walk would complete one after a few.
        async Task<Func<int, Uri>> SessionsAsync(int count)
        {
            var sessions = new List<Guid>(count);
            for (var n = 0; n < count; n++)
            {
                sessions.Add(await people[n % people.Count].StartSessionAsync());
            }

            return n => new Uri(system.Apis[0].Address, $"/sessions/{sessions[n]}/messages");
        }

        List<StreamClient> Everybody(int count, Func<int, Uri> address) => [.. Enumerable.Range(0, count).Select(n =>
            new StreamClient(people[n % people.Count].Client, () => new HttpRequestMessage(HttpMethod.Post, address(n))
            {
                Content = JsonContent.Create(new { content = "I feel stuck", step = "receive" }),
            }))];
    }

    private static void Compare(BenchReport report, List<StreamClient> straight, List<StreamClient> through)
    {
        var (bare, all) = (DelaysOf(straight), DelaysOf(through));
        foreach (var percent in Percents)
        {
            report.Add($"delay of a piece, an api calls the model itself, p{percent}", bare.Milliseconds(percent), "ms");
            report.Add($"delay of a piece, through queue and worker, p{percent}", all.Milliseconds(percent), "ms");
            report.Add($"delay of a piece, added, p{percent}", all.Milliseconds(percent) - bare.Milliseconds(percent), "ms", percent == 99 ? "goal: 100" : "");
        }

        static Percentiles DelaysOf(List<StreamClient> clients) => new(clients.SelectMany(c => c.Delays));
    }

    /// <summary>All at once, each to the end of the reply.</summary>
    private static async Task<TimeSpan[]> TalkAsync(List<StreamClient> clients)
    {
        var started = Stopwatch.GetTimestamp();
        return await Task.WhenAll(clients.Select(async client =>
        {
            await client.ConnectAsync();
            await client.ReadToEndAsync();
            return Stopwatch.GetElapsedTime(started, client.FirstHeardAt);
        }));
    }
}
