using System.Diagnostics;
using Npgsql;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;

namespace Solacore.Tests.Reminders;

/// <summary>How a storm went.</summary>
/// <param name="Kills">Workers that died in the middle of it.</param>
/// <param name="Mails">Mails that the server took; those beyond one for each reminder are <paramref name="RepeatedMails"/>.</param>
/// <param name="Tries">Recipients that it was asked for, refused ones included.</param>
/// <param name="Connections">Connections that it saw.</param>
/// <param name="Took">From the due time to the last mark.</param>
/// <param name="Broken">Promises that were not kept; empty when all is well.</param>
internal sealed record StormReport(
    int Reminders, int Kills, int Mails, int RepeatedMails, int Tries, int Connections, int Notifications, int RepeatedNotifications, TimeSpan Took,
    IReadOnlyList<string> Broken);

/// <summary>
/// Reminders that are all due at one moment, sent by three worker processes of which one after the other is killed, through a
/// mail server that fails at every second try; every second person has a phone as well.
/// </summary>
internal sealed class ReminderStorm : IAsyncDisposable
{
    private const int Workers = 3;

    // What one worker can have in other hands and not noted yet when it dies: a mail on each connection, a notification in each slot.
    private const int MailsAtRisk = 4;
    private const int NotificationsAtRisk = 32;

    private static readonly SmtpFault[] Faults = [SmtpFault.RecipientBusy, SmtpFault.NoSpace, SmtpFault.Cut];

    private readonly SmtpStandIn _mail;
    private readonly ExpoStandIn _push;
    private readonly RunningSystem _system;
    private readonly NpgsqlDataSource _database;
    private int _tries;

    private ReminderStorm(SmtpStandIn mail, ExpoStandIn push, RunningSystem system, NpgsqlDataSource database)
    {
        (_mail, _push, _system, _database) = (mail, push, system, database);

        // As real servers take a mail: not at once.
        _mail.Thinking = TimeSpan.FromMilliseconds(20);
        _mail.Fault = (_, _) => Interlocked.Increment(ref _tries) % 2 == 1 ? Faults[Random.Shared.Next(Faults.Length)] : SmtpFault.None;
    }

    /// <summary>Mails that were taken until now.</summary>
    public int Taken => _mail.Taken.Count;

