using Npgsql;
using Solacore.LocalHost;

namespace Solacore.Tests.LocalHost;

public sealed class PostgresServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task data_survives_a_stop_a_kill_and_a_restart()
    {
        await using (var server = await PostgresServer.StartAsync(Options()))
        {
            await server.CreateDatabaseAsync("first");
            await ExecuteAsync(server, "first", "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('one')");
            await server.CreateDatabaseAsync("second", template: "first");
            await server.StopAsync();
            Assert.Equal(0, await server.Exited);
        }

        await using (var server = await PostgresServer.StartAsync(Options()))
        {
            await ExecuteAsync(server, "second", "INSERT INTO kept VALUES ('two')");
            await server.KillAsync();
            Assert.Equal(137, await server.Exited);

            var port = server.Port;
            await server.RestartAsync();
            Assert.Equal(port, server.Port);
            Assert.Equal("one, two", await QueryAsync(server, "second", "SELECT string_agg(word, ', ' ORDER BY word) FROM kept"));
        }
    }

    private PostgresOptions Options() => new(_folder.PathOf("postgres"));

    private static async Task ExecuteAsync(PostgresServer server, string database, string sql) => await QueryAsync(server, database, sql);

    private static async Task<object?> QueryAsync(PostgresServer server, string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString(database));
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
