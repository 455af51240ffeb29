using Solacore.LocalHost;

namespace Solacore.Tests.Infrastructure;

/// <summary>A Redis of a test's own, to be flushed and killed.</summary>
public sealed class TemporaryRedis : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("solacore-redis-").FullName;

    public RedisServer Server { get; private set; } = null!;

    public async Task StartAsync() => Server = await RedisServer.StartAsync(new RedisOptions(_directory));

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
