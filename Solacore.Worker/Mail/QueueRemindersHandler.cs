using Npgsql;
using Solacore.Core.Jobs;
using Solacore.Core.Mail;

namespace Solacore.Worker.Mail;

/// <summary>Makes a mail job of every reminder that is due.</summary>
internal sealed class QueueRemindersHandler(NpgsqlDataSource dataSource, WakeHint hint) : IJobHandler<QueueReminders>
{
    private const int Batch = 500;

    // One statement per batch, so that a reminder is noted as queued exactly if its job exists. Plain SQL, because ten
    // thousand may be due in one minute and SKIP LOCKED has no LINQ. The condition is word for word that of
    // ix_solve_sessions_armed_reminders, which is read in order and only as far as now.
    private const string QueueDueSql =
        """
        with due as materialized (
            select s.id, s.reminder_time
            from solve_sessions s
            join users u on u.id = s.user_id
            where s.reminder_time <= now()
              and s.reminder_time is not null and not s.reminder_sent and not s.action_completed
              and s.reminder_queued_for is distinct from s.reminder_time
              and u.is_active
            order by s.reminder_time
            limit $1
            for update of s skip locked),
        noted as (
            update solve_sessions s set reminder_queued_for = due.reminder_time
            from due
            where s.id = due.id
            returning s.id, s.reminder_time)
        insert into jobs (lane, kind, payload, unique_key, max_attempts)
        select $2, $3, jsonb_build_object('session_id', id, 'reminder_time', reminder_time), 'reminder:' || id || ':' || reminder_time, $4
        from noted
        on conflict (unique_key) where unique_key is not null do nothing
        """;

    public async Task HandleAsync(QueueReminders payload, JobContext job, CancellationToken cancellationToken)
    {
        while (await QueueBatchAsync(cancellationToken) == Batch)
        {
            hint.Signal(JobLane.Mail.Name);
        }

        hint.Signal(JobLane.Mail.Name);
    }

    private async Task<int> QueueBatchAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(QueueDueSql);
        command.Parameters.AddWithValue(Batch);
        command.Parameters.AddWithValue(JobLane.Mail.Name);
        command.Parameters.AddWithValue(MailJobs.Remind.Name);
        command.Parameters.AddWithValue(MailJobs.Remind.Retry.MaxAttempts);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
