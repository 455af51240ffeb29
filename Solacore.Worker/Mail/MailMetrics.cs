using System.Diagnostics.Metrics;
using Solacore.Core.Watch;

namespace Solacore.Worker.Mail;

/// <summary>How mails go, by what they are about.</summary>
internal sealed class MailMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _mails;
    private readonly Histogram<double> _late;

    public MailMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Solacore.Mail");
        _mails = _meter.CreateCounter<long>(
            "solacore.mail.handled", "{mail}", "Mails by outcome: sent, skipped (no longer wanted), retried, failed, dropped (mail is off).");
        _late = _meter.CreateWaits("solacore.mail.reminder_lateness", "From a reminder's time to its acceptance by the server.");
    }

    public void Handled(string about, string outcome) => _mails.Add(1, new("about", about), new("outcome", outcome));

    public void ReminderSent(TimeSpan late)
    {
        Handled("reminder", "sent");
        _late.Record(late.TotalSeconds);
    }

    public void Dispose() => _meter.Dispose();
}
