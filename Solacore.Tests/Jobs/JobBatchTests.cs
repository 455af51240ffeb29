using Microsoft.Extensions.DependencyInjection;
using Solacore.Core.Jobs;

namespace Solacore.Tests.Jobs;

public sealed class JobBatchTests
{
    [Fact]
    public async Task jobs_of_a_batch_come_in_the_order_in_which_they_were_enqueued_whichever_run_began_first()
    {
        var handler = new Recorder();
        await using var provider = new ServiceCollection().AddSingleton(handler).BuildServiceProvider();
        var batches = new JobBatches<Recorder, string>(provider.GetRequiredService<IServiceScopeFactory>());
        long[] ids = [90, 91, .. Enumerable.Range(1, 20).Reverse()];

        Task[] runs = [.. ids.Select(id => batches.RunAsync(new("payload", new JobContext(id, 1, 1, Guid.NewGuid()), null), CancellationToken.None))];
        handler.Held.SetResult();
        await Task.WhenAll(runs).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal([90], handler.Batches[0]);
        Assert.Equal([91], handler.Batches[1]);
        Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), Assert.Single(handler.Batches[2..]));
    }

    private sealed class Recorder : IBatchJobHandler<string>
    {
        public List<long[]> Batches { get; } = [];

        public TaskCompletionSource Held { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task HandleAsync(IReadOnlyList<BatchedJob<string>> jobs, CancellationToken cancellationToken)
        {
            lock (Batches)
            {
                Batches.Add([.. jobs.Select(j => j.Job.Id)]);
            }

            return Held.Task;
        }
    }
}
