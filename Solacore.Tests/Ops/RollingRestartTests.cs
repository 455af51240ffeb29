using System.Collections.Concurrent;
using System.Net;
using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;

namespace Solacore.Tests.Ops;

/// <summary>A deployment that replaces every process one after the other is noticed by nobody.</summary>
public sealed class RollingRestartTests(TestDatabase database, ITestOutputHelper output) : IClassFixture<TestDatabase>
{
    private const int Talkers = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task no_request_fails_and_no_stream_is_lost_while_every_process_is_replaced()
    {
        var redis = await SharedServers.Redis;
        await using var system = await RunningSystem.StartAsync(
            database.ConnectionString,
            redis.ConnectionString,
            apis: 2,
            workers: 2,
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["DRAIN_SECONDS"] = "3", ["BETA_MODE"] = "true" });
        await using var balancer = await Balancer.StartAsync(system.Apis.Select(api => api.Address));
        await Eventually.BeTrueAsync("two ready copies", () => balancer.Ready.Count == 2);
        var edge = new Scenarios.Api(system.Apis[0].Process, balancer.Address);
        using var stop = new CancellationTokenSource();
        var replies = new ConcurrentBag<(Guid Turn, string Text)>();
        var events = 0;

        var load = new List<Task>(Enumerable.Range(0, Talkers).Select(_ => Task.Run(TalkAsync))) { Task.Run(SendEventsAsync) };
        try
        {
            await Eventually.BeTrueAsync("replies before the first restart", () => replies.Count >= Talkers || load.Exists(task => task.IsFaulted), Patience);
            foreach (var old in system.Apis.ToList())
            {
                await ReplaceAsync(old.Process, async () => balancer.Add((await system.StartApiAsync()).Address));
                await Eventually.BeTrueAsync("two ready copies", () => balancer.Ready.Count == 2);
            }

            foreach (var old in system.Workers.ToList())
            {
                await ReplaceAsync(old, system.StartWorkerAsync);
            }

            var soFar = replies.Count;
            await Eventually.BeTrueAsync("replies after the last restart", () => replies.Count >= soFar + Talkers || load.Exists(task => task.IsFaulted), Patience);
        }
        finally
        {
            await stop.CancelAsync();
        }

        Assert.Empty(balancer.Troubles);
        await Task.WhenAll(load);
        output.WriteLine($"{replies.Count} replies, {events} events");
        await Eventually.BeTrueAsync("an empty queue", async () => await database.ScalarAsync<long>("select count(*) from jobs") == 0, Patience);
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_jobs"));
        Assert.Equal(events, await database.ScalarAsync<long>("select count(*) from webhook_events where state = 'applied'"));
        foreach (var (turn, text) in replies)
        {
            Assert.Equal(text, await database.ScalarAsync<string>("select m.content from turns t join messages m on m.id = t.assistant_message_id where t.id = $1", turn));
        }

        async Task ReplaceAsync(ServiceProcess old, Func<Task> start)
        {
            Assert.True(await old.StopAsync(), $"{old.Name} stops by itself.");
            Assert.Equal(0, await old.Exited);
            await start();
        }

        async Task TalkAsync()
        {
            using var person = await Visitor.RegisterAsync(edge);
            while (!stop.IsCancellationRequested)
            {
                var session = await person.StartSessionAsync(edge);
                using var reply = await person.SayAsync(edge, session, "I keep putting off my thesis");
                Assert.Equal(HttpStatusCode.OK, reply.Status);
                var turn = reply.Turn;
                Assert.Equal("done", (await reply.ToEndAsync())?.Name);
                replies.Add((turn, reply.Text));
            }
        }

        async Task SendEventsAsync()
        {
            using var buyer = await Visitor.RegisterAsync(edge);
            using var sender = new StripeSender();
            while (!stop.IsCancellationRequested)
            {
                events++;
                Assert.Equal(HttpStatusCode.OK, await sender.DeliverAsync(balancer.Address, StripeSender.Checkout($"evt_{events}", buyer.Id, $"cus_{events}")));
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
    }
}
