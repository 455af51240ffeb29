using Solacore.Core.Solve;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Mail;

namespace Solacore.Tests.Reminders;

/// <summary>From a due time to a notification that the push service took, and to its receipt.</summary>
public sealed class PushTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string Queue = "reminders.queue";
    private const string Receipts = "reminders.push_receipts";

    private ExpoStandIn _expo = null!;

    public async ValueTask InitializeAsync()
    {
        await database.ExecuteAsync("truncate jobs, dead_jobs, workers, recurring_jobs, users, analytics_events cascade");
        _expo = await ExpoStandIn.StartAsync();
    }

    public ValueTask DisposeAsync() => _expo.DisposeAsync();

    [Fact]
    public async Task a_reminder_goes_once_to_every_phone_on_which_somebody_is_signed_in_and_says_nothing_personal()
    {
        var ann = await database.UserAsync("ann@example.com", "es");
        await PhoneAsync(ann, "one");
        await PhoneAsync(ann, "two");
        await PhoneAsync(ann, "signed-out", isSignedIn: false);
        await PhoneAsync(await database.UserAsync("bob@example.com"), "bobs");
        var session = await database.ReminderAsync(ann, "Call my sister");
        await using var host = StartHost();

        await host.RunNowAsync(Queue);
        await SettledAsync();
        await host.RunNowAsync(Queue);
        await SettledAsync();

        Assert.Equal(
            [
                (ExpoStandIn.Token("one"), "Tu recordatorio", "Te propusiste dar un pequeño paso. Te está esperando.", session.ToString()),
                (ExpoStandIn.Token("two"), "Tu recordatorio", "Te propusiste dar un pequeño paso. Te está esperando.", session.ToString()),
            ],
            _expo.Taken.Select(taken => (taken.To, taken.Title, taken.Body, taken.SessionId)).Order());
        Assert.Equal("sent", await database.ReminderStateAsync(session));
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from analytics_events where event_type = 'reminder_sent'"));
    }

    [Fact]
    public async Task a_notification_speaks_the_language_of_the_last_reply()
    {
        var ann = await database.UserAsync("ann@example.com");
        await PhoneAsync(ann, "one");
        await database.TurnAsync(await database.ReminderAsync(ann), "zh", "1 day");
        await using var host = StartHost();

        await host.RunNowAsync(Queue);
        await SettledAsync();

        Assert.Equal("你的提醒", Assert.Single(_expo.Taken).Title);
    }

    [Fact]
    public async Task mail_and_phone_are_both_told_and_the_session_is_marked_once()
    {
        await using var smtp = SmtpStandIn.Start();
        var ann = await database.UserAsync("ann@example.com");
        await PhoneAsync(ann, "one");
        var session = await database.ReminderAsync(ann);
        await using var host = StartHost(smtp);

        await host.RunNowAsync(Queue);
        await SettledAsync();

        Assert.Equal((1, 1), (smtp.Taken.Count, _expo.Taken.Count));
        Assert.Equal("sent", await database.ReminderStateAsync(session));
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from analytics_events where event_type = 'reminder_sent'"));
    }

    [Fact]
    public async Task a_time_that_is_chosen_once_more_is_told_once_more_on_every_way()
    {
        await using var smtp = SmtpStandIn.Start();
        var ann = await database.UserAsync("ann@example.com");
        await PhoneAsync(ann, "one");
        var session = await database.ReminderAsync(ann);
        var due = new DateTimeOffset(await database.ScalarAsync<DateTime>("select reminder_time from solve_sessions"));
        await using var host = StartHost(smtp);
        await host.RunNowAsync(Queue);
        await SettledAsync();

        foreach (var between in new DateTimeOffset?[] { due.AddDays(1), null })
        {
            await RemindAsync(ann, session, between);
            await RemindAsync(ann, session, due);
            await host.RunNowAsync(Queue);
            await SettledAsync();
        }

        Assert.Equal((3, 3, "sent"), (smtp.Taken.Count, _expo.Taken.Count, await database.ReminderStateAsync(session)));
        Assert.Equal(_expo.Taken.Last().Ticket, await database.ScalarAsync<string>("select ticket_id from push_deliveries where receipt is null"));
        Assert.DoesNotContain(host.Log, line => line.Contains("failed in attempt", StringComparison.Ordinal));
    }

    [Fact]
    public async Task whoever_stopped_reminder_mails_is_still_told_by_the_phone()
    {
        await using var smtp = SmtpStandIn.Start();
        var ann = await database.UserAsync("ann@example.com");
        await PhoneAsync(ann, "one");
        var session = await database.ReminderAsync(ann);
        await database.ExecuteAsync("update users set reminder_mails_stopped_at = now()");
        await using var host = StartHost(smtp);

        await host.RunNowAsync(Queue);
        await SettledAsync();

        Assert.Equal((0, 1, "sent"), (smtp.Taken.Count, _expo.Taken.Count, await database.ReminderStateAsync(session)));
    }

    [Fact]
    public async Task somebody_who_cannot_be_reached_stays_pending_until_a_phone_is_there()
    {
        var ann = await database.UserAsync("ann@example.com");
        var session = await database.ReminderAsync(ann);
        await using var host = StartHost();
        await host.RunNowAsync(Queue);
        await SettledAsync();
        Assert.Equal("armed", await database.ReminderStateAsync(session));

        await PhoneAsync(ann, "new");
        await host.RunNowAsync(Queue);
        await SettledAsync();

        Assert.Equal("sent", await database.ReminderStateAsync(session));
    }

    [Fact]
    public async Task a_busy_or_broken_push_service_is_asked_again()
    {
        var ann = await database.UserAsync("ann@example.com");
        await PhoneAsync(ann, "one");
        var session = await database.ReminderAsync(ann);
        _expo.Refusing = (1, 429);
        await using var host = StartHost();
        await host.RunNowAsync(Queue);
        await SettledAsync();
        Assert.Equal(("sent", 1), (await database.ReminderStateAsync(session), _expo.Taken.Count));
    }

    [Fact]
    public async Task a_dead_token_is_dropped_at_once_or_with_its_receipt()
    {
        var ann = await database.UserAsync("ann@example.com");
        await PhoneAsync(ann, "gone");
        await PhoneAsync(ann, "goes-later");
        await PhoneAsync(ann, "stays");
        await database.ReminderAsync(ann);
        _expo.Gone[ExpoStandIn.Token("gone")] = true;
        await using var host = StartHost();
        await host.RunNowAsync(Queue);
        await SettledAsync();
        Assert.Equal("goes-later, stays", await TokensAsync());

        foreach (var taken in _expo.Taken)
        {
            _expo.Receipt(taken.Ticket, taken.To == ExpoStandIn.Token("stays") ? null : "DeviceNotRegistered");
        }

        await database.ExecuteAsync("update push_deliveries set sent_at = sent_at - interval '16 minutes'");
        await database.ExecuteAsync("update devices set push_token_at = push_token_at - interval '20 minutes'");
        await host.RunNowAsync(Receipts);

        Assert.Equal("stays", await TokensAsync());
        Assert.Equal("DeviceNotRegistered, ok", await database.ScalarAsync<string>("select string_agg(receipt, ', ' order by receipt) from push_deliveries"));
    }

    [Fact]
    public async Task a_receipt_that_never_comes_is_given_up_after_a_day()
    {
        var ann = await database.UserAsync("ann@example.com");
        await PhoneAsync(ann, "one");
        await database.ReminderAsync(ann);
        await using var host = StartHost();
        await host.RunNowAsync(Queue);
        await SettledAsync();
        await database.ExecuteAsync("update push_deliveries set sent_at = sent_at - interval '23 hours'");
        await host.RunNowAsync(Receipts);
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from push_deliveries where receipt is null"));

        await database.ExecuteAsync("update push_deliveries set sent_at = sent_at - interval '2 hours'");
        await host.RunNowAsync(Receipts);

        Assert.Equal("no_receipt", await database.ScalarAsync<string>("select receipt from push_deliveries"));
    }

    private MailHost StartHost(SmtpStandIn? smtp = null) => MailHost.Start(
        database, smtp, new Dictionary<string, string?> { ["PUSH_ENABLED"] = "true", ["EXPO_BASE_URL"] = _expo.Address });

    private async Task PhoneAsync(Guid user, string name, bool isSignedIn = true)
    {
        var device = Guid.CreateVersion7();
        await database.ExecuteAsync(
            "insert into devices (id, user_id, device_fingerprint, push_token, push_token_at) values ($1, $2, $3, $4, now())",
            device, user, name, ExpoStandIn.Token(name));
        if (isSignedIn)
        {
            await database.ExecuteAsync(
                "insert into active_sessions (id, user_id, device_id, token_hash, expires_at) values ($1, $2, $3, $4, now() + interval '30 days')",
                Guid.CreateVersion7(), user, device, name);
        }
    }

    private async Task RemindAsync(Guid user, Guid session, DateTimeOffset? at)
    {
        var change = new SessionChange(
            Status: null, CurrentStep: null, Locale: null, FirstStepAction: null, ChangesReminder: true, ReminderTime: at, Tags: null);
        await using var db = database.Open();
        Assert.IsType<SessionChangeOutcome.Changed>(await SessionChanges.ApplyAsync(
            db, user, session, change, TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken));
    }

    /// <summary>No job of a reminder is left, waiting or running.</summary>
    private Task SettledAsync() => Eventually.BeTrueAsync(
        "settled reminders", async () => await database.ScalarAsync<bool>("select not exists (select 1 from jobs where kind like 'reminders.%')"));

    private Task<string> TokensAsync() => database.ScalarAsync<string>(
        "select string_agg(device_fingerprint, ', ' order by device_fingerprint) from devices where push_token is not null");
}
