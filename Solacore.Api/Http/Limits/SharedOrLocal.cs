using StackExchange.Redis;

namespace Solacore.Api.Http.Limits;

/// <summary>
/// Counts in Redis, where all instances count together, and in the memory of this process while Redis is away or slow:
/// limits get looser for a while, and nobody is turned away for it.
/// </summary>
internal sealed partial class SharedOrLocal(IConnectionMultiplexer? redis, TimeProvider time, ILogger<SharedOrLocal> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private long _pausedUntil;

    public async ValueTask<T> RunAsync<T>(Func<IDatabase, Task<T>> shared, Func<T> local)
    {
        if (redis is { IsConnected: true } && time.GetTimestamp() >= Volatile.Read(ref _pausedUntil))
        {
            try
            {
                return await shared(redis.GetDatabase()).WaitAsync(Patience, time);
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                // Asking again for every request would add the whole patience to each of them.
                Volatile.Write(ref _pausedUntil, time.GetTimestamp() + (long)(Pause.TotalSeconds * time.TimestampFrequency));
                LogFallback(e);
            }
        }

        return local();
    }

    [LoggerMessage(1101, LogLevel.Warning, "Rate limits are counted in this process alone: Redis does not answer")]
    private partial void LogFallback(Exception exception);
}
