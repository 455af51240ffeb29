using System.Diagnostics;

namespace Solacore.Core.Jobs;

/// <summary>One of the jobs of a batch.</summary>
/// <param name="Payload">What was enqueued.</param>
/// <param name="Job">Its run, to be completed within the batch's transaction.</param>
/// <param name="Activity">The span of the run.</param>
public sealed record BatchedJob<TPayload>(TPayload Payload, JobContext Job, Activity? Activity);
