using System.Net;
using System.Text;
using Microsoft.Extensions.Configuration;
using MimeKit;
using Npgsql;
using Solacore.Core.Accounts;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Mail;
using Solacore.Core.Reminders;
using Solacore.Core.Settings;
using Solacore.Core.Solve;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Mail;

/// <summary>From a job or a due time to a mail that a real client of SMTP handed to a server.</summary>
public sealed class MailTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string QueueReminders = "reminders.queue";

    private readonly SmtpStandIn _smtp = SmtpStandIn.Start();

    public async ValueTask InitializeAsync() =>
        await database.ExecuteAsync("truncate jobs, dead_jobs, workers, recurring_jobs, users, analytics_events cascade");

    public ValueTask DisposeAsync() => _smtp.DisposeAsync();

    [Fact]
    public async Task a_reset_mail_carries_the_link_that_the_token_opens()
    {
        var reset = await ResetAsync(await database.UserAsync("ann@example.com", "es"), minutes: 30);
        await using var host = MailHost.Start(database, _smtp);

        await SettledAsync();

        var mail = Assert.Single(_smtp.Taken);
        Assert.Equal(
            ("\"Solacore Support\" <noreply@solacore.app>", "ann@example.com", "Restablecer la contraseña – Solacore", $"reset.{reset:n}@solacore.app"),
            (mail.From.ToString(), mail.To.ToString(), mail.Subject, mail.MessageId));
        var link = $"https://app.solacore.app/reset-password?token={TokenOf(reset)}";
        Assert.Contains(link, mail.TextBody, StringComparison.Ordinal);
        Assert.Contains($"href=\"{link}\"", mail.HtmlBody, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"locale": "zh"}""", "重置密码 – Solacore")]
    [InlineData("{}", "Restablecer la contraseña – Solacore")]
    public async Task a_reset_mail_speaks_the_language_of_who_asked_for_it_else_of_the_account(string asked, string subject)
    {
        await ResetAsync(await database.UserAsync("ann@example.com", "es"), minutes: 30);
        await database.ExecuteAsync("update jobs set payload = payload - 'locale' || $1::jsonb", asked);
        await using var host = MailHost.Start(database, _smtp);

        await SettledAsync();

        Assert.Equal(subject, Assert.Single(_smtp.Taken).Subject);
    }

    [Theory]
    [InlineData("zh-CN", true, "提醒：继续处理你的问题 – Solacore", "zh")]
    [InlineData("fr", true, "Tu recordatorio: retoma lo que empezaste – Solacore", "es")]
    [InlineData(null, true, "Tu recordatorio: retoma lo que empezaste – Solacore", "es")]
    [InlineData(null, false, "Your reminder: pick up where you left off – Solacore", "en")]
    public async Task a_reminder_speaks_the_language_of_its_session_else_of_the_last_reply_else_of_the_account(
        string? own, bool hasReplies, string subject, string language)
    {
        var session = await database.ReminderAsync(await database.UserAsync("ann@example.com"));
        await database.ExecuteAsync("update solve_sessions set locale = $1", (object?)own ?? DBNull.Value);
        if (hasReplies)
        {
            await database.TurnAsync(session, "en", "2 days");
            await database.TurnAsync(session, "es", "1 day");
        }

        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        var mail = Assert.Single(_smtp.Taken);
        Assert.Equal(subject, mail.Subject);
        Assert.Contains($"&lang={language}", mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_link_that_has_expired_is_not_mailed()
    {
        await ResetAsync(await database.UserAsync("ann@example.com"), minutes: -1);
        await using var host = MailHost.Start(database, _smtp);

        await SettledAsync();

        Assert.Empty(_smtp.Taken);
    }

    [Fact]
    public async Task with_mail_off_resets_are_dropped_with_a_warning_and_reminders_wait()
    {
        var ann = await database.UserAsync("ann@example.com");
        var session = await database.ReminderAsync(ann);
        await ResetAsync(ann, minutes: 30);
        await using (var off = MailHost.Start(database, smtp: null))
        {
            await SettledAsync();
            Assert.Contains("Warning A mail with a reset link was dropped: SMTP_ENABLED is off ", off.Log);
        }

        Assert.Equal("armed", await database.ReminderStateAsync(session));
        await using var on = MailHost.Start(database, _smtp);
        await on.RunNowAsync(QueueReminders);
        await SettledAsync();
        Assert.Equal([$"reminder.{session:n}"], Occasions());
    }

    [Fact]
    public async Task a_reminder_is_sent_once_and_a_new_time_arms_it_again()
    {
        var session = await database.ReminderAsync(await database.UserAsync("ann@example.com"));
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();
        Assert.Equal([$"reminder.{session:n}"], Occasions());
        Assert.Equal("sent", await database.ReminderStateAsync(session));

        // What the api does with a new time.
        await database.ExecuteAsync(
            "update solve_sessions set reminder_time = now(), reminder_sent = false, reminder_sent_at = null where id = $1", session);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        Assert.Equal(2, _smtp.Taken.Select(m => m.MessageId).Distinct().Count());
        Assert.Equal(2, await EventsAsync("reminder_sent"));
    }

    [Fact]
    public async Task a_reminder_is_sent_whatever_the_time_zone_of_the_database()
    {
        var name = await database.ScalarAsync<string>("select current_database()::text");
        await database.ExecuteAsync($"alter database \"{name}\" set timezone = 'Asia/Kolkata'");
        try
        {
            var session = await database.ReminderAsync(await database.UserAsync("ann@example.com"));
            await using var host = MailHost.Start(database, _smtp);
            await host.RunNowAsync(QueueReminders);

            await Eventually.BeTrueAsync("a mark", async () => await database.ReminderStateAsync(session) == "sent");
            Assert.Equal([$"reminder.{session:n}"], Occasions());
        }
        finally
        {
            await database.ExecuteAsync($"alter database \"{name}\" reset timezone");
        }
    }

    [Fact]
    public async Task a_reminder_can_be_unsubscribed_by_one_click_and_a_reset_mail_cannot()
    {
        var ann = await database.UserAsync("ann@example.com", "es");
        await database.ReminderAsync(ann);
        await ResetAsync(ann, minutes: 30);
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        var reminder = Assert.Single(_smtp.Taken, m => m.MessageId!.StartsWith("reminder.", StringComparison.Ordinal));
        var reset = Assert.Single(_smtp.Taken, m => m.MessageId!.StartsWith("reset.", StringComparison.Ordinal));
        var link = $"http://localhost:8000/unsubscribe?token={new UnsubscribeTokens(Accounts()).TokenOf(ann)}&lang=es";
        Assert.Equal(
            ($"<{link}>", "List-Unsubscribe=One-Click"),
            (reminder.Headers[HeaderId.ListUnsubscribe], reminder.Headers[HeaderId.ListUnsubscribePost]));
        var raw = Encoding.ASCII.GetString(reminder.Headers.First(header => header.Id == HeaderId.ListUnsubscribe).RawValue);
        Assert.Equal($"<{link}>", string.Concat(raw.Where(c => !char.IsWhiteSpace(c))));
        Assert.Contains(link, reminder.TextBody, StringComparison.Ordinal);
        Assert.Contains($"<a href=\"{WebUtility.HtmlEncode(link)}\">", reminder.HtmlBody, StringComparison.Ordinal);
        Assert.False(reset.Headers.Contains(HeaderId.ListUnsubscribe));
        Assert.DoesNotContain("unsubscribe", reset.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task whoever_stopped_reminder_mails_gets_reset_mails_only_and_what_was_passed_over_does_not_come_later()
    {
        var ann = await database.UserAsync("ann@example.com");
        var session = await database.ReminderAsync(ann);
        var reset = await ResetAsync(ann, minutes: 30);
        await database.ExecuteAsync("update users set reminder_mails_stopped_at = now()");
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();
        Assert.Equal($"reset.{reset:n}@solacore.app", Assert.Single(_smtp.Taken).MessageId);
        Assert.Equal("queued", await database.ReminderStateAsync(session));

        await database.ExecuteAsync("update users set reminder_mails_stopped_at = null");
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        Assert.Single(_smtp.Taken);
        Assert.Equal(0L, await EventsAsync("reminder_sent"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task a_reminder_that_fell_due_while_its_action_was_done_does_not_come_when_there_is_something_to_do_again(bool isOpenedAgain)
    {
        var (ann, ben) = (await database.UserAsync("ann@example.com"), await database.UserAsync("ben@example.com"));
        var (due, later) = (await database.ReminderAsync(ann, completed: true), await database.ReminderAsync(ben, completed: true));
        await database.ExecuteAsync("update solve_sessions set reminder_time = now() + interval '1 hour' where id = $1", later);
        await using var db = database.Open();
        foreach (var (person, session) in new[] { (ann, due), (ben, later) })
        {
            if (isOpenedAgain)
            {
                await SessionActions.UncompleteAsync(db, person, session, DateTimeOffset.UtcNow, CancellationToken.None);
            }
            else
            {
                var change = new SessionChange(null, null, null, "write", ChangesReminder: false, null, null);
                await SessionChanges.ApplyAsync(db, person, session, change, DateTimeOffset.UtcNow, CancellationToken.None);
            }
        }

        await database.ExecuteAsync("update solve_sessions set reminder_time = now() where id = $1", later);
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        Assert.Equal("ben@example.com", Assert.Single(_smtp.Taken).To.ToString());
    }

    [Fact]
    public async Task a_mail_that_waits_for_its_next_try_is_stopped_too()
    {
        await database.ReminderAsync(await database.UserAsync("ann@example.com"));
        _smtp.Fault = (_, tries) => tries == 1 ? SmtpFault.RecipientBusy : SmtpFault.None;
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await Eventually.BeTrueAsync("a first try", () => _smtp.TriesOf("ann@example.com") == 1);
        await database.ExecuteAsync("update users set reminder_mails_stopped_at = now()");
        await SettledAsync();

        Assert.Empty(_smtp.Taken);
    }

    [Fact]
    public async Task of_one_session_come_at_most_ten_reminder_mails_a_day()
    {
        await RemindedAsync("ann@example.com", times: 9, "23 hours");
        await RemindedAsync("ben@example.com", times: 10, "23 hours");
        await RemindedAsync("eve@example.com", times: 10, "25 hours");
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        Assert.Equal(["ann@example.com", "eve@example.com"], _smtp.Taken.Select(mail => mail.To.ToString()).Order());
    }

    [Fact]
    public async Task a_mail_counts_whose_reminder_was_moved_while_the_server_took_it()
    {
        var session = await database.ReminderAsync(await database.UserAsync("ann@example.com"));
        var moved = false;
        _smtp.Fault = (_, _) => Volatile.Read(ref moved) ? SmtpFault.None : SmtpFault.RecipientBusy;
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await using (var connection = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            await using var change = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using var command = new NpgsqlCommand("update solve_sessions set reminder_time = now() + interval '1 day'", connection);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            Volatile.Write(ref moved, true);
            await Eventually.BeTrueAsync("a mail", () => _smtp.Taken.Count == 1);
            await change.CommitAsync(TestContext.Current.CancellationToken);
        }

        await SettledAsync();

        Assert.Equal(("armed", 1L), (await database.ReminderStateAsync(session), await EventsAsync("reminder_sent")));
    }

    [Theory]
    [InlineData(false, "Call Bob", true)]
    [InlineData(false, "Your account is locked. Log in at http://evil.example/ now", false)]
    [InlineData(true, "Read https://example.com/thesis", true)]
    public async Task an_action_that_leads_somewhere_is_quoted_to_a_proven_address_only(bool isProven, string action, bool isQuoted)
    {
        var ann = await database.UserAsync("ann@example.com");
        await database.ExecuteAsync("update users set email_verified_at = case when $1 then now() end", isProven);
        await database.ReminderAsync(ann, action);
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        Assert.Equal(isQuoted, Assert.Single(_smtp.Taken).TextBody!.Contains($"Your first step: {action}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task what_was_written_before_the_address_was_proven_may_be_a_strangers()
    {
        var ann = await database.UserAsync("ann@example.com");
        await database.ReminderAsync(ann, "Log in at evil.example");
        await database.ExecuteAsync("update solve_sessions set created_at = now() - interval '1 day'");
        await database.ExecuteAsync("update users set email_verified_at = now()");
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        Assert.DoesNotContain("evil", Assert.Single(_smtp.Taken).TextBody, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Write the outline. Then a page, at 5 p.m., e.g. in the library", true)]
    [InlineData("先写提纲。然后休息", true)]
    [InlineData("Go to evil.example", false)]
    [InlineData("Go to HTTP://10.0.0.1/", false)]
    [InlineData("打开 坏.公司", false)]
    [InlineData("Write to me@evil.example", false)]
    [InlineData("Call +1 202 555 0123", false)]
    [InlineData("Go to evil．example", false)]
    [InlineData("Go to evil\u200b.example", false)]
    [InlineData("Go to evil.\u2060example", false)]
    [InlineData("Go to evile\u0301.example", false)]
    [InlineData("Go to i❤.example", false)]
    public void what_an_unproven_address_may_read_leads_nowhere(string action, bool isQuotable) =>
        Assert.Equal(isQuotable ? action : null, QuotableAction.Of(action));

    [Fact]
    public async Task nobody_is_reminded_who_is_done_or_gone()
    {
        await database.ReminderAsync(await database.UserAsync("done@example.com"), completed: true);
        await database.ReminderAsync(await database.UserAsync("gone@example.com", active: false));
        var late = await database.ReminderAsync(await database.UserAsync("late@example.com"));
        await using var host = MailHost.Start(database, _smtp);
        _smtp.Fault = (_, tries) => tries == 1 ? SmtpFault.RecipientBusy : SmtpFault.None;
        await host.RunNowAsync(QueueReminders);

        // Completed after the mail was queued and before the server wanted it.
        await Eventually.BeTrueAsync("a first try", () => _smtp.TriesOf("late@example.com") == 1);
        await database.ExecuteAsync("update solve_sessions set action_completed = true where id = $1", late);
        await SettledAsync();

        Assert.Empty(_smtp.Taken);
    }

    [Fact]
    public async Task a_mailbox_that_the_server_does_not_know_ends_its_mails_and_leaves_nothing_to_an_operator()
    {
        var nobody = await database.UserAsync("nobody@example.com");
        var session = await database.ReminderAsync(nobody);
        await ResetAsync(nobody, minutes: 30);
        _smtp.Fault = (_, _) => SmtpFault.RecipientUnknown;
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from dead_jobs"));
        Assert.Equal((2, "queued", 1L), (_smtp.TriesOf("nobody@example.com"), await database.ReminderStateAsync(session), await EventsAsync("reminder_failed")));
        await Eventually.BeTrueAsync(
            "both counted", () => (host.MailsOf("reminder", "failed"), host.MailsOf("password_reset", "failed")) == (1, 1));
        Assert.Equal(2, host.Log.Count(line => line.Contains("given up: The server answered 550 (RecipientNotAccepted).", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task a_recipient_that_is_refused_for_our_sake_is_parked_at_once_and_not_tried_again()
    {
        var session = await database.ReminderAsync(await database.UserAsync("nobody@example.com"));
        _smtp.Fault = (_, _) => SmtpFault.SenderUnwelcome;
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        Assert.Equal(
            "reminders.mail 1 PermanentJobException: The server answered 554 (RecipientNotAccepted).",
            await database.ScalarAsync<string>("select string_agg(kind || ' ' || attempts || ' ' || last_error, '|') from dead_jobs"));
        Assert.Equal((1, "queued", 1L), (_smtp.TriesOf("nobody@example.com"), await database.ReminderStateAsync(session), await EventsAsync("reminder_failed")));
    }

    [Theory]
    [InlineData("535 5.7.8 ann@example.com has another password", SmtpFault.None, "535 (AuthenticationException)")]
    [InlineData("235 welcome", SmtpFault.SignInDemanded, "530 (ServiceNotAuthenticatedException)")]
    public async Task while_a_sign_in_is_refused_the_mail_waits_with_the_status_code_and_without_the_words(string answer, SmtpFault fault, string code)
    {
        await database.ReminderAsync(await database.UserAsync("ann@example.com"));
        (_smtp.SignIn, _smtp.Fault) = (answer, (_, _) => fault);
        await using var host = MailHost.Start(
            database, _smtp, new Dictionary<string, string?>(StringComparer.Ordinal) { ["SMTP_USER"] = "mailer", ["SMTP_PASSWORD"] = "not_a_password" });
        await host.RunNowAsync(QueueReminders);

        await Eventually.BeTrueAsync("an error", async () => await database.ScalarAsync<bool>("select exists (select 1 from jobs where last_error is not null)"));

        Assert.Equal(
            $"MailNotAcceptedException: The server answered {code}.", await database.ScalarAsync<string>("select last_error from jobs where kind = 'reminders.mail'"));
        await database.ExecuteAsync("truncate jobs");
    }

    [Fact]
    public async Task a_server_that_fails_half_of_the_time_gets_each_mail_once()
    {
        var sessions = new List<string>();
        for (var n = 0; n < 60; n++)
        {
            sessions.Add($"reminder.{await database.ReminderAsync(await database.UserAsync($"user{n}@example.com")):n}");
        }

        SmtpFault[] faults = [SmtpFault.RecipientBusy, SmtpFault.NoSpace, SmtpFault.Cut];
        _smtp.Fault = (recipient, tries) => tries % 2 == 1 ? faults[recipient.Length % 2 + (recipient[4] % 2)] : SmtpFault.None;
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        Assert.Equal(sessions.Order(), Occasions().Order());
        Assert.Equal(60, await EventsAsync("reminder_sent"));
    }

    [Fact]
    public async Task a_mail_whose_acceptance_got_lost_is_repeated_under_the_same_message_id()
    {
        await database.ReminderAsync(await database.UserAsync("ann@example.com"));
        _smtp.Fault = (_, tries) => tries == 1 ? SmtpFault.CutAfterAcceptance : SmtpFault.None;
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        Assert.Equal(2, _smtp.Taken.Count);
        Assert.Single(_smtp.Taken.Select(m => m.MessageId).Distinct());
        Assert.Equal(1, await EventsAsync("reminder_sent"));
    }

    [Fact]
    public async Task a_burst_shares_a_few_connections()
    {
        for (var n = 0; n < 100; n++)
        {
            await database.ReminderAsync(await database.UserAsync($"user{n}@example.com"));
        }

        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        Assert.Equal(100, _smtp.Taken.Count);
        Assert.InRange(_smtp.Connections, 1, 8);
    }

    [Fact]
    public async Task no_mail_waits_inside_its_job_for_a_connection_that_a_slow_server_holds()
    {
        for (var n = 0; n < 10; n++)
        {
            await database.ReminderAsync(await database.UserAsync($"user{n}@example.com"));
        }

        _smtp.Thinking = TimeSpan.FromSeconds(3);
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await Eventually.BeTrueAsync("four mails under way", () => _smtp.Connections == 4);

        Assert.Equal((4L, 6L), (
            await database.ScalarAsync<long>("select count(*) from jobs where lane = 'mail' and state = 1"),
            await database.ScalarAsync<long>("select count(*) from jobs where lane = 'mail' and state = 0")));
        await SettledAsync();
        Assert.Equal(10, _smtp.Taken.Count);
    }

    [Fact]
    public async Task refusals_leave_the_connections_to_the_next_mails()
    {
        for (var n = 0; n < 100; n++)
        {
            await database.ReminderAsync(await database.UserAsync($"user{n}@example.com"));
        }

        _smtp.Fault = (recipient, tries) => tries > 1 ? SmtpFault.None : recipient[4] % 2 == 0 ? SmtpFault.RecipientBusy : SmtpFault.NoSpace;
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        Assert.Equal(100, _smtp.Taken.Count);
        Assert.InRange(_smtp.Connections, 1, 12);
    }

    [Fact]
    public async Task neither_address_nor_words_nor_token_reach_the_log_or_the_dead_letters()
    {
        var ann = await database.UserAsync("private-ann@example.com");
        await database.ReminderAsync(ann, "my private step");
        var reset = await ResetAsync(ann, minutes: 30);
        await database.ReminderAsync(await database.UserAsync("private-ben@example.com"));
        _smtp.Fault = (recipient, tries) => recipient.Contains("ben", StringComparison.Ordinal) ? SmtpFault.RecipientUnknown
            : tries == 1 ? SmtpFault.Cut : SmtpFault.SenderUnwelcome;
        await using var host = MailHost.Start(database, _smtp);
        await host.RunNowAsync(QueueReminders);
        await SettledAsync();

        var seen = string.Join('\n', host.Log.Append(await database.ScalarAsync<string>("select string_agg(dead_jobs::text, ' ') from dead_jobs")));
        Assert.Contains("reminders.mail", seen, StringComparison.Ordinal);
        foreach (var secret in new[] { "private", "example.com", TokenOf(reset) })
        {
            Assert.DoesNotContain(secret, seen, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void all_wrong_settings_are_named_at_once()
    {
        var reader = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["SMTP_ENABLED"] = "true",
            ["SMTP_PORT"] = "0",
            ["SMTP_FROM"] = "Solacore",
            ["RESET_PATH"] = "reset",
            ["API_URL"] = "http://api.example.com",
        }).Build());

        MailOptions.Read(reader);

        Assert.Equal(["SMTP_PORT", "FRONTEND_URL", "RESET_PATH", "SMTP_FROM", "API_URL", "SMTP_USER", "SMTP_PASSWORD"], reader.Problems.Select(p => p.Name));
    }

    private static string TokenOf(Guid reset) => new ResetTokens(Accounts()).TokenOf(reset);

    private static AccountOptions Accounts() =>
        AccountOptions.Read(new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(MailHost.Settings(null)).Build()));

    private async Task<Guid> ResetAsync(Guid user, int minutes)
    {
        var id = Guid.CreateVersion7();
        await using var db = database.Open();
        db.PasswordResetTokens.Add(new PasswordResetToken
        {
            Id = id,
            UserId = user,
            TokenHash = TokenHash.Of(TokenOf(id)),
            ExpiresAt = TimeProvider.System.GetUtcNow().AddMinutes(minutes),
            CreatedAt = TimeProvider.System.GetUtcNow(),
        });
        db.Enqueue(SendMail.Kind, new SendMail(MailOccasion.PasswordReset, id), JobPriority.Urgent);
        await db.SaveChangesAsync();
        return id;
    }

    /// <summary>A person who got so many reminders, all so long ago.</summary>
    /// <summary>Somebody with a reminder that is due, in a session that has sent others.</summary>
    private async Task RemindedAsync(string email, int times, string ago) => await database.ExecuteAsync(
        """
        insert into analytics_events (id, session_id, event_type, created_at)
        select gen_random_uuid(), $1, 'reminder_sent', now() - $2::interval from generate_series(1, $3)
        """,
        await database.ReminderAsync(await database.UserAsync(email)),
        ago,
        times);

    private Task SettledAsync() =>
        Eventually.BeTrueAsync("an empty queue", async () => await database.ScalarAsync<long>("select count(*) from jobs") == 0);

    private Task<long> EventsAsync(string type) =>
        database.ScalarAsync<long>("select count(*) from analytics_events where event_type = $1", type);

    /// <summary>Message-IDs without the time and the domain.</summary>
    private IEnumerable<string> Occasions() => _smtp.Taken.Select(m => string.Join('.', m.MessageId!.Split('.').Take(2)));
}
