using Solacore.LocalHost;
using Solacore.Tests.Scenarios;

namespace Solacore.Bench;

/// <summary>A durable Postgres and a Redis of a run's own, with the schema in place.</summary>
internal sealed class BenchServers : IAsyncDisposable
{
    private readonly string _directory;

    private BenchServers(string directory, PostgresServer postgres, RedisServer redis)
    {
        _directory = directory;
        Postgres = postgres;
        Redis = redis;
    }

    public PostgresServer Postgres { get; }
    public RedisServer Redis { get; }
    public string Database => Postgres.ConnectionString("solacore");

    /// <param name="postgresSettings">As in postgresql.conf; null for the server's own.</param>
    /// <param name="onPostgresLine">Called with every line of its log.</param>
    public static async Task<BenchServers> StartAsync(
        IReadOnlyDictionary<string, string>? postgresSettings = null, Action<string>? onPostgresLine = null)
    {
        var directory = Directory.CreateTempSubdirectory("solacore-bench-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(directory, File.GetUnixFileMode(directory) | UnixFileMode.OtherExecute);
        }

        var postgres = await PostgresServer.StartAsync(new PostgresOptions(Path.Combine(directory, "postgres"))
        {
            Settings = postgresSettings ?? new Dictionary<string, string>(StringComparer.Ordinal),
            OnLine = onPostgresLine,
        });
        var redis = await RedisServer.StartAsync(new RedisOptions(Path.Combine(directory, "redis")));
        await postgres.CreateDatabaseAsync("solacore");
        var servers = new BenchServers(directory, postgres, redis);
        await RunningSystem.MigrateAsync(servers.Database);
        return servers;
    }

    /// <summary>One api and one worker on them, with a model to speak.</summary>
    public Task<RunningSystem> StartSystemAsync(string modelUrl) => RunningSystem.StartAsync(
        Database,
        Redis.ConnectionString,
        settings: new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["OPENAI_API_KEY"] = "not-a-key",
            ["OPENAI_BASE_URL"] = modelUrl,

            // One person starts more sessions here than a plan allows.
            ["BETA_MODE"] = "true",
        });

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await Postgres.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
