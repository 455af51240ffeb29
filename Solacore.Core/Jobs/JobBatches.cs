using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Solacore.Core.Jobs;

/// <summary>
/// Brings runs that wait side by side into one batch. A lone job starts at once; while batches are under way the jobs
/// that were claimed meanwhile gather for the next one. For the worker each stays a run of its own, with its own lease,
/// attempt, time-out and outcome.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The semaphore holds no handle.")]
internal sealed class JobBatches<THandler, TPayload>(IServiceScopeFactory scopes)
    where THandler : IBatchJobHandler<TPayload>
{
    /// <summary>Two: while one waits for the database, the other computes.</summary>
    private const int BatchesAtOnce = 2;

    private const int LargestBatch = 64;

    private readonly SemaphoreSlim _turns = new(BatchesAtOnce);
    private readonly Queue<Run> _waiting = new();

    /// <summary>Ends when the job's batch has been committed.</summary>
    /// <exception cref="Exception">What the handler threw when it did this job alone.</exception>
    public async Task RunAsync(BatchedJob<TPayload> job, CancellationToken cancellationToken)
    {
        var own = new Run(job, cancellationToken);
        lock (_waiting)
        {
            _waiting.Enqueue(own);
        }

        await _turns.WaitAsync(CancellationToken.None);
        try
        {
            while (Take(own) is { Count: > 0 } batch)
            {
                await RunAsync(batch);
            }
        }
        finally
        {
            _turns.Release();
        }

        await own.Ended.Task;
    }

    /// <summary>The runs that have waited longest, in the order of their jobs; none once somebody has taken <paramref name="own"/> along.</summary>
    private List<Run> Take(Run own)
    {
        lock (_waiting)
        {
            var batch = new List<Run>();
            while ((batch.Count > 0 || !own.IsTaken) && batch.Count < LargestBatch && _waiting.TryDequeue(out var run))
            {
                run.IsTaken = true;
                batch.Add(run);
            }

            return [.. batch.OrderBy(run => run.Job.Job.Id)];
        }
    }

    private async Task RunAsync(List<Run> batch)
    {
        var failure = await TryAsync(batch);
        foreach (var run in batch)
        {
            run.End(failure is null || batch.Count == 1 ? failure : await TryAsync([run]));
        }
    }

    private async Task<Exception?> TryAsync(List<Run> batch)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource([.. batch.Select(run => run.Cancellation)]);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<THandler>().HandleAsync([.. batch.Select(run => run.Job)], cancellation.Token);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private sealed record Run(BatchedJob<TPayload> Job, CancellationToken Cancellation)
    {
        public bool IsTaken { get; set; }

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void End(Exception? failure)
        {
            if (failure is null)
            {
                Ended.SetResult();
            }
            else
            {
                Ended.SetException(failure);
            }
        }
    }
}
