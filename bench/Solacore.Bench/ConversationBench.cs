using System.Diagnostics;
using System.Net.Http.Json;

namespace Solacore.Bench;

/// <summary>
/// Very many people who write at once and are answered at once: one api, one worker that reads the streams of the model,
/// every reply of the same length at the same pace, that of a fast model unless another is asked for. The model and all people share the machine with them.
/// </summary>
internal static class ConversationBench
{
    /// <summary>Accounts that are made at a time.</summary>
    private const int AccountsAtOnce = 20;

    /// <summary>Replies before those that count: a compiler at work is not what is measured.</summary>
    private const int WarmUp = 200;

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
        await using var system = await servers.StartSystemAsync(model.BaseUrl);
        using var api = new WatchedProcess(system.Apis[0].Process.Id);
        using var worker = new WatchedProcess(system.Workers[0].Id);
        var people = new List<BenchPerson>();
        foreach (var numbers in Enumerable.Range(0, replies).Chunk(AccountsAtOnce))
        {
            people.AddRange(await Task.WhenAll(numbers.Select(n => BenchPerson.RegisterAsync(system.Apis[0].Address, $"bench-{n}"))));
        }


        await TalkAsync(await PrepareAsync(WarmUp));
        var clients = await PrepareAsync(replies);
        var (apiBefore, workerBefore) = (api.Memory(), worker.Memory());
        var talking = TalkAsync(clients);
        var length = TimeSpan.FromSeconds((double)pieces / perSecond);

        // The first seconds belong to the messages, the rest to the replies.
        await Task.Delay(length / 2);
        var (apiCpu, workerCpu) = (api.CpuAsync(length / 4), worker.CpuAsync(length / 4));
        report.Add("cpu of the api", await apiCpu, "cores");
        report.Add("cpu of the worker", await workerCpu, "cores");
        report.Add("memory of the api, each live reply", (api.Memory() - apiBefore) / 1024.0 / replies, "KB");
        report.Add("memory of the worker, each live reply", (worker.Memory() - workerBefore) / 1024.0 / replies, "KB");
        var firsts = new Percentiles(await talking);
        var delays = new Percentiles(clients.SelectMany(c => c.Delays));
        report.Add($"message to the first piece of {replies} at once, p50", firsts.Milliseconds(50), "ms");
        report.Add($"message to the first piece of {replies} at once, p99", firsts.Milliseconds(99), "ms");
        report.Add("delay of a piece, p50", delays.Milliseconds(50), "ms");
        report.Add("delay of a piece, p90", delays.Milliseconds(90), "ms");
        report.Add("delay of a piece, p99", delays.Milliseconds(99), "ms", "goal: 100");
        report.Add("replies without an end, or with a piece lost or repeated", clients.Count(c => !c.IsDone || c.HasGap || c.Heard != pieces), "", "goal: 0");
        await report.WriteAsync();
        foreach (var person in people)
        {
            person.Dispose();
        }

        return 0;

        async Task<List<StreamClient>> PrepareAsync(int count)
        {
            var made = new List<StreamClient>(count);
            for (var n = 0; n < count; n++)
            {
                var person = people[n % people.Count];
                var session = await person.StartSessionAsync();
                made.Add(new StreamClient(person.Client, () => new HttpRequestMessage(HttpMethod.Post, $"/sessions/{session}/messages")
                {
                    Content = JsonContent.Create(new { content = "I feel stuck", step = "receive" }),
                }));
            }

            return made;
        }
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