    /// <param name="database">Migrated and empty.</param>
    public static async Task<ReminderStorm> StartAsync(string database, string redis)
    {
        var mail = SmtpStandIn.Start();
        var push = await ExpoStandIn.StartAsync();
        var system = await RunningSystem.StartAsync(
            database,
            redis,
            apis: 0,
            workers: Workers,
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["SMTP_ENABLED"] = "true",
                ["SMTP_HOST"] = "127.0.0.1",
                ["SMTP_PORT"] = mail.Port,
                ["PUSH_ENABLED"] = "true",
                ["EXPO_BASE_URL"] = push.Address,
            });
        return new ReminderStorm(mail, push, system, NpgsqlDataSource.Create(database));
    }

    /// <param name="reminders">How many, each of a person of its own.</param>
    /// <param name="beforeKill">Waits until a worker is to be killed, given how many were; the token fires when all is sent.</param>
    /// <param name="patience">After that long, what is not sent counts as lost.</param>
    public async Task<StormReport> RunAsync(int reminders, Func<int, CancellationToken, Task> beforeKill, TimeSpan patience)
    {
        await AskForAsync(reminders);
        using var over = new CancellationTokenSource();
        var started = Stopwatch.GetTimestamp();
        await RunNowAsync("reminders.queue");
        var killing = KillAsync(beforeKill, over.Token);
        var broken = new List<string>();
        if (!await IsSentAsync(patience))
        {
            broken.Add($"not all was sent within {patience}");
        }

        var took = Stopwatch.GetElapsedTime(started);
        await over.CancelAsync();
        var kills = await killing;
        await ReadReceiptsAsync(broken);
        return await AuditAsync(reminders, kills, took, broken);
    }

    private async Task AskForAsync(int reminders)
    {
        await ExecuteAsync("insert into users (id, email) select gen_random_uuid(), 'user' || n || '@example.com' from generate_series(1, $1) n", reminders);
        await ExecuteAsync(
            """
            with phones as (
                insert into devices (id, user_id, device_fingerprint, push_token, push_token_at)
                select gen_random_uuid(), id, id::text, 'ExponentPushToken[' || id || ']', now()
                from (select id, row_number() over (order by id) n from users) u where n % 2 = 0
                returning id, user_id)
            insert into active_sessions (id, user_id, device_id, token_hash, expires_at)
            select gen_random_uuid(), user_id, id, id::text, now() + interval '30 days' from phones
            """);
        await ExecuteAsync("insert into solve_sessions (id, user_id, first_step_action, reminder_time) select gen_random_uuid(), id, 'Call', now() from users");
    }

    private async Task<int> KillAsync(Func<int, CancellationToken, Task> beforeKill, CancellationToken over)
    {
        for (var kills = 0; ; kills++)
        {
            try
            {
                await beforeKill(kills, over);
            }
            catch (OperationCanceledException)
            {
                return kills;
            }

            var which = kills % Workers;
            await _system.Workers[which].KillAsync();
            var fresh = await _system.StartWorkerAsync();
            _system.Workers.Remove(fresh);
            _system.Workers[which] = fresh;
        }
    }

    /// <summary>Nobody waits for the later ones of growing pauses.</summary>
    private async Task<bool> IsSentAsync(TimeSpan patience)
    {
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < patience)
        {
            await ExecuteAsync("update jobs set run_at = now() where state = 0 and run_at > now() + interval '2 seconds' and kind = 'reminders.mail'");
            if (await CountAsync("select (select count(*) from jobs where kind in ('reminders.mail', 'reminders.push')) + (select count(*) from solve_sessions where not reminder_sent)") == 0)
            {
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }

        return false;
    }

    /// <summary>A quarter of an hour later.</summary>
    private async Task ReadReceiptsAsync(List<string> broken)
    {
        foreach (var taken in _push.Taken)
        {
            _push.Receipt(taken.Ticket, error: null);
        }

        await ExecuteAsync("update push_deliveries set sent_at = sent_at - interval '16 minutes'");
        await RunNowAsync("reminders.push_receipts");
        try
        {
            await Eventually.BeTrueAsync(
                "receipts", async () => await CountAsync("select count(*) from push_deliveries where receipt is distinct from 'ok'") == 0, TimeSpan.FromMinutes(1));
        }
        catch (TimeoutException)
        {
            broken.Add("not every receipt is kept");
        }
    }

    private async Task<StormReport> AuditAsync(int reminders, int kills, TimeSpan took, List<string> broken)
    {
        var (mails, mailed) = (_mail.Taken.Count, _mail.Taken.Select(mail => mail.MessageId).Distinct(StringComparer.Ordinal).Count());
        var (notifications, notified) = (_push.Taken.Count, _push.Taken.Select(taken => (taken.To, taken.SessionId)).Distinct().Count());
        Expect(mailed == reminders, $"{mailed} reminders were mailed");
        Expect(mails - mailed <= kills * MailsAtRisk, $"{mails - mailed} mails were repeated, though only {kills} workers died");
        Expect(notified == reminders / 2, $"{notified} phones were told");
        Expect(notifications - notified <= kills * NotificationsAtRisk, $"{notifications - notified} notifications were repeated, though only {kills} workers died");
        var noted = await CountAsync("select count(*) from analytics_events where event_type = 'reminder_sent'");
        Expect(noted == reminders, $"{noted} reminders were noted as sent");
        var delivered = await CountAsync("select count(distinct (session_id, device_id)) from push_deliveries where receipt = 'ok'");
        Expect(delivered == reminders / 2, $"{delivered} phones have a receipt");
        var parked = await CountAsync("select count(*) from dead_jobs");
        Expect(parked == 0, $"{parked} jobs were parked");
        Expect(!_system.Log.Any(line => line.Contains("example.com", StringComparison.Ordinal)), "an address was logged");
        return new StormReport(
            reminders, kills, mails, mails - mailed, Volatile.Read(ref _tries), _mail.Connections, notifications, notifications - notified, took, broken);

        void Expect(bool isSo, string otherwise)
        {
            if (!isSo)
            {
                broken.Add(otherwise);
            }
        }
    }

    private Task RunNowAsync(string name) => Eventually.BeTrueAsync($"{name} in the table", async () =>
    {
        await using var command = _database.CreateCommand("update recurring_jobs set next_run_at = now() where name = $1");
        command.Parameters.AddWithValue(name);
        return await command.ExecuteNonQueryAsync() == 1;
    });

    private async Task<long> CountAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = _database.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter);
        }

        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _system.DisposeAsync();
        await _database.DisposeAsync();
        await _push.DisposeAsync();
        await _mail.DisposeAsync();
    }
}
