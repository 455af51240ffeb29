using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Solacore.Core.Jobs;

/// <summary>
/// The leases under which worker processes hold jobs: each worker keeps its own alive and watches over those of the others. All
/// times are the database's, so workers need no common clock.
/// </summary>
internal sealed class WorkerLeases(NpgsqlDataSource dataSource)
{
    public async Task RegisterAsync(Guid lease, long? lockKey, CancellationToken cancellationToken)
    {
        // The answer to an earlier try may have been lost.
        await using var command = dataSource.CreateCommand(
            "insert into workers (id, lock_key, name) values ($1, $2, $3) on conflict (id) do update set heartbeat_at = now()");
        command.Parameters.AddWithValue(lease);
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)lockKey ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Environment.ProcessId}"));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>False when another worker has declared this one dead: all its leases are gone.</summary>
    public async Task<bool> HeartbeatAsync(Guid lease, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateQuickCommand("update workers set heartbeat_at = now() where id = $1");
        command.Parameters.AddWithValue(lease);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>
    /// Takes dead workers' leases away. A worker is dead when its heartbeat is <paramref name="silence"/> old and the server has seen
    /// its connection close (its advisory lock is free), or when the heartbeat is <paramref name="longSilence"/> old, whatever
    /// its connection says.
    /// </summary>
    public async Task RevokeDeadWorkersAsync(TimeSpan silence, TimeSpan longSilence, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateQuickCommand(
            """
            with silent as materialized (
                select id, lock_key, heartbeat_at from workers
                where heartbeat_at < now() - $1
                for update skip locked)
            delete from workers using silent
            where workers.id = silent.id
              and (silent.heartbeat_at < now() - $2
                   or (silent.lock_key is not null and pg_try_advisory_xact_lock(silent.lock_key)))
            """);
        command.Parameters.AddWithValue(silence);
        command.Parameters.AddWithValue(longSilence);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Takes the jobs that no known worker holds. One whose row is locked is passed over: its worker may be frozen in the
    /// middle of a transaction, and all the others' jobs must not wait for it.
    /// </summary>
    /// <returns>Lanes and numbers of the jobs that became ready, and the number of those that were parked.</returns>
    public async Task<(IReadOnlyDictionary<string, int> Ready, int Parked)> ReclaimAsync(CancellationToken cancellationToken)
    {
        await using var park = dataSource.CreateQuickCommand(
            $"""
            with orphans as materialized (
                select id as orphan from jobs
                where state = 1 and attempts >= max_attempts and not exists (select 1 from workers w where w.id = jobs.lease)
                for update skip locked),
            dead as (
                delete from jobs using orphans where id = orphan
                returning {DeadJobs.ColumnsOfJob}, last_error)
            insert into dead_jobs ({DeadJobs.ColumnsOfJob}, last_error, died_at)
            select {DeadJobs.ColumnsOfJob}, coalesce(last_error, 'The worker died while it ran.'), now() from dead
            """);
        var parked = await park.ExecuteNonQueryAsync(cancellationToken);

        var ready = new Dictionary<string, int>(StringComparer.Ordinal);
        await using var free = dataSource.CreateQuickCommand(
            """
            with orphans as materialized (
                select id as orphan from jobs
                where state = 1 and not exists (select 1 from workers w where w.id = jobs.lease)
                for update skip locked)
            update jobs set state = 0, lease = null, run_at = now()
            from orphans where id = orphan
            returning lane
            """);
        await using var reader = await free.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var lane = reader.GetString(0);
            ready[lane] = ready.GetValueOrDefault(lane) + 1;
        }

        return (ready, parked);
    }

    /// <summary>Leaves in good order: whatever is still held becomes ready without counting the attempt.</summary>
    public async Task RetireAsync(Guid lease, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(Command("update jobs set state = 0, lease = null, run_at = now(), attempts = attempts - 1 where state = 1 and lease = $1", lease));
        batch.BatchCommands.Add(Command("delete from workers where id = $1", lease));
        await batch.ExecuteNonQueryAsync(cancellationToken);

        static NpgsqlBatchCommand Command(string sql, Guid lease)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.AddWithValue(lease);
            return command;
        }
    }
}
