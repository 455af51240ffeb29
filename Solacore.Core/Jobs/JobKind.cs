namespace Solacore.Core.Jobs;

/// <summary>
/// A pool of slots inside each worker. Kinds that wait for slow providers and kinds that must start within
/// milliseconds live in different lanes, so that neither starves the other.
/// </summary>
/// <param name="Name">As stored in the job row.</param>
/// <param name="Concurrency">Jobs of this lane that one worker process runs at a time.</param>
public sealed record JobLane(string Name, int Concurrency)
{
    /// <summary>Replies. They wait for a model most of their life and take no thread meanwhile.</summary>
    public static readonly JobLane Turns = new("turns", 2_000);

    /// <summary>Enough for two full batches of the applier.</summary>
    public static readonly JobLane Webhooks = new("webhooks", 128) { IsPriorityZero = true };

    /// <summary>
    /// Each job takes a connection to the mail server. Submission servers allow about ten at a time from one address, and several
    /// workers share that; and none waits for a connection, which would count into the time of its run.
    /// </summary>
    public static readonly JobLane Mail = new("mail", 4);
    public static readonly JobLane Push = new("push", 32);

    /// <summary>Questions to Stripe: few at a time, so that what waited for the end of an outage does not cause the next.</summary>
    public static readonly JobLane Stripe = new("stripe", 4);

    /// <summary>Questions to RevenueCat.</summary>
    public static readonly JobLane RevenueCat = new("revenuecat", 2);
    public static readonly JobLane Upkeep = new("upkeep", 2);

    /// <summary>Payments: a single error in a job of this lane wakes somebody.</summary>
    public bool IsPriorityZero { get; init; }

    public static IReadOnlyList<JobLane> All { get; } = [Turns, Webhooks, Mail, Push, Stripe, RevenueCat, Upkeep];
}

/// <summary>Order inside a lane; lower runs first.</summary>
public enum JobPriority : short
{
    Urgent = 0,
    Normal = 1,
    Low = 2,
}

/// <summary>A kind of work: its name in the table and the rules by which it runs.</summary>
/// <typeparam name="TPayload">What a job carries; stored as JSON, so only ever extended.</typeparam>
/// <param name="Name">As stored in the job row, e.g. <c>webhooks.apply</c>.</param>
/// <param name="Lane">The slots it runs in.</param>
/// <param name="Retry">How often and when it is tried again.</param>
/// <param name="Timeout">After this long one run is cancelled and counts as failed.</param>
public sealed record JobKind<TPayload>(string Name, JobLane Lane, RetryPolicy Retry, TimeSpan Timeout);

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
