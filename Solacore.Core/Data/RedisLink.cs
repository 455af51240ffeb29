using StackExchange.Redis;

namespace Solacore.Core.Data;

/// <summary>
/// The one connection to Redis, or none. It comes back by itself; whoever uses it goes on without when it is away.
/// </summary>
public sealed class RedisLink : IAsyncDisposable
{
    private RedisLink(IConnectionMultiplexer? connection) => Connection = connection;

    /// <summary>Null when no Redis is configured.</summary>
    public IConnectionMultiplexer? Connection { get; }

    public bool IsUp => Connection is { IsConnected: true };

    /// <param name="configuration">Null: none.</param>
    public static RedisLink Open(ConfigurationOptions? configuration)
    {
        if (configuration is null)
        {
            return new RedisLink(null);
        }

        var options = configuration.Clone();

        // A missing Redis makes the system slower, never a process fail to start or a request hang.
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = 2_000;
        options.AsyncTimeout = 2_000;
        options.SyncTimeout = 2_000;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ClientName = "solacore";
        return new RedisLink(ConnectionMultiplexer.Connect(options));
    }

    /// <summary>Publishes if it can; a message nobody hears has its fall-back in the database.</summary>
    public Task TryPublishAsync(RedisChannel channel, RedisValue message) =>
        TryAsync(connection => connection.GetSubscriber().PublishAsync(channel, message));

    /// <summary>Deletes if it can; what stays ends with its time.</summary>
    public Task TryDeleteAsync(RedisKey[] keys) =>
        keys.Length == 0 ? Task.CompletedTask : TryAsync(connection => Task.WhenAll(keys.Select(key => connection.GetDatabase().KeyDeleteAsync(key))));

    private async Task TryAsync(Func<IConnectionMultiplexer, Task> work)
    {
        if (Connection is not { IsConnected: true } connection)
        {
            return;
        }

        try
        {
            await work(connection);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Best effort, as the summaries say.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Connection is not null)
        {
            await Connection.DisposeAsync();
        }
    }
}
