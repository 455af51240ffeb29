namespace Solacore.Core.Jobs;

/// <summary>A kind of work: its name in the table and the rules by which it runs.</summary>
/// <typeparam name="TPayload">What a job carries; stored as JSON, so only ever extended.</typeparam>
/// <param name="Name">As stored in the job row, e.g. <c>webhooks.apply</c>.</param>
/// <param name="Lane">The slots it runs in.</param>
/// <param name="Retry">How often and when it is tried again.</param>
/// <param name="Timeout">After this long one run is cancelled and counts as failed.</param>
public sealed record JobKind<TPayload>(string Name, JobLane Lane, RetryPolicy Retry, TimeSpan Timeout);
