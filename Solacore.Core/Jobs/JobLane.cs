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
