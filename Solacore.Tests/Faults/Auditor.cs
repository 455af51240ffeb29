using System.Diagnostics;
using Npgsql;

namespace Solacore.Tests.Faults;

/// <summary>Compares what was acknowledged with the database, and the database with the promises (design, section 10).</summary>
internal static class Auditor
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    // One mail for each of the worker's connections can be out and not noted when it dies.
    private const int MailsAtRisk = 4;

    public static async Task<IReadOnlyList<string>> AuditAsync(FaultSystem system, AcknowledgedFacts facts)
    {
        List<string> broken = [.. facts.Broken];
        var database = system.Database;
        await DueNowAsync(database);
        if (!await IsQuietAsync(database))
        {
            broken.Add($"work is left: {await TextAsync(database, "select string_agg(kind || ' ' || attempts || ' ' || coalesce(last_error, '-'), ', ') from jobs")}");
        }

        var webhooks = facts.Webhooks.Keys.ToArray();
        await NoneAsync(broken, database, "an acknowledged event is not on disk, or not applied",
            "select count(*) from unnest($1::text[]) wanted left join webhook_events e on e.event_id = wanted where e.state is distinct from 'applied'", webhooks);
        await NoneAsync(broken, database, "a paying person has no plan, or more than one entitlement",
            """
            select count(*) from unnest($1::uuid[]) wanted left join subscriptions s on s.user_id = wanted
            where s.tier is distinct from 'standard' or (select count(*) from entitlements e where e.user_id = wanted) <> 1
            """,
            facts.Webhooks.Values.Distinct().ToArray());
        await NoneAsync(broken, database, "a person who got an account has none",
            "select count(*) from unnest($1::uuid[]) wanted where not exists (select 1 from users u where u.id = wanted)", facts.Persons.Keys.ToArray());
        await NoneAsync(broken, database, "a session that was started is gone",
            "select count(*) from unnest($1::uuid[]) wanted where not exists (select 1 from solve_sessions s where s.id = wanted)", facts.Sessions.Keys.ToArray());
        await NoneAsync(broken, database, "an accepted message has no end",
            "select count(*) from unnest($1::uuid[]) wanted left join turns t on t.id = wanted where t.finished_at is null", facts.Turns.Keys.ToArray());
        await NoneAsync(broken, database, "somebody saw done, but the turn is not completed",
            "select count(*) from unnest($1::uuid[]) wanted left join turns t on t.id = wanted where t.status is distinct from 'completed'",
            facts.Turns.Where(turn => turn.Value == "done").Select(turn => turn.Key).ToArray());
        await NoneAsync(broken, database, "a session has more or fewer replies than completed turns",
            """
            select count(*) from solve_sessions s
            where (select count(*) from messages m where m.session_id = s.id and m.role = 'assistant')
               <> (select count(*) from turns t where t.solve_session_id = s.id and t.status = 'completed')
            """);
        await NoneAsync(broken, database, "a message was stored twice, or not at all",
            """
            select count(*) from unnest($1::uuid[], $2::int[]) wanted(id, count)
            where (select count(*) from messages m where m.session_id = wanted.id and m.role = 'user') <> wanted.count
            """,
            facts.Messages.Keys.ToArray(), facts.Messages.Values.ToArray());
        await NoneAsync(broken, database, "a quota is not the number of sessions",
            """
            select count(*) from (select user_id, sum(session_count) used from usage group by user_id) u
            where used <> (select count(*) from solve_sessions s where s.user_id = u.user_id)
            """);
        await NoneAsync(broken, database, "something was parked", "select count(*) from dead_jobs");
        await NoneAsync(broken, database, "a reminder is not marked as sent",
            "select count(*) from solve_sessions where id = any($1) and not reminder_sent", facts.Reminders.Keys.ToArray());
        AuditMails(broken, system, facts);
        if (system.Log.FirstOrDefault(line => line.Contains("@example.com", StringComparison.Ordinal)) is { } leak)
        {
            broken.Add($"an address was logged: {leak[..Math.Min(leak.Length, 200)]}");
        }

        return broken;
    }

    private static void AuditMails(List<string> broken, FaultSystem system, AcknowledgedFacts facts)
    {
        var sent = system.Mail.Taken.CountBy(mail => mail.MessageId!.Split('.') is ["reminder", var session, ..] ? session : "").ToDictionary();
        foreach (var session in facts.Reminders.Keys.Where(session => !sent.ContainsKey(session.ToString("n"))))
        {
            broken.Add($"no reminder was mailed for session {session}");
        }

        var repeated = sent.Values.Sum(count => count - 1);
        if (repeated > system.WorkerDeaths * MailsAtRisk)
        {
            broken.Add($"{repeated} mails were repeated, though workers broke off {system.WorkerDeaths} times only");
        }
    }

    /// <summary>Nobody has to wait for a clock.</summary>
    private static Task DueNowAsync(NpgsqlDataSource database) =>
        ExecuteAsync(database, "update recurring_jobs set next_run_at = now() where name = 'reminders.queue'");

    private static async Task<bool> IsQuietAsync(NpgsqlDataSource database)
    {
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < Patience)
        {
            await ExecuteAsync(database, "update jobs set run_at = now() where state = 0 and run_at > now() + interval '2 seconds'");
            if (await CountAsync(
                database,
                """
                select (select count(*) from jobs)
                     + (select count(*) from solve_sessions where reminder_time <= now() and not reminder_sent)
                """) == 0)
            {
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        return false;
    }

    private static async Task NoneAsync(List<string> broken, NpgsqlDataSource database, string what, string sql, params Array[] parameters)
    {
        if (await CountAsync(database, sql, parameters) is > 0 and var count)
        {
            broken.Add($"{what} ({count})");
        }
    }

    private static async Task<long> CountAsync(NpgsqlDataSource database, string sql, params Array[] parameters)
    {
        await using var command = Command(database, sql, parameters);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<string> TextAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = Command(database, sql);
        return await command.ExecuteScalarAsync() as string ?? "";
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = Command(database, sql);
        await command.ExecuteNonQueryAsync();
    }

    private static NpgsqlCommand Command(NpgsqlDataSource database, string sql, params Array[] parameters)
    {
        var command = database.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter);
        }

        return command;
    }
}
