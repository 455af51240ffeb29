using System.Collections.Concurrent;
using System.Net;
using Npgsql;
using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.LocalHost;

namespace Solacore.Tests.Scenarios;

/// <summary>A 200 to a store is a promise: the event is applied, once, whatever dies afterwards.</summary>
public sealed class WebhookScenarios(ITestOutputHelper output)
{
    private const int Events = 2_000;

    [Fact]
    public async Task every_acknowledged_event_is_applied_once_while_everything_is_killed()
    {
        using var folder = new TemporaryFolder();
        await using var redis = new TemporaryRedis();
        await redis.StartAsync();
        await using var postgres = await PostgresServer.StartAsync(new PostgresOptions(folder.PathOf("postgres")));
        await postgres.CreateDatabaseAsync("solacore");
        var connection = postgres.ConnectionString("solacore");
        await RunningSystem.MigrateAsync(connection);

        // Unpooled: a pooled connection of before would answer with the death of its server.
        await using var database = NpgsqlDataSource.Create(connection + ";Pooling=false");
        var users = await AddUsersAsync(database, Events);
        await using var system = await RunningSystem.StartAsync(connection, redis.Server.ConnectionString, apis: 2, workers: 2);
        var acknowledged = new ConcurrentBag<string>();

        using var sender = new StripeSender();
        var sending = Parallel.ForEachAsync(
            Enumerable.Range(0, Events),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (n, _) => await SendUntilAcknowledgedAsync(n));
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 5; round++)
        {
            var goal = Events * (round + 1) / 7;
            await Eventually.BeTrueAsync($"{goal} acknowledged events", () => acknowledged.Count >= goal, TimeSpan.FromSeconds(120));
            await KillSomethingAsync(system, postgres, (Victim)(round < 3 ? round : random.Next(3)), random);
        }

        await sending;
        Assert.Equal(Events, acknowledged.Count);
        Assert.Equal(Events, acknowledged.Distinct(StringComparer.Ordinal).Count());
        await Eventually.BeTrueAsync(
            "an empty queue", async () => await ScalarAsync(database, "select count(*) from jobs") == 0, TimeSpan.FromSeconds(120));
        Assert.Equal(0, await ScalarAsync(database, "select count(*) from dead_jobs"));
        Assert.Equal(Events, await ScalarAsync(database, "select count(*) from webhook_events where state = 'applied'"));
        Assert.Equal(Events, await ScalarAsync(database, "select count(*) from subscriptions where tier = 'standard'"));
        Assert.Equal(Events, await ScalarAsync(database, "select count(*) from entitlement_changes"));

        async Task SendUntilAcknowledgedAsync(int n)
        {
            var id = $"evt_{n}";
            var body = StripeSender.Checkout(id, users[n], $"cus_{n}");
            for (var attempt = 0; attempt < 600; attempt++)
            {
                var status = await sender.DeliverAsync(system.Apis[(n + attempt) % system.Apis.Count].Address, body);
                if (status == HttpStatusCode.OK)
                {
                    acknowledged.Add(id);
                    return;
                }

                Assert.True(status is null or HttpStatusCode.ServiceUnavailable or HttpStatusCode.InternalServerError, $"{status}");
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    [Fact]
    public async Task two_hundred_deliveries_of_one_event_over_two_apis_have_one_effect()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        var redis = await SharedServers.Redis;
        var user = (await AddUsersAsync(database.DataSource, 1))[0];
        await using var system = await RunningSystem.StartAsync(database.ConnectionString, redis.ConnectionString, apis: 2);
        using var sender = new StripeSender();
        var body = StripeSender.Checkout("evt_once", user, "cus_once");

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => sender.DeliverAsync(system.Apis[n % 2].Address, body)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer));
        await Eventually.BeTrueAsync("an empty queue", async () => await database.ScalarAsync<long>("select count(*) from jobs") == 0);
        Assert.Equal(
            "1 1 standard",
            await database.ScalarAsync<string>(
                "select (select count(*) from webhook_events) || ' ' || (select count(*) from entitlement_changes) || ' ' || tier from subscriptions"));
    }

    private enum Victim
    {
        Api,
        Worker,
        Postgres,
    }

    private async Task KillSomethingAsync(RunningSystem system, PostgresServer postgres, Victim victim, Random random)
    {
        output.WriteLine($"kill -9 {victim}");
        switch (victim)
        {
            case Victim.Api:
                await system.Apis[random.Next(system.Apis.Count)].Process.KillAsync();
                await system.StartApiAsync();
                break;
            case Victim.Worker:
                await system.Workers[random.Next(system.Workers.Count)].KillAsync();
                await system.StartWorkerAsync();
                break;
            case Victim.Postgres:
                await postgres.KillAsync();
                await postgres.RestartAsync();
                break;
        }
    }

    private static async Task<Guid[]> AddUsersAsync(NpgsqlDataSource database, int count)
    {
        var ids = Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7()).ToArray();
        await using var command = database.CreateCommand(
            """
            with made as (insert into users (id, email) select id, id || '@example.com' from unnest($1::uuid[]) id returning id)
            insert into subscriptions (id, user_id) select id, id from made
            """);
        command.Parameters.AddWithValue(ids);
        await command.ExecuteNonQueryAsync();
        return ids;
    }

    private static async Task<long> ScalarAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
