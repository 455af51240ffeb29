using Npgsql;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.LocalHost;

public sealed class SharedServersTests
{
    [Fact]
    public async Task the_run_has_one_postgres_and_one_redis()
    {
        var postgres = await SharedServers.Postgres;
        Assert.Same(postgres, await SharedServers.Postgres);
        Assert.Same(await SharedServers.Redis, await SharedServers.Redis);

        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString("postgres"));
        await using var command = source.CreateCommand("SHOW max_connections");
        Assert.Equal("300", await command.ExecuteScalarAsync());
    }
}
