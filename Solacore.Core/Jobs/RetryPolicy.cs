namespace Solacore.Core.Jobs;

/// <summary>When a failed job runs again.</summary>
/// <param name="MaxAttempts">Runs in all; after the last failure the job is parked as a dead letter.</param>
/// <param name="First">Delay after the first failure; doubles with each further one.</param>
/// <param name="Longest">Upper bound of the delay.</param>
public sealed record RetryPolicy(int MaxAttempts, TimeSpan First, TimeSpan Longest)
{
    /// <summary>About two days of trying: longer than any provider's outage that is fixed by waiting.</summary>
    public static readonly RetryPolicy Persistent = new(60, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));

    /// <summary>Ten runs within about ten minutes.</summary>
    public static readonly RetryPolicy Standard = new(10, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

    /// <summary>The delay before the next run.</summary>
    /// <param name="attempt">The run that failed, from 1.</param>
    /// <param name="jitter">From 0 to 1: spreads jobs that failed together over ±10 %.</param>
    /// <param name="retryAfter">What the other side asked for; never undercut, but bounded by an hour.</param>
    public TimeSpan Delay(int attempt, double jitter, TimeSpan? retryAfter = null)
    {
        var exponent = Math.Min(attempt - 1, 30);
        var seconds = Math.Min(First.TotalSeconds * Math.Pow(2, exponent), Longest.TotalSeconds);
        var delay = TimeSpan.FromSeconds(seconds * (0.9 + (0.2 * jitter)));
        return retryAfter is { } asked && asked > delay ? Min(asked, TimeSpan.FromHours(1)) : delay;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
