using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
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

    [Fact]
    public async Task its_log_names_no_values_of_rows()
    {
        var lines = new ConcurrentQueue<string>();
        await using (var server = await PostgresServer.StartAsync(Options() with { OnLine = lines.Enqueue }))
        {
            await ExecuteAsync(server, "postgres", "CREATE TABLE people (email text unique); INSERT INTO people VALUES ('ann@example.com')");
            await Assert.ThrowsAsync<PostgresException>(() =>
                ExecuteAsync(server, "postgres", "INSERT INTO people SELECT email FROM people"));
        }

        Assert.Contains(lines, line => line.Contains("people_email_key", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("ann@", StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_second_server_on_the_same_data_is_refused()
    {
        await using var server = await PostgresServer.StartAsync(Options());

        var refused = await Assert.ThrowsAsync<ServiceFailedException>(() => PostgresServer.StartAsync(Options()));

        Assert.Equal($"Postgres already runs on {Options().DataDirectory} (process {Environment.ProcessId}).", refused.Message);
        Assert.Equal(1, await QueryAsync(server, "postgres", "SELECT 1"));
    }

    [Fact]
    public async Task a_pid_file_that_names_some_other_living_process_does_not_stop_the_start()
    {
        await using (var server = await PostgresServer.StartAsync(Options()))
        {
            await server.KillAsync();
        }

        var pidFile = Path.Combine(Options().DataDirectory, "cluster", "postmaster.pid");
        var lines = await File.ReadAllLinesAsync(pidFile);
        await using var bystander = ServiceProcess.Start(new("bystander", "sleep", ["60"]) { Account = UnixAccount.ToStepDownTo() });
        lines[0] = bystander.Id.ToString(CultureInfo.InvariantCulture);
        await File.WriteAllLinesAsync(pidFile, lines);

        await using var restarted = await PostgresServer.StartAsync(Options());
        Assert.Equal(1, await QueryAsync(restarted, "postgres", "SELECT 1"));
        Assert.False(bystander.Exited.IsCompleted);
    }

    [Fact]
    public async Task a_pid_file_that_was_never_written_to_its_end_does_not_stop_the_start()
    {
        await using (var server = await PostgresServer.StartAsync(Options()))
        {
            await server.KillAsync();
        }

        await File.WriteAllTextAsync(Path.Combine(Options().DataDirectory, "cluster", "postmaster.pid"), "");

        await using var restarted = await PostgresServer.StartAsync(Options());
        Assert.Equal(1, await QueryAsync(restarted, "postgres", "SELECT 1"));
    }

    [Fact]
    public async Task a_port_that_is_taken_is_named_by_the_error()
    {
        using var taken = new TcpListener(IPAddress.Loopback, port: 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var refused = await Assert.ThrowsAsync<ServiceFailedException>(() => PostgresServer.StartAsync(Options() with { Port = port }));

        Assert.StartsWith("Postgres ended with exit code 1 before it was ready. Its last lines:", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"could not bind IPv4 address \"127.0.0.1\": Address already in use", refused.Message, StringComparison.Ordinal);
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
