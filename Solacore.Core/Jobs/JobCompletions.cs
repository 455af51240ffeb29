using System.Threading.Channels;

namespace Solacore.Core.Jobs;

/// <summary>
/// Removes finished jobs, many per statement: jobs that finish side by side share one commit.
/// </summary>
internal sealed class JobCompletions : IAsyncDisposable
{
    private const int LargestBatch = 500;

    private readonly JobStore _store;
    private readonly QueueErrors _errors;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private readonly Channel<Finished> _finished = Channel.CreateUnbounded<Finished>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _removing;

    public JobCompletions(JobStore store, QueueErrors errors, TimeProvider time, CancellationToken stopping)
    {
        _store = store;
        _errors = errors;
        _time = time;
        _stopping = stopping;
        _removing = Task.Run(RemoveAsync, CancellationToken.None);
    }

    /// <summary>Ends when the job is gone for good.</summary>
    /// <returns>False when another worker has taken it over.</returns>
    public Task<bool> CompleteAsync(Guid lease, ClaimedJob job)
    {
        var finished = new Finished(lease, job);
        return _finished.Writer.TryWrite(finished) ? finished.Removed.Task : Task.FromResult(false);
    }

    private async Task RemoveAsync()
    {
        var batch = new List<Finished>();
        while (await _finished.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < LargestBatch && _finished.Reader.TryRead(out var finished))
            {
                batch.Add(finished);
            }

            foreach (var group in batch.GroupBy(f => f.Lease))
            {
                await RemoveAsync(group.Key, [.. group]);
            }

            batch.Clear();
        }
    }

    private async Task RemoveAsync(Guid lease, Finished[] group)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var removed = await _store.CompleteAsync(lease, [.. group.Select(f => f.Job)], _stopping);
                foreach (var finished in group)
                {
                    finished.Removed.TrySetResult(removed.Contains(finished.Job.Id));
                }

                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _errors.Report("complete", e);
                await Task.Delay(TimeSpan.FromSeconds(1), _time, _stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        // Stopped before the word got through: the jobs are handed back and run again.
        foreach (var finished in group)
        {
            finished.Removed.TrySetResult(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _finished.Writer.TryComplete();
        await _removing;
    }

    private sealed record Finished(Guid Lease, ClaimedJob Job)
    {
        public TaskCompletionSource<bool> Removed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
