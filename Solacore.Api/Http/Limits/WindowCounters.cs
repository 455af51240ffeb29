using StackExchange.Redis;

namespace Solacore.Api.Http.Limits;

/// <summary>A counter to raise: the window starts with its first request.</summary>
internal sealed record Counter(string Key, TimeSpan Window);

/// <summary>A counter after it was raised, and the time until it starts from zero.</summary>
internal sealed record Count(long Value, TimeSpan Reset);

/// <summary>Fixed-window counters.</summary>
internal sealed class WindowCounters(SharedOrLocal counting, TimeProvider time)
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

    private readonly MemoryCounters _memory = new(time);

    public ValueTask<Count[]> RaiseAsync(Counter[] counters) =>
        counting.RunAsync(database => RaiseSharedAsync(database, counters), () => [.. counters.Select(_memory.Raise)]);

    private static async Task<Count[]> RaiseSharedAsync(IDatabase database, Counter[] counters)
    {
        var reply = await database.ScriptEvaluateAsync(
            Script,
            [.. counters.Select(counter => (RedisKey)counter.Key)],
            [.. counters.Select(counter => (RedisValue)(long)counter.Window.TotalMilliseconds)]);
        var numbers = (long[])reply!;
        return [.. counters.Select((_, i) => new Count(numbers[2 * i], TimeSpan.FromMilliseconds(numbers[(2 * i) + 1])))];
    }
}

/// <summary>The same counters inside one process, bounded in number.</summary>
internal sealed class MemoryCounters(TimeProvider time)
{
    private const int MaxCounters = 50_000;

    private readonly Dictionary<string, Window> _windows = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public Count Raise(Counter counter)
    {
        lock (_gate)
        {
            if (_windows.Count > MaxCounters)
            {
                MakeRoom();
            }

            var window = _windows.TryGetValue(counter.Key, out var current) && Left(current) > TimeSpan.Zero
                ? current with { Value = current.Value + 1 }
                : new Window(1, time.GetTimestamp(), counter.Window);
            _windows[counter.Key] = window;
            return new Count(window.Value, Left(window));
        }
    }

    // Rarely more than the expired ones have to go. If somebody opens windows faster than they end, forgetting all is
    // the side on which the fall-back fails.
    private void MakeRoom()
    {
        foreach (var (key, window) in _windows)
        {
            if (Left(window) <= TimeSpan.Zero)
            {
                _windows.Remove(key);
            }
        }

        if (_windows.Count > MaxCounters)
        {
            _windows.Clear();
        }
    }

    private TimeSpan Left(Window window) => window.Length - time.GetElapsedTime(window.Start);

    private readonly record struct Window(long Value, long Start, TimeSpan Length);
}
