using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Solacore.Api.Http.Limits;

/// <summary>A counter to raise: the window starts with its first request.</summary>
internal sealed record Counter(string Key, TimeSpan Window);

/// <summary>A counter after it was raised, and the time until it starts from zero.</summary>
internal sealed record Count(long Value, TimeSpan Reset);

/// <summary>
/// Fixed-window counters shared by all instances through Redis. When Redis is away or slow they go on in the memory of
/// this process: limits get looser for a while, and nobody is turned away for it.
/// </summary>
internal sealed partial class WindowCounters(IConnectionMultiplexer? redis, TimeProvider time, ILogger<WindowCounters> logger)
{
    // One round trip and no gap between counting and expiry: a counter without an end would lock its owner out for good.
    private const string Script = """
        local counts = {}
        for i, key in ipairs(KEYS) do
            local value = redis.call('INCR', key)
            local reset = redis.call('PTTL', key)
            if reset < 0 then
                reset = tonumber(ARGV[i])
                redis.call('PEXPIRE', key, reset)
            end
            counts[2 * i - 1] = value
            counts[2 * i] = reset
        end
        return counts
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly MemoryCounters _memory = new(time);
    private long _pausedUntil;

    public async ValueTask<Count[]> RaiseAsync(Counter[] counters)
    {
        if (redis is { IsConnected: true } && time.GetTimestamp() >= Volatile.Read(ref _pausedUntil))
        {
            try
            {
                return await RaiseSharedAsync(redis.GetDatabase(), counters);
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                // Asking again for every request would add the whole patience to each of them.
                Volatile.Write(ref _pausedUntil, time.GetTimestamp() + (long)(Pause.TotalSeconds * time.TimestampFrequency));
                LogFallback(e);
            }
        }

        return [.. counters.Select(_memory.Raise)];
    }

    private async Task<Count[]> RaiseSharedAsync(IDatabase database, Counter[] counters)
    {
        var reply = await database
            .ScriptEvaluateAsync(
                Script,
                [.. counters.Select(counter => (RedisKey)counter.Key)],
                [.. counters.Select(counter => (RedisValue)(long)counter.Window.TotalMilliseconds)])
            .WaitAsync(Patience, time);
        var numbers = (long[])reply!;
        return [.. counters.Select((_, i) => new Count(numbers[2 * i], TimeSpan.FromMilliseconds(numbers[(2 * i) + 1])))];
    }

    [LoggerMessage(1101, LogLevel.Warning, "Rate limits are counted in this process alone: Redis does not answer")]
    private partial void LogFallback(Exception exception);
}

/// <summary>The same counters inside one process, bounded in number.</summary>
internal sealed class MemoryCounters(TimeProvider time)
{
    private const int MaxCounters = 50_000;

    private readonly ConcurrentDictionary<string, Window> _windows = new(StringComparer.Ordinal);

    public Count Raise(Counter counter)
    {
        var now = time.GetUtcNow();
        if (_windows.Count > MaxCounters)
        {
            MakeRoom(now);
        }

        var window = _windows.AddOrUpdate(
            counter.Key,
            _ => new Window(1, now + counter.Window),
            (_, current) => now >= current.End ? new Window(1, now + counter.Window) : current with { Value = current.Value + 1 });
        return new Count(window.Value, window.End - now);
    }

    // Rarely more than the expired ones have to go. If somebody opens windows faster than they end, forgetting all is
    // the side on which the fall-back fails.
    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var (key, window) in _windows)
        {
            if (now >= window.End)
            {
                _windows.TryRemove(key, out _);
            }
        }

        if (_windows.Count > MaxCounters)
        {
            _windows.Clear();
        }
    }

    private sealed record Window(long Value, DateTimeOffset End);
}
