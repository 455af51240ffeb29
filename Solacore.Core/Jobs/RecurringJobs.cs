using Cronos;
using Npgsql;

namespace Solacore.Core.Jobs;

/// <summary>Enqueues what is due by the clock; the row lock makes one worker the owner of each occurrence.</summary>
internal sealed class RecurringJobs(NpgsqlDataSource dataSource, WakeHint hint, IEnumerable<RecurringJobDescriptor> descriptors)
{
    private readonly Dictionary<string, (RecurringJobDescriptor Job, CronExpression Cron)> _jobs = descriptors.ToDictionary(
        d => d.Kind,
        d => (d, CronExpression.Parse(d.Cron, d.Cron.Split(' ').Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard)),
        StringComparer.Ordinal);

    private bool _introduced;

    public async Task EnqueueDueAsync(CancellationToken cancellationToken)
    {
        if (_jobs.Count == 0)
        {
            return;
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!_introduced)
        {
            await IntroduceAsync(connection, cancellationToken);
        }

        var due = new List<(string Name, DateTimeOffset Now)>();
        await using (var select = new NpgsqlCommand(
            "select name, now() from recurring_jobs where next_run_at <= now() and name = any($1) for update skip locked", connection, transaction))
        {
            select.Parameters.AddWithValue(_jobs.Keys.ToArray());
            await using var reader = await select.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                due.Add((reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1)));
            }
        }

        foreach (var (name, now) in due)
        {
            await EnqueueAsync(connection, _jobs[name].Job, _jobs[name].Cron, now, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        _introduced = true;
        foreach (var (name, _) in due)
        {
            hint.Signal(_jobs[name].Job.Lane);
        }
    }

    private async Task IntroduceAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var clock = new NpgsqlCommand("select now()", connection);
        var now = (DateTime)(await clock.ExecuteScalarAsync(cancellationToken))!;
        await using var insert = new NpgsqlCommand(
            "insert into recurring_jobs (name, next_run_at) select * from unnest($1::text[], $2::timestamptz[]) on conflict (name) do nothing",
            connection);
        insert.Parameters.AddWithValue(_jobs.Keys.ToArray());
        insert.Parameters.AddWithValue(_jobs.Values.Select(j => NextAfter(j.Cron, now)).ToArray());
        await insert.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task EnqueueAsync(
        NpgsqlConnection connection, RecurringJobDescriptor job, CronExpression cron, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        var insert = new NpgsqlBatchCommand(
            """
            insert into jobs (lane, kind, payload, unique_key, max_attempts)
            values ($1, $2, $3::jsonb, $4, $5)
            on conflict (unique_key) where unique_key is not null do nothing
            """);
        insert.Parameters.AddWithValue(job.Lane);
        insert.Parameters.AddWithValue(job.Kind);
        insert.Parameters.AddWithValue(job.Payload);
        insert.Parameters.AddWithValue("cron:" + job.Kind);
        insert.Parameters.AddWithValue(job.MaxAttempts);
        batch.BatchCommands.Add(insert);
        var advance = new NpgsqlBatchCommand("update recurring_jobs set next_run_at = $2 where name = $1");
        advance.Parameters.AddWithValue(job.Kind);
        advance.Parameters.AddWithValue(NextAfter(cron, now.UtcDateTime));
        batch.BatchCommands.Add(advance);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A schedule without a further occurrence (29 February of the past) rests for a year.</summary>
    private static DateTime NextAfter(CronExpression cron, DateTime utc) => cron.GetNextOccurrence(utc) ?? utc.AddYears(1);
}
