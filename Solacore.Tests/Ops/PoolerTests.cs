using System.Globalization;
using Npgsql;
using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.LocalHost;
using Solacore.Tests.Scenarios;

namespace Solacore.Tests.Ops;

/// <summary>Everything works behind a real PgBouncer in transaction mode with fewer sessions than there are processes' wishes.</summary>
public sealed class PoolerTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string Bouncer = "/usr/sbin/pgbouncer";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task the_system_works_through_a_transaction_mode_pooler(bool withDirectAddress)
    {
        Assert.SkipUnless(File.Exists(Bouncer), "Needs PgBouncer: apt-get install pgbouncer");
        using var folder = new TemporaryFolder();
        var postgres = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var port = LoopbackPort.Free();
        await File.WriteAllTextAsync(
            folder.PathOf("pgbouncer.ini"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                [databases]
                * = host=127.0.0.1 port={postgres.Port} user={postgres.Username} password={postgres.Password}
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = {port}
                unix_socket_dir =
                auth_type = any
                pool_mode = transaction
                default_pool_size = 4
                max_client_conn = 400
                """));

        // It refuses to run as root and steps down by itself.
        await using var bouncer = ServiceProcess.Start(new ServiceOptions(
            "pgbouncer", Bouncer, [.. Environment.UserName == "root" ? (string[])["--user", "nobody"] : [], folder.PathOf("pgbouncer.ini")]));
        var pooled = new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = port, Username = postgres.Username, Database = postgres.Database }.ConnectionString;
        var redis = await SharedServers.Redis;
        await using var system = await RunningSystem.StartAsync(
            pooled,
            redis.ConnectionString,
            apis: 2,
            workers: 2,
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["DATABASE_POOLED"] = "true",
                ["DATABASE_DIRECT_URL"] = withDirectAddress ? database.ConnectionString : null,
            });

        var smoke = await Script.RunAsync(
            "smoke",
            [system.Apis[0].Address.ToString()],
            ("STRIPE_WEBHOOK_SECRET", RunningSystem.StripeSecret),
            ("REVENUECAT_WEBHOOK_SECRET", RunningSystem.RevenueCatSecret));

        Assert.True(smoke.ExitCode == 0, smoke.Text);
        Assert.Equal(
            withDirectAddress ? 2 : 0,
            await database.ScalarAsync<long>("select count(*) from workers where lock_key is not null and heartbeat_at > now() - interval '10 seconds'"));
        Assert.DoesNotContain(system.Log, line => line.Contains("The queue cannot reach the database", StringComparison.Ordinal));
    }
}
