using Solacore.LocalHost;
using StackExchange.Redis;

namespace Solacore.Tests.Infrastructure;

/// <summary>A Redis of a test's own, to be flushed and killed.</summary>
public sealed class TemporaryRedis : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("solacore-redis-").FullName;

    public RedisServer Server { get; private set; } = null!;

    public async Task StartAsync() => Server = await RedisServer.StartAsync(new RedisOptions(_directory));

    /// <summary>A command of an operator, such as <c>replicaof 127.0.0.1 1</c>.</summary>
    public async Task OperateAsync(string command)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{Server.ConnectionString},allowAdmin=true");
        var words = command.Split(' ');
        await connection.GetDatabase().ExecuteAsync(words[0], [.. words[1..]]);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
