using Npgsql;
using Solacore.Core.Jobs;
using Solacore.Core.Reminders;

namespace Solacore.Worker.Reminders;

/// <summary>Makes jobs of every reminder that is due: one for the mail, one for each phone.</summary>
internal sealed class QueueRemindersHandler(NpgsqlDataSource dataSource, ReminderChannels channels, WakeHint hint) : IJobHandler<QueueReminders>
{
    private const int Batch = 500;

    // One statement per batch, so that a reminder is noted as queued exactly if its jobs exist. Plain SQL, because ten
    // thousand may be due in one minute and SKIP LOCKED has no LINQ. The condition is word for word that of
    // ix_solve_sessions_armed_reminders, which is read in order and only as far as now. Whoever cannot be reached stays
    // pending; whoever wants no mails is passed over, so that nothing piles up. A phone on which nobody is signed in gets
    // nothing: it may be in other hands.
    private const string QueueDueSql =
        """
        with phones as not materialized (
            select d.user_id, d.id from devices d
            where d.is_active and d.push_token is not null
              and exists (select 1 from active_sessions a where a.device_id = d.id and a.expires_at > now())),
        due as materialized (
            select s.id, s.user_id, s.reminder_time, u.reminder_mails_stopped_at is null as wants_mail
            from solve_sessions s
            join users u on u.id = s.user_id
            where s.reminder_time <= now()
              and s.reminder_time is not null and not s.reminder_sent and not s.action_completed
              and s.reminder_queued_for is distinct from s.reminder_time
              and u.is_active
              and ($2 or ($3 and exists (select 1 from phones where phones.user_id = s.user_id)))
            order by s.reminder_time
            limit $1
            for update of s skip locked),
        noted as (
            update solve_sessions s set reminder_queued_for = due.reminder_time
            from due
            where s.id = due.id
            returning s.id, s.user_id, due.wants_mail,
                      to_char(s.reminder_time at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as reminder_time),
        wanted as (
            select $4 as lane, $5 as kind, $6 as max_attempts,
                   jsonb_build_object('session_id', id, 'reminder_time', reminder_time) as payload,
                   'reminder:' || id || ':' || reminder_time as unique_key
            from noted where $2 and wants_mail
            union all
            select $7, $8, $9,
                   jsonb_build_object('session_id', noted.id, 'reminder_time', reminder_time, 'device_id', phones.id),
                   'reminder:' || noted.id || ':' || reminder_time || ':' || phones.id
            from noted join phones on phones.user_id = noted.user_id
            where $3),
        queued as (
            insert into jobs (lane, kind, payload, unique_key, max_attempts)
            select lane, kind, payload, unique_key, max_attempts from wanted
            on conflict (unique_key) where unique_key is not null do nothing)
        select count(*) from noted
        """;

    public async Task HandleAsync(QueueReminders payload, JobContext job, CancellationToken cancellationToken)
    {
        long queued;
        do
        {
            queued = await QueueBatchAsync(cancellationToken);
            hint.Signal(JobLane.Mail.Name);
            hint.Signal(JobLane.Push.Name);
        }
        while (queued == Batch);
    }

    private async Task<long> QueueBatchAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(QueueDueSql);
        command.Parameters.AddWithValue(Batch);
        command.Parameters.AddWithValue(channels.Mail);
        command.Parameters.AddWithValue(channels.Push);
        command.Parameters.AddWithValue(MailReminder.Kind.Lane.Name);
        command.Parameters.AddWithValue(MailReminder.Kind.Name);
        command.Parameters.AddWithValue(MailReminder.Kind.Retry.MaxAttempts);
        command.Parameters.AddWithValue(PushReminder.Kind.Lane.Name);
        command.Parameters.AddWithValue(PushReminder.Kind.Name);
        command.Parameters.AddWithValue(PushReminder.Kind.Retry.MaxAttempts);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
