using System.Diagnostics.Metrics;
using Solacore.Core.Telemetry;

namespace Solacore.Worker.Mail;

/// <summary>How mails go, by what they are about.</summary>
internal sealed class MailMetrics : IZeroInitializedMetrics, IDisposable
{
    public const string PasswordReset = "password_reset";
    public const string Reminder = "reminder";

    public const string Sent = "sent";
    public const string Skipped = "skipped";
    public const string Retried = "retried";
    public const string Failed = "failed";
    public const string Dropped = "dropped";

    private readonly Meter _meter;
    private readonly Counter<long> _mails;
    private readonly Histogram<double> _late;

    public MailMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Solacore.Mail");
        _mails = _meter.CreateCounter<long>(
            "solacore.mail.handled", "{mail}", "Mails by outcome: sent, skipped (no longer wanted, or too many), retried, failed, dropped (mail is off).");
        _late = _meter.CreateWaits("solacore.mail.reminder_lateness", "From a reminder's time to its acceptance by the server.");
    }

    public void Begin()
    {
        foreach (var about in (ReadOnlySpan<string>)[PasswordReset, Reminder])
        {
            foreach (var outcome in (ReadOnlySpan<string>)[Sent, Retried, Failed])
            {
                Handled(about, outcome, mails: 0);
            }
        }
    }

    public void Handled(string about, string outcome, int mails = 1) => _mails.Add(mails, new("about", about), new("outcome", outcome));

    public void ReminderTaken(TimeSpan late) => _late.Record(late.TotalSeconds);

    public void Dispose() => _meter.Dispose();
}
