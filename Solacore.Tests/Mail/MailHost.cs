using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Settings;
using Solacore.Core.Telemetry;
using Solacore.Tests.Infrastructure;
using Solacore.Worker.Mail;
using Solacore.Worker.Reminders;
using Solacore.Worker.Upkeep;

namespace Solacore.Tests.Mail;

/// <summary>A worker that mails and tidies up, on a test's database.</summary>
internal sealed class MailHost : IAsyncDisposable
{
    public const string JwtSecret = "a secret of the mail tests, long enough";

    private readonly TestDatabase _database;
    private readonly ServiceProvider _services;
    private readonly CancellationTokenSource _stopping = new();
    private readonly LogRecorder _log = new();
    private readonly ConcurrentDictionary<(string About, string Outcome), long> _mails = new();
    private readonly MeterListener _listener = new();
    private readonly Task _running;

    private MailHost(TestDatabase database, SettingsReader settings)
    {
        _database = database;
        var connections = new ConnectionSettings(database.ConnectionString, database.ConnectionString, null);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_log));
        services.AddMetrics();
        services.AddSingleton(TimeProvider.System);
        services.AddSolacoreData(connections).AddJobQueue().AddProductTelemetry();
        services.AddMail(settings);
        services.AddReminders(settings);
        services.AddUpkeep(settings);
        services.AddSingleton(new JobWorkerOptions { Drain = TimeSpan.FromSeconds(1) });
        services.AddJobWorker(connections);
        _services = services.BuildServiceProvider();
        CountMails(_services.GetRequiredService<IMeterFactory>());
        _running = _services.GetRequiredService<JobWorker>().RunAsync(_stopping.Token);
    }

    /// <summary>Every line that was logged.</summary>
    public ConcurrentQueue<string> Log => _log.Lines;

    /// <summary>The metric of what became of mails.</summary>
    public long MailsOf(string about, string outcome) => _mails.GetValueOrDefault((about, outcome));

    /// <param name="smtp">Null: mail is off.</param>
    /// <param name="more">Further settings.</param>
    public static MailHost Start(TestDatabase database, SmtpStandIn? smtp, IReadOnlyDictionary<string, string?>? more = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Settings(smtp)).AddInMemoryCollection(more ?? new Dictionary<string, string?>()).Build();
        return new MailHost(database, new SettingsReader(configuration));
    }

    public static Dictionary<string, string?> Settings(SmtpStandIn? smtp) => new(StringComparer.Ordinal)
    {
        ["DEBUG"] = "true",
        ["JWT_SECRET"] = JwtSecret,
        ["FRONTEND_URL"] = "https://app.solacore.app",
        ["SMTP_ENABLED"] = smtp is null ? "false" : "true",
        ["SMTP_HOST"] = "127.0.0.1",
        ["SMTP_PORT"] = smtp?.Port,
    };

    /// <summary>Lets a recurring job be due now, and waits until it has run.</summary>
    public async Task RunNowAsync(string name)
    {
        await Eventually.BeTrueAsync($"{name} in the table", async () =>
        {
            await using var command = _database.DataSource.CreateCommand("update recurring_jobs set next_run_at = now() where name = $1");
            command.Parameters.AddWithValue(name);
            return await command.ExecuteNonQueryAsync() == 1;
        });
        await Eventually.BeTrueAsync($"the run of {name}", async () => await _database.ScalarAsync<bool>(
            "select next_run_at > now() and not exists (select 1 from jobs where kind = $1) from recurring_jobs where name = $1", name));
    }

    /// <param name="meters">Those of this host: other tests count beside it.</param>
    private void CountMails(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "solacore.mail.handled" && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, mails, tags, _) =>
            _mails.AddOrUpdate(((string)tags[0].Value!, (string)tags[1].Value!), mails, (_, before) => before + mails));
        _listener.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _listener.Dispose();
        await _services.DisposeAsync();
        _stopping.Dispose();
    }
}

/// <summary>People and reminders on a test's database.</summary>
internal static class People
{
    public static async Task<Guid> UserAsync(this TestDatabase database, string email, string locale = "en", bool active = true)
    {
        var id = Guid.CreateVersion7();
        await database.ExecuteAsync(
            "insert into users (id, email, locale, is_active) values ($1, $2, $3, $4)", id, email, locale, active);
        return id;
    }

    /// <summary>A session whose reminder was due a moment ago.</summary>
    public static async Task<Guid> ReminderAsync(this TestDatabase database, Guid user, string action = "Write the outline", bool completed = false)
    {
        var id = Guid.CreateVersion7();
        await database.ExecuteAsync(
            """
            insert into solve_sessions (id, user_id, first_step_action, reminder_time, action_completed)
            values ($1, $2, $3, now() - interval '1 second', $4)
            """,
            id,
            user,
            action,
            completed);
        return id;
    }

    /// <summary>A reply in that language, so long ago.</summary>
    public static Task TurnAsync(this TestDatabase database, Guid session, string locale, string ago) => database.ExecuteAsync(
        """
        insert into turns (id, user_id, solve_session_id, status, attempt, user_message_id, locale, created_at, input_tokens, output_tokens)
        select gen_random_uuid(), user_id, id, 'completed', 1, gen_random_uuid(), $2, now() - $3::interval, 0, 0 from solve_sessions where id = $1
        """,
        session,
        locale,
        ago);

    /// <summary>As in <c>sent</c>, <c>armed</c> or <c>queued</c>.</summary>
    public static Task<string> ReminderStateAsync(this TestDatabase database, Guid session) => database.ScalarAsync<string>(
        """
        select case when reminder_sent and reminder_sent_at is not null then 'sent'
                    when reminder_queued_for is distinct from reminder_time then 'armed' else 'queued' end
        from solve_sessions where id = $1
        """,
        session);
}
