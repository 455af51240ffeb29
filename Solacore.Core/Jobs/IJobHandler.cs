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
