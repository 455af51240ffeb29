using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;

[assembly: AssemblyFixture(typeof(SharedServers.Lifetime))]

namespace Solacore.Tests.Infrastructure;

/// <summary>
/// The one Postgres and the one Redis of a test run: started when a test first asks, stopped when the run ends. They die
/// with the run even when it is killed.
/// </summary>
public static class SharedServers
{
    private static readonly string Directory = System.IO.Directory.CreateTempSubdirectory("solacore-tests-").FullName;

    private static readonly Lazy<Task<PostgresServer>> LazyPostgres = new(() => PostgresServer.StartAsync(new(Path.Combine(Directory, "postgres"))
    {
        Durable = false,
        Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["max_connections"] = "300" },
    }));

    private static readonly Lazy<Task<RedisServer>> LazyRedis = new(() => RedisServer.StartAsync(new(Path.Combine(Directory, "redis"))));

    static SharedServers()
    {
        // The server account of a run as root has to reach its folder; a temporary folder is closed to others.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Directory, File.GetUnixFileMode(Directory) | UnixFileMode.OtherExecute);
        }
    }

    /// <summary>Shared by all tests: create a database of your own, and never kill it; a test of crashes owns its server.</summary>
    public static Task<PostgresServer> Postgres => LazyPostgres.Value;

    /// <summary>Shared by all tests: prefix your keys, and never flush it; a test that does owns its server.</summary>
    public static Task<RedisServer> Redis => LazyRedis.Value;

    /// <summary>Ends the servers as part of the run: for the exit of the process, the runner has ten seconds of patience.</summary>
    public sealed class Lifetime : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (LazyPostgres.IsValueCreated && LazyPostgres.Value.IsCompletedSuccessfully)
            {
                await (await LazyPostgres.Value).StopAsync();
            }

            if (LazyRedis.IsValueCreated && LazyRedis.Value.IsCompletedSuccessfully)
            {
                await (await LazyRedis.Value).StopAsync();
            }

            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }
}
