using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Solacore.Core.Turns;
using Solacore.Tests.Scenarios;
using StackExchange.Redis;

namespace Solacore.Bench;

/// <summary>
/// Thousands of open token streams on one api: many that wait, many to which a model speaks, and the storm when all of
/// them lose their connection and come back. The workers' writers run in the bench, so that what is measured is Redis,
/// the api and the reading of the streams.
/// </summary>
internal static class StreamBench
{
    /// <summary>What a fast model says in a second.</summary>
    private const int Pieces = 30;

    private const int ConnectingAtOnce = 64;

    /// <summary>The first streams bring code and pools into being; they are not what one more stream costs.</summary>
    private const int First = 200;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Storm = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(string[] options)
    {
        if (BenchOptions.Read(options, ("idle", 5_000), ("live", 1_000), ("seconds", 20)) is not { } settings)
        {
            return BenchOptions.NotUnderstood;
        }

        var (idle, live, length) = (settings["idle"], settings["live"], TimeSpan.FromSeconds(settings["seconds"]));
        var report = new BenchReport("streams", settings.ToDictionary(s => s.Key, s => (object)s.Value));
        await using var servers = await BenchServers.StartAsync();
        await using var system = await RunningSystem.StartAsync(servers.Database, servers.Redis.ConnectionString, workers: 0);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(servers.Redis.ConnectionString);
        using var person = await BenchPerson.RegisterAsync(system.Apis[0].Address);
        using var api = new WatchedProcess(system.Apis[0].Process.Id);
        var (clients, turns) = await PrepareAsync(person, servers.Database, First + idle + live);

        await ConnectAsync(clients[..First], ConnectingAtOnce);
        await Task.Delay(Settling / 2);
        var before = api.Memory();
        await ConnectAsync(clients[First..^live], ConnectingAtOnce);
        await Task.Delay(Settling);
        report.Add("memory of one more idle stream", (api.Memory() - before) / 1024.0 / idle, "KB", "goal: 25");
        report.Add($"cpu of the api, {idle} idle", await api.CpuAsync(length / 2), "cores");

        var speaking = clients[^live..];
        await ConnectAsync(speaking, ConnectingAtOnce);
        var beat = new StreamBeat(TimeProvider.System);
        await using (var speakers = new Speakers(
            turns[^live..].Select(turn => new TurnStreamWriter(redis, turn, attempt: 1, beat, TimeProvider.System, NullLogger.Instance)), Pieces))
        {
            await Task.Delay(Settling);
            var eventsBefore = speaking.Sum(c => c.Events);
            speaking.ForEach(c => c.Delays.Clear());
            var cpu = await api.CpuAsync(length);
            var delays = new Percentiles(speaking.SelectMany(c => c.Delays));
            report.Add("events read", (speaking.Sum(c => c.Events) - eventsBefore) / length.TotalSeconds, "/s");
            report.Add($"cpu of the api, {idle} idle and {live} live", cpu, "cores");
            report.Add("delay of a piece, p50", delays.Milliseconds(50), "ms");
            report.Add("delay of a piece, p99", delays.Milliseconds(99), "ms", "goal: 150");

            var waits = await StormAsync(clients);
            report.Add($"wait after a storm of {clients.Count}, p50", waits.Milliseconds(50), "ms");
            report.Add($"wait after a storm of {clients.Count}, p99", waits.Milliseconds(99), "ms");
            await Task.Delay(Settling);
            await speakers.StopAsync();
            await Task.Delay(Settling);
            report.Add("streams with a piece lost or repeated", speaking.Count(c => c.HasGap || c.Heard != speakers.Said), "", "goal: 0");
        }

        report.Add("memory of the api at the end", api.Memory() / 1024.0 / 1024, "MB");
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        await report.WriteAsync();
        return 0;
    }

    /// <summary>Somebody with so many replies under way, each in a session of its own.</summary>
    private static async Task<(List<StreamClient> Clients, List<Guid> Turns)> PrepareAsync(BenchPerson person, string database, int count)
    {
        await using var postgres = NpgsqlDataSource.Create(database);
        await using var insert = postgres.CreateCommand(
            """
            with sessions as (insert into solve_sessions (id, user_id) select gen_random_uuid(), $1 from generate_series(1, $2) returning id)
            insert into turns (id, user_id, solve_session_id, status, attempt, user_message_id, locale, input_tokens, output_tokens, started_at)
            select gen_random_uuid(), $1, id, 'running', 1, gen_random_uuid(), 'en', 0, 0, now() from sessions
            returning solve_session_id, id
            """);
        insert.Parameters.AddWithValue(person.Id);
        insert.Parameters.AddWithValue(count);
        var (clients, turns) = (new List<StreamClient>(count), new List<Guid>(count));
        await using var reader = await insert.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var (session, turn) = (reader.GetGuid(0), reader.GetGuid(1));
            clients.Add(new StreamClient(person.Client, () => new HttpRequestMessage(HttpMethod.Get, $"/sessions/{session}/turns/{turn}/events")));
            turns.Add(turn);
        }

        return (clients, turns);
    }

    private static Task ConnectAsync(List<StreamClient> clients, int atOnce) => Parallel.ForEachAsync(
        clients, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (client, _) => await client.ConnectAsync());

    /// <summary>All go at once; each comes back at a moment of its own within a second, all together as far as the api can tell.</summary>
    private static async Task<Percentiles> StormAsync(List<StreamClient> clients)
    {
        await Task.WhenAll(clients.Select(c => c.DropAsync()));
        return new Percentiles(await Task.WhenAll(clients.Select(async (client, n) =>
        {
            await Task.Delay(Storm * n / clients.Count);
            var since = Stopwatch.GetTimestamp();
            await client.ConnectAsync();
            return Stopwatch.GetElapsedTime(since);
        })));
    }
}
