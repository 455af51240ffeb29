using Solacore.Core.Jobs;

namespace Solacore.Core.Reminders;

/// <summary>A reminder for one phone, unless the person has chosen another time since or is done.</summary>
public sealed record PushReminder(Guid SessionId, DateTimeOffset ReminderTime, Guid DeviceId)
{
    public static readonly JobKind<PushReminder> Kind =
        new("reminders.push", JobLane.Push, MailReminder.Patient, TimeSpan.FromMinutes(1));
}
