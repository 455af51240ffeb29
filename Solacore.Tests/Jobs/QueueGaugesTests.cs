using Solacore.Core.Jobs;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Jobs;

public sealed class QueueGaugesTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task jobs_that_only_a_newer_release_knows_are_nobodys_delay_and_are_seen_by_their_kind()
    {
        await QueueHost.EnqueueAsync(database, new TestJob(1));
        await database.ExecuteAsync(
            """
            insert into jobs (lane, kind, payload, priority, state, attempts, max_attempts, run_at, created_at)
            select lane, 'test.newer', payload, priority, state, attempts, max_attempts, now() - interval '1 hour', now() - interval '1 hour' from jobs
            """);
        var gauges = new QueueGauges(database.DataSource);

        var lane = Assert.Single(await gauges.DepthsAsync(["test"], ["test.job"], CancellationToken.None));
        var newer = Assert.Single(await gauges.KindsAsync(["test.job"], CancellationToken.None), kind => kind.Kind == "test.newer");

        Assert.Equal(("test", 1L, 0L, 0L), (lane.Lane, lane.Ready, lane.Scheduled, lane.Leased));
        Assert.InRange(lane.OldestReady, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Assert.InRange(newer.Oldest, TimeSpan.FromMinutes(59), TimeSpan.FromHours(2));
    }
}
