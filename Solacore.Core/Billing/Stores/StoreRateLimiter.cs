using Solacore.Core.Jobs;

namespace Solacore.Core.Billing.Stores;

/// <summary>
/// Spaces the calls of one process to one store evenly, so that thousands of jobs that waited for the end of an outage do
/// not run into the store's limit together, and lets all of them rest when the store asks for it.
/// </summary>
internal sealed class StoreRateLimiter(int perSecond, TimeProvider time)
{
    /// <summary>Whoever would wait longer goes back to the queue instead of holding one of its slots.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    private readonly TimeSpan _interval = TimeSpan.FromSeconds(1d / perSecond);
    private readonly long _start = time.GetTimestamp();
    private readonly Lock _lock = new();
    private TimeSpan _next;

    /// <summary>Since the start, by the clock that nobody sets.</summary>
    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Ends when it is this caller's turn.</summary>
    /// <exception cref="RetryLaterException">The turn lies too far ahead.</exception>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = Now;
            var turn = _next > now ? _next : now;
            wait = turn - now;
            if (wait > LongestWait)
            {
                throw new RetryLaterException(wait, "The store is being given a rest.");
            }

            _next = turn + _interval;
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellationToken) : Task.CompletedTask;
    }

    /// <summary>No call starts before this is over: what the store asked for, one second when it did not say, an hour at most.</summary>
    /// <returns>How long that is.</returns>
    public TimeSpan RestFor(TimeSpan? asked)
    {
        var rest = asked is not { } wish ? ShortestRest : wish < LongestRest ? wish : LongestRest;
        lock (_lock)
        {
            var until = Now + rest;
            _next = _next > until ? _next : until;
        }

        return rest;
    }
}
