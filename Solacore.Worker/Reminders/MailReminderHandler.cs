using Microsoft.EntityFrameworkCore;
using Solacore.Core.Accounts;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Mail;
using Solacore.Core.Reminders;
using Solacore.Worker.Mail;

namespace Solacore.Worker.Reminders;

/// <summary>Mails one reminder, if it is still wanted, and marks it as sent once the server has taken it.</summary>
internal sealed class MailReminderHandler(
    SentReminders reminders, Mailing mailing, SolacoreDb db, UnsubscribeTokens unsubscribe, MailOptions options, MailMetrics metrics, TimeProvider time)
    : IJobHandler<MailReminder>
{
    // Of one session: far more than anybody asks for, and few enough that our mails are no weapon against the owner of an address.
    private const int MaxADay = 10;

    public async Task HandleAsync(MailReminder payload, JobContext job, CancellationToken cancellationToken)
    {
        var wanted = await (
            from session in reminders.Wanted(payload.SessionId, payload.ReminderTime)
            join user in db.Users on session.UserId equals user.Id
            where user.ReminderMailsStoppedAt == null
            select new
            {
                user.Id,
                user.Email,

                // What was written before may be a stranger's, from whom the owner of the address took the account over.
                IsProven = session.CreatedAt >= user.EmailVerifiedAt,
                session.FirstStepAction,
            }).SingleOrDefaultAsync(cancellationToken);
        if (wanted is null || await reminders.CountAsync(payload.SessionId, time.GetUtcNow().AddDays(-1), cancellationToken) >= MaxADay)
        {
            metrics.Handled(MailMetrics.Reminder, MailMetrics.Skipped);
            return;
        }

        var locale = await reminders.LocaleAsync(payload.SessionId, cancellationToken);
        var mail = MailTexts.Reminder(
            payload.SessionId,
            payload.ReminderTime,
            wanted.Email,
            locale,
            wanted.IsProven ? wanted.FirstStepAction : QuotableAction.Of(wanted.FirstStepAction),
            $"{options.Web.Url}/sessions/{payload.SessionId}",
            $"{options.ApiUrl}/unsubscribe?token={unsubscribe.TokenOf(wanted.Id)}&lang={locale}");
        var isSent = await mailing.SendAsync(
            MailMetrics.Reminder,
            mail,
            job,
            sent: () => reminders.MarkAsync(payload.SessionId, payload.ReminderTime, ReminderChannel.Mail),
            failed: () => reminders.NoteFailureAsync(payload.SessionId, payload.ReminderTime, ReminderChannel.Mail, CancellationToken.None),
            cancellationToken);
        if (isSent)
        {
            metrics.ReminderTaken(time.GetUtcNow() - payload.ReminderTime);
        }
    }
}
