using System.Text.Json.Serialization;
using Solacore.Core.Jobs;

namespace Solacore.Core.Mail;

/// <summary>What a mail is about; its id says about which one.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MailOccasion>))]
public enum MailOccasion
{
    /// <summary>The id is that of the <c>password_reset_tokens</c> row; the link's token is made from it.</summary>
    PasswordReset,
}

/// <summary>A mail to send. Neither address nor token: both are looked up when it is sent.</summary>
public sealed record SendMail(MailOccasion Occasion, Guid Id);

/// <summary>A reminder to send, unless the person has chosen another time since or is done.</summary>
public sealed record SendReminder(Guid SessionId, DateTimeOffset ReminderTime);

/// <summary>Looks for reminders that are due and makes a job of each.</summary>
public sealed record QueueReminders;

public static class MailJobs
{
    public static readonly JobKind<SendMail> Send = new("mail.send", JobLane.Mail, RetryPolicy.Standard, TimeSpan.FromMinutes(1));

    /// <summary>Tried for half a day: unlike a link that expires, a reminder is welcome late.</summary>
    public static readonly JobKind<SendReminder> Remind = new(
        "mail.reminder", JobLane.Mail, new RetryPolicy(24, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), TimeSpan.FromMinutes(1));

    public static readonly JobKind<QueueReminders> QueueReminders = new(
        "mail.queue_reminders", JobLane.Upkeep, RetryPolicy.Standard, TimeSpan.FromMinutes(5));
}
