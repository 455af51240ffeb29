using Npgsql;
using Solacore.Core.Jobs;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Jobs;

/// <summary>Who is alive to hold jobs, and what becomes of the jobs of the others.</summary>
public sealed class WorkerLeasesTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await database.ExecuteAsync("truncate jobs, workers");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task a_silent_worker_whose_connection_lives_keeps_its_jobs_until_the_long_silence()
    {
        await using var holder = NpgsqlDataSource.Create(database.ConnectionString + ";Pooling=false");
        await using var connection = await holder.OpenConnectionAsync();
        await using var hold = new NpgsqlCommand("select pg_advisory_lock(43)", connection);
        await hold.ExecuteNonQueryAsync();
        var leases = new WorkerLeases(database.DataSource);
        var silent = Guid.CreateVersion7();
        await database.ExecuteAsync("insert into workers (id, lock_key, heartbeat_at) values ($1, 43, now() - interval '10 s')", silent);
        await QueueHost.EnqueueAsync(database, new TestJob(1));
        await database.ExecuteAsync("update jobs set state = 1, lease = $1, attempts = 1", silent);

        await leases.RevokeDeadWorkersAsync(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(30), CancellationToken.None);
        Assert.Empty((await leases.ReclaimAsync(CancellationToken.None)).Ready);

        await leases.RevokeDeadWorkersAsync(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(9), CancellationToken.None);
        var taken = await leases.ReclaimAsync(CancellationToken.None);
        Assert.Equal(new Dictionary<string, int>(StringComparer.Ordinal) { ["test"] = 1 }, taken.Ready);
    }

    [Fact]
    public async Task a_job_whose_row_a_frozen_worker_holds_keeps_nobody_elses_from_being_taken_over()
    {
        var leases = new WorkerLeases(database.DataSource);
        await QueueHost.EnqueueAsync(database, new TestJob(1), new TestJob(2), new TestJob(3));
        await database.ExecuteAsync("update jobs set state = 1, lease = gen_random_uuid(), attempts = case when payload ->> 'number' = '3' then max_attempts else 1 end");
        await using var frozen = await database.DataSource.OpenConnectionAsync();
        await using var ending = await frozen.BeginTransactionAsync();
        await using var delete = new NpgsqlCommand("delete from jobs where payload ->> 'number' = '1'", frozen);
        await delete.ExecuteNonQueryAsync();

        var (ready, parked) = await leases.ReclaimAsync(CancellationToken.None);

        Assert.Equal((1, 1), (ready["test"], parked));
        await ending.RollbackAsync();
        Assert.Equal(1, (await leases.ReclaimAsync(CancellationToken.None)).Ready["test"]);
    }

    [Fact]
    public async Task a_registration_whose_answer_was_lost_is_repeated()
    {
        var leases = new WorkerLeases(database.DataSource);
        var lease = Guid.CreateVersion7();
        await leases.RegisterAsync(lease, lockKey: null, CancellationToken.None);

        await leases.RegisterAsync(lease, lockKey: null, CancellationToken.None);

        Assert.True(await leases.HeartbeatAsync(lease, CancellationToken.None));
    }
}
