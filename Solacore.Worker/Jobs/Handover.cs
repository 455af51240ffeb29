using Solacore.Core.Data;
using Solacore.Core.Jobs;

namespace Solacore.Worker.Jobs;

/// <summary>
/// Completes a job whose effect is already external: a mail or a notification that a server has accepted. That server takes
/// no part in our transaction, so a worker that dies between its answer and the commit leaves a job that sends again. The
/// window is a single commit: only a crash falls into it, and a database that is briefly away is waited for.
/// </summary>
internal sealed class Handover(SolacoreDb db, TimeProvider time)
{
    // Together with the sender's time-outs less than the minute after which the queue calls a run failed.
    private static readonly TimeSpan CommitPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenCommits = TimeSpan.FromMilliseconds(250);

    /// <param name="job">The run that handed something over.</param>
    /// <param name="mark">What is to be stored with the end of the job; runs inside its transaction, maybe more than once.</param>
    /// <exception cref="LeaseLostException">Another worker has taken the job over.</exception>
    public async Task CompleteAsync(JobContext job, Func<Task> mark)
    {
        var accepted = time.GetTimestamp();
        while (true)
        {
            try
            {
                await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
                await mark();
                await job.CompleteAsync(db, CancellationToken.None);
                await transaction.CommitAsync(CancellationToken.None);
                return;
            }
            catch (Exception e) when (DatabaseErrors.IsTransient(e) && time.GetElapsedTime(accepted) < CommitPatience)
            {
                db.ChangeTracker.Clear();
                await Task.Delay(BetweenCommits, time, CancellationToken.None);
            }
        }
    }
}
