using Solacore.Core.Jobs;

namespace Solacore.Core.Reminders;

/// <summary>A reminder to mail, unless the person has chosen another time since or is done.</summary>
public sealed record MailReminder(Guid SessionId, DateTimeOffset ReminderTime)
{
    /// <summary>Tried for half a day: unlike a link that expires, a reminder is welcome late.</summary>
    public static readonly JobKind<MailReminder> Kind = new("reminders.mail", JobLane.Mail, Patient, TimeSpan.FromMinutes(1));

    // A minute at most: with doubling to an hour, a server that takes half of what it is given would leave a few of ten thousand
    // people without their reminder for hours.
    internal static RetryPolicy Patient => new(720, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
}
