namespace Solacore.Core.Jobs;

/// <summary>Does jobs of one kind together, in one transaction that also completes them.</summary>
public interface IBatchJobHandler<TPayload>
{
    /// <summary>
    /// Keeps the effects of all jobs or of none. A batch that fails is done again job by job, so each job fails by itself
    /// and takes no neighbour with it.
    /// </summary>
    /// <param name="jobs">At least one, in the order in which they were enqueued; never two with the same serial key.</param>
    /// <param name="cancellationToken">Fires when one of the jobs has to end.</param>
    Task HandleAsync(IReadOnlyList<BatchedJob<TPayload>> jobs, CancellationToken cancellationToken);
}
