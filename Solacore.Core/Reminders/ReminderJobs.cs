using Solacore.Core.Jobs;

namespace Solacore.Core.Reminders;

/// <summary>Looks for reminders that are due and makes a job of each, for every way in which it can reach its person.</summary>
public sealed record QueueReminders;

/// <summary>A reminder to mail, unless the person has chosen another time since or is done.</summary>
public sealed record MailReminder(Guid SessionId, DateTimeOffset ReminderTime);

/// <summary>The same for one phone.</summary>
public sealed record PushReminder(Guid SessionId, DateTimeOffset ReminderTime, Guid DeviceId);

/// <summary>Asks for the receipts of what was pushed.</summary>
public sealed record ReadPushReceipts;

public static class ReminderJobs
{
    public static readonly JobKind<QueueReminders> Queue = new(
        "reminders.queue", JobLane.Upkeep, RetryPolicy.Standard, TimeSpan.FromMinutes(5));

    /// <summary>Tried for half a day: unlike a link that expires, a reminder is welcome late.</summary>
    public static readonly JobKind<MailReminder> Mail = new("reminders.mail", JobLane.Mail, Patient, TimeSpan.FromMinutes(1));

    public static readonly JobKind<PushReminder> Push = new("reminders.push", JobLane.Push, Patient, TimeSpan.FromMinutes(1));

    public static readonly JobKind<ReadPushReceipts> Receipts = new(
        "reminders.push_receipts", JobLane.Upkeep, RetryPolicy.Standard, TimeSpan.FromMinutes(5));

    // A minute at most: with doubling to an hour, a server that takes half of what it is given would leave a few of ten thousand
    // people without their reminder for hours.
    private static RetryPolicy Patient => new(720, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
}
