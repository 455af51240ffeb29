using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Jobs;

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
