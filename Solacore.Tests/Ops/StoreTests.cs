using System.Runtime.Versioning;
using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;

namespace Solacore.Tests.Ops;

/// <summary>What the stores are told about this backend is what it does.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class StoreTests(TestDatabase database, ITestOutputHelper output) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task every_demand_of_the_stores_is_met_and_reviewers_get_in()
    {
        var redis = await SharedServers.Redis;
        await using var system = await RunningSystem.StartAsync(database.ConnectionString, redis.ConnectionString);
        var address = system.Apis[0].Address.ToString();

        using var curl = new RecordedCurl();
        var proof = await Script.RunAsync("stores/prove", [address], ("PATH", curl.Path));
        output.WriteLine(proof.Text);
        Assert.Equal(0, proof.ExitCode);
        Assert.DoesNotContain("password", curl.Arguments, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from users"));

        var made = await Script.RunAsync("stores/review-account", [address]);
        Assert.True(made.ExitCode == 0, made.Text);
        var (email, password) = (made.Lines[0].Split(' ')[^1], made.Lines[1].Split(' ')[^1]);
        Assert.Equal(1, await database.ScalarAsync<long>("select count(*) from users where email = $1", email));
        var deleted = await Script.RunAsync("stores/review-account", [address, "--delete", email], ("REVIEW_PASSWORD", password));
        Assert.True(deleted.ExitCode == 0, deleted.Text);
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from users"));
    }

    [Fact]
    public async Task the_privacy_answers_speak_of_every_table_and_of_no_other()
    {
        var answered = (await File.ReadAllLinesAsync(Path.Combine(BuildOutput.RepositoryRoot, "ops", "stores", "data.md")))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1]);
        var tables = await database.ScalarAsync<string[]>(
            """
            select array_agg(table_name::text order by table_name) from information_schema.tables
            where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not like '\_\_%'
            """);

        Assert.Equal(tables, answered.Order(StringComparer.Ordinal));
    }
}
