using Npgsql;

namespace Solacore.Core.Jobs;

/// <summary>A job as a worker holds it after the claim.</summary>
internal sealed record ClaimedJob(
    JobPosition Position, int Priority, string Kind, string Payload, int Attempt, int MaxAttempts, TimeSpan Waited, bool IsSerial, string? Traceparent)
{
    public long Id => Position.Id;
}

/// <summary>
/// Claims jobs and stores how they ended. Hot path, hence plain SQL: the claim and the batched completion run thousands of times
/// a second, and SKIP LOCKED has no LINQ. All times are the database's, so workers need no common clock.
/// </summary>
internal sealed class JobStore(NpgsqlDataSource dataSource)
{
    // Priorities are asked one after the other so that each is a plain range of ix_jobs_ready, read in order and only as
    // far as the limit: jobs that are not due yet are never touched, however many there are. A job with a serial key is
    // free when no earlier job has its key and none with its key runs; should two workers claim such jobs in the same
    // instant, the unique ix_jobs_serial_running stops one. A worker declared dead claims nothing under its old lease.
    private const string ClaimSql =
        """
        with free as materialized (
            select due.id
            from (values (0::smallint, $5::timestamptz, $6::bigint), (1, $7, $8), (2, $9, $10)) behind(priority, run_at, id)
            cross join lateral (
                select j.id
                from jobs j
                where j.lane = $1 and j.priority = behind.priority and j.state = 0 and j.kind = any($4)
                  and j.run_at <= now() and (j.run_at, j.id) > (behind.run_at, behind.id)
                  and exists (select 1 from workers w where w.id = $3)
                  and (j.serial_key is null or not exists (
                      select 1 from jobs other
                      where other.serial_key = j.serial_key and other.id <> j.id and (other.id < j.id or other.state = 1)))
                order by j.run_at, j.id
                limit $2
                for update skip locked) due
            limit $2)
        update jobs
        set state = 1, attempts = attempts + 1, lease = $3
        from free
        where jobs.id = free.id
        returning jobs.run_at, jobs.id, jobs.priority, jobs.kind, jobs.payload::text, jobs.attempts, jobs.max_attempts,
                  clock_timestamp() - jobs.run_at, jobs.serial_key is not null, jobs.traceparent
        """;

    /// <param name="kinds">What this process knows: jobs of a newer release wait for a worker of that release.</param>
    /// <param name="behind">Only jobs after these positions are claimed; one for each priority.</param>
    public async Task<IReadOnlyList<ClaimedJob>> ClaimAsync(
        string lane, string[] kinds, int limit, Guid lease, IReadOnlyList<JobPosition> behind, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateQuickCommand(ClaimSql);
        command.Parameters.AddWithValue(lane);
        command.Parameters.AddWithValue(limit);
        command.Parameters.AddWithValue(lease);
        command.Parameters.AddWithValue(kinds);
        foreach (var position in behind)
        {
            command.Parameters.AddWithValue(position.RunAt);
            command.Parameters.AddWithValue(position.Id);
        }

        var jobs = new List<ClaimedJob>();
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                jobs.Add(new ClaimedJob(
                    new JobPosition(reader.GetDateTime(0), reader.GetInt64(1)), reader.GetInt16(2), reader.GetString(3), reader.GetString(4),
                    reader.GetInt32(5), reader.GetInt32(6), reader.GetTimeSpan(7), reader.GetBoolean(8), reader.IsDBNull(9) ? null : reader.GetString(9)));
            }
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Another worker claimed a job of the same serial key in this very instant. Nothing was claimed here; the
            // next round sees the other's lease and passes the key over.
            return [];
        }

        return jobs;
    }

    /// <summary>When the next job of the lane is due, seen from the database's now; null when none waits.</summary>
    public async Task<TimeSpan?> NextDueAsync(string lane, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateQuickCommand(
            """
            select min(next.run_at) - now()
            from (values (0::smallint), (1), (2)) priorities(priority)
            cross join lateral (
                select run_at from jobs
                where lane = $1 and priority = priorities.priority and state = 0 and run_at > now()
                order by run_at limit 1) next
            """);
        command.Parameters.AddWithValue(lane);
        return await command.ExecuteScalarAsync(cancellationToken) as TimeSpan?;
    }

    /// <summary>
    /// Removes finished jobs in one statement; returns those that this lease still held. The state is not tested, since only
    /// a leased job has a lease: the test would let the planner walk ix_jobs_leased instead of the ids, and vacuum cannot
    /// remove that index's dead entries while a transaction is held open.
    /// </summary>
    public async Task<HashSet<long>> CompleteAsync(
        Guid lease, IReadOnlyList<ClaimedJob> jobs, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            delete from jobs using unnest($2::bigint[], $3::int[]) done(id, attempt)
            where jobs.id = done.id and jobs.lease = $1 and jobs.attempts = done.attempt
            returning jobs.id
            """);
        command.Parameters.AddWithValue(lease);
        command.Parameters.AddWithValue(jobs.Select(j => j.Id).ToArray());
        command.Parameters.AddWithValue(jobs.Select(j => j.Attempt).ToArray());
        var removed = new HashSet<long>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            removed.Add(reader.GetInt64(0));
        }

        return removed;
    }

    /// <summary>Makes the job ready again after a delay.</summary>
    public async Task<bool> ReleaseAsync(Guid lease, ClaimedJob job, TimeSpan delay, string error, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            update jobs
            set state = 0, lease = null, run_at = now() + $4, last_error = $5
            where id = $1 and lease = $2 and attempts = $3
            """);
        command.Parameters.AddWithValue(job.Id);
        command.Parameters.AddWithValue(lease);
        command.Parameters.AddWithValue(job.Attempt);
        command.Parameters.AddWithValue(delay);
        command.Parameters.AddWithValue(error);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Moves the job to the dead letters.</summary>
    public async Task<bool> ParkAsync(Guid lease, ClaimedJob job, string error, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            with dead as (
                delete from jobs where id = $1 and lease = $2 and attempts = $3
                returning {DeadJobs.ColumnsOfJob})
            insert into dead_jobs ({DeadJobs.ColumnsOfJob}, last_error, died_at)
            select {DeadJobs.ColumnsOfJob}, $4, now() from dead
            """);
        command.Parameters.AddWithValue(job.Id);
        command.Parameters.AddWithValue(lease);
        command.Parameters.AddWithValue(job.Attempt);
        command.Parameters.AddWithValue(error);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>
    /// Makes jobs ready again that this lease holds without knowing: a claim was committed, and its answer was lost. The attempt
    /// is not counted.
    /// </summary>
    /// <param name="known">What the lane runs.</param>
    public async Task HandBackUnknownAsync(string lane, Guid lease, long[] known, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateQuickCommand(
            "update jobs set state = 0, lease = null, attempts = attempts - 1 where state = 1 and lease = $1 and lane = $2 and id <> all($3)");
        command.Parameters.AddWithValue(lease);
        command.Parameters.AddWithValue(lane);
        command.Parameters.AddWithValue(known);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
