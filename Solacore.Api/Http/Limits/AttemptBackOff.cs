namespace Solacore.Api.Http.Limits;

/// <summary>How long to wait between attempts at one thing.</summary>
/// <param name="Free">Attempts without any wait, at least 1.</param>
/// <param name="First">The wait after the last free one; it doubles with each further attempt.</param>
/// <param name="Longest">Where the doubling ends.</param>
internal sealed record BackOffRule(int Free, TimeSpan First, TimeSpan Longest)
{
    /// <summary>Without an attempt for so long, all is forgotten.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    /// <summary>The wait after the attempt of that number, counted from 1.</summary>
    public TimeSpan PauseAfter(int attempt) =>
        attempt < Free ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(First.TotalMilliseconds * Math.Pow(2, attempt - Free), Longest.TotalMilliseconds));
}

/// <summary>
/// Slows guessing down without ever locking anybody out: after some free attempts each further one has to wait longer
/// than the one before.
/// </summary>
internal sealed class AttemptBackOff(SharedOrLocal counting, TimeProvider time)
{
    // The rule of BackOffRule.PauseAfter, where no two attempts can pass between look and count.
    private const string Script = """
        local now, free, first, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
        local known = redis.call('HMGET', KEYS[1], 'attempts', 'next')
        local next = tonumber(known[2] or 0)
        if now < next then
            return next - now
        end
        local attempts = tonumber(known[1] or 0) + 1
        local pause = 0
        if attempts >= free then
            pause = math.min(first * 2 ^ (attempts - free), longest)
        end
        redis.call('HSET', KEYS[1], 'attempts', attempts, 'next', string.format('%.0f', now + pause))
        redis.call('PEXPIRE', KEYS[1], ARGV[5])
        return 0
        """;

    private readonly MemoryAttempts _memory = new(time);

    /// <summary>Counts an attempt that may go ahead; else says how long to wait, and does not count.</summary>
    public async ValueTask<TimeSpan?> TryAsync(string key, BackOffRule rule)
    {
        var wait = await counting.RunAsync(
            async database => TimeSpan.FromMilliseconds((long)await database.ScriptEvaluateAsync(
                Script,
                [key],
                [
                    time.GetUtcNow().ToUnixTimeMilliseconds(), rule.Free, (long)rule.First.TotalMilliseconds,
                    (long)rule.Longest.TotalMilliseconds, (long)BackOffRule.Memory.TotalMilliseconds,
                ])),
            () => _memory.Try(key, rule));
        return wait > TimeSpan.Zero ? wait : null;
    }

    /// <summary>Starts from nothing: the attempt was a good one.</summary>
    public async Task ForgetAsync(params string[] keys)
    {
        foreach (var key in keys)
        {
            _memory.Forget(key);
            await counting.RunAsync(database => database.KeyDeleteAsync(key), () => false);
        }
    }

    /// <summary>The same inside one process, bounded in number.</summary>
    private sealed class MemoryAttempts(TimeProvider time)
    {
        private const int MaxKeys = 50_000;

        private readonly Dictionary<string, Attempts> _known = new(StringComparer.Ordinal);
        private readonly Lock _gate = new();

        public TimeSpan Try(string key, BackOffRule rule)
        {
            lock (_gate)
            {
                if (_known.Count > MaxKeys)
                {
                    _known.Clear();
                }

                var count = 0;
                if (_known.TryGetValue(key, out var known) && time.GetElapsedTime(known.At) is var since && since < BackOffRule.Memory)
                {
                    if (since < known.Pause)
                    {
                        return known.Pause - since;
                    }

                    count = known.Count;
                }

                count++;
                _known[key] = new Attempts(count, time.GetTimestamp(), rule.PauseAfter(count));
                return TimeSpan.Zero;
            }
        }

        public void Forget(string key)
        {
            lock (_gate)
            {
                _known.Remove(key);
            }
        }

        private readonly record struct Attempts(int Count, long At, TimeSpan Pause);
    }
}
