using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Jobs;

/// <summary>
/// Does one kind of work. May run more than once for a job (a worker can die at any moment), so its effects belong
/// either into the transaction that <see cref="JobContext.CompleteAsync"/> fences or must be idempotent.
/// </summary>
public interface IJobHandler<in TPayload>
{
    /// <param name="payload">What was enqueued.</param>
    /// <param name="job">The run; completes the job inside the handler's own transaction when that matters.</param>
    /// <param name="cancellationToken">Fires on time-out, on a lost lease and at the end of the drain.</param>
    /// <exception cref="RetryLaterException">The other side asked to wait.</exception>
    /// <exception cref="PermanentJobException">Trying again cannot help: park it now.</exception>
    Task HandleAsync(TPayload payload, JobContext job, CancellationToken cancellationToken);
}

/// <summary>One run of a job.</summary>
/// <param name="Id">The job.</param>
/// <param name="Attempt">From 1; rises with every claim, also after a worker's death, but not when a stopping worker has handed the job back.</param>
/// <param name="MaxAttempts">The last run that the policy allows.</param>
/// <param name="Lease">The worker process that holds the job.</param>
public sealed record JobContext(long Id, int Attempt, int MaxAttempts, Guid Lease)
{
    /// <summary>True once the handler has completed the job in a transaction of its own.</summary>
    public bool IsCompleted { get; private set; }

    /// <summary>
    /// Removes the job inside the current transaction of <paramref name="db"/>, provided that this run still holds it.
    /// Whoever took the job over has changed lease or attempt, so a late worker finds nothing to remove and its whole
    /// transaction falls.
    /// </summary>
    /// <exception cref="LeaseLostException">Another worker has taken the job over.</exception>
    public Task CompleteAsync(SolacoreDb db, CancellationToken cancellationToken) => CompleteAllAsync(db, [this], cancellationToken);

    /// <summary>The same for all jobs of a batch: one that was taken over fells the transaction.</summary>
    /// <exception cref="LeaseLostException">Another worker has taken one of the jobs over.</exception>
    public static async Task CompleteAllAsync(SolacoreDb db, IReadOnlyCollection<JobContext> jobs, CancellationToken cancellationToken)
    {
        if (db.Database.CurrentTransaction is null)
        {
            throw new InvalidOperationException("A job is completed inside the transaction that holds its effects.");
        }

        var (ids, leases, attempts) = (jobs.Select(j => j.Id).ToArray(), jobs.Select(j => j.Lease).ToArray(), jobs.Select(j => j.Attempt).ToArray());
        var removed = await db.Database.ExecuteSqlAsync(
            $"""
            delete from jobs using unnest({ids}, {leases}, {attempts}) done(id, lease, attempt)
            where jobs.id = done.id and jobs.lease = done.lease and jobs.attempts = done.attempt
            """,
            cancellationToken);
        if (removed != jobs.Count)
        {
            throw new LeaseLostException(ids);
        }

        foreach (var job in jobs)
        {
            job.IsCompleted = true;
        }
    }
}

/// <summary>The job runs elsewhere by now; nothing of this run may be kept.</summary>
public sealed class LeaseLostException(params long[] jobIds) : Exception(
    $"One of the jobs {string.Join(", ", jobIds)} was taken over by another worker.");

/// <summary>The other side asked the caller to back off for a while (<c>Retry-After</c>).</summary>
public sealed class RetryLaterException(TimeSpan after, string reason) : Exception(reason)
{
    public TimeSpan After { get; } = after;
}

/// <summary>Trying again cannot help; the job is parked as a dead letter at once.</summary>
public sealed class PermanentJobException(string reason) : Exception(reason);
