using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Solacore.Core.Jobs;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Jobs;

/// <summary>In which order jobs are claimed.</summary>
public sealed class JobStoreTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await database.ExecuteAsync("truncate jobs, workers");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task urgent_jobs_run_before_others_and_future_ones_wait_for_their_time()
    {
        await QueueHost.EnqueueAsync(database, async db =>
        {
            db.Enqueue(QueueHost.Kind, new TestJob(3), JobPriority.Low);
            db.Enqueue(QueueHost.Kind, new TestJob(2));
            db.Enqueue(QueueHost.Kind, new TestJob(1), JobPriority.Urgent);
            db.Enqueue(QueueHost.Kind, new TestJob(0), JobPriority.Urgent, runAt: TimeProvider.System.GetUtcNow().AddDays(1));
            await db.SaveChangesAsync();
        });

        var claimed = new List<int>();
        var store = new JobStore(database.DataSource);
        var leases = new WorkerLeases(database.DataSource);
        var lease = Guid.CreateVersion7();
        await leases.RegisterAsync(lease, lockKey: null, CancellationToken.None);
        for (var n = 0; n < 4; n++)
        {
            claimed.AddRange((await store.ClaimAsync("test", [QueueHost.Kind.Name], 1, lease, new ClaimCursor(TimeSpan.Zero, TimeProvider.System).Next(), CancellationToken.None))
                .Select(Number));
        }

        Assert.Equal([1, 2, 3], claimed);
        Assert.True(await store.NextDueAsync("test", CancellationToken.None) > TimeSpan.FromHours(23));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_claim_in_a_backlog_begins_behind_the_last_one_until_a_poll_or_a_freed_key(bool freed)
    {
        await QueueHost.EnqueueAsync(database, new TestJob(1));
        await QueueHost.EnqueueAsync(database, new TestJob(2));
        await QueueHost.EnqueueAsync(database, new TestJob(3));
        var (poll, time) = (TimeSpan.FromSeconds(1), new FakeTimeProvider());
        var cursor = new ClaimCursor(poll, time);
        var store = new JobStore(database.DataSource);
        var leases = new WorkerLeases(database.DataSource);
        var lease = Guid.CreateVersion7();
        await leases.RegisterAsync(lease, lockKey: null, CancellationToken.None);

        Assert.Equal([1, 2], await ClaimAsync(2));
        await QueueHost.EnqueueAsync(database, async db =>
        {
            db.Enqueue(QueueHost.Kind, new TestJob(0), runAt: new DateTimeOffset(1950, 1, 1, 0, 0, 0, TimeSpan.Zero));
            await db.SaveChangesAsync();
        });
        Assert.Equal([3], await ClaimAsync(1));
        if (freed)
        {
            cursor.Forget();
        }
        else
        {
            time.Advance(poll);
        }

        Assert.Equal([0], await ClaimAsync(1));

        async Task<IEnumerable<int>> ClaimAsync(int wanted)
        {
            var claimed = await store.ClaimAsync("test", [QueueHost.Kind.Name], wanted, lease, cursor.Next(), CancellationToken.None);
            cursor.Claimed(claimed, isFull: claimed.Count == wanted);
            return claimed.Select(Number).Order();
        }
    }

    private static int Number(ClaimedJob job) => JsonSerializer.Deserialize<TestJob>(job.Payload, JobPayload.Json)!.Number;
}
