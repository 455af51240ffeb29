using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Mail;
using Solacore.Core.Solve;

namespace Solacore.Worker.Mail;

/// <summary>Mails one reminder, if it is still wanted, and marks it as sent once the server has taken it.</summary>
internal sealed class ReminderHandler(
    Mailing mailing, SolacoreDb db, MailOptions options, MailMetrics metrics, TimeProvider time) : IJobHandler<SendReminder>
{
    private const string About = "reminder";

    public async Task HandleAsync(SendReminder payload, JobContext job, CancellationToken cancellationToken)
    {
        // The same time as queued: a new one is an occasion, and a job, of its own.
        var armed = db.SolveSessions.Where(s =>
            s.Id == payload.SessionId && s.ReminderTime == payload.ReminderTime && !s.ReminderSent && !s.ActionCompleted);
        var wanted = await (
            from session in armed
            join user in db.Users on session.UserId equals user.Id
            where user.IsActive
            select new { user.Email, Locale = session.Locale ?? user.Locale, session.FirstStepAction }).SingleOrDefaultAsync(cancellationToken);
        if (wanted is null)
        {
            metrics.Handled(About, "skipped");
            return;
        }

        var mail = MailTexts.Reminder(
            payload.SessionId,
            payload.ReminderTime,
            wanted.Email,
            wanted.Locale,
            wanted.FirstStepAction,
            $"{options.FrontendUrl}/sessions/{payload.SessionId}");
        try
        {
            await mailing.SendAsync(mail, job, () => MarkAsync(payload), cancellationToken);
            metrics.ReminderSent(time.GetUtcNow() - payload.ReminderTime);
        }
        catch (MailNotAcceptedException e) when (e.IsPermanent || job.Attempt >= job.MaxAttempts)
        {
            db.AnalyticsEvents.Add(Analytics.ReminderFailed(payload.SessionId, payload.ReminderTime, time.GetUtcNow()));
            await db.SaveChangesAsync(cancellationToken);
            metrics.Handled(About, "failed");
            throw new PermanentJobException(e.Message);
        }
        catch (MailNotAcceptedException)
        {
            metrics.Handled(About, "retried");
            throw;
        }
    }

    private async Task MarkAsync(SendReminder payload)
    {
        var now = time.GetUtcNow();

        // A time chosen while the mail went out stays armed.
        await db.SolveSessions
            .Where(s => s.Id == payload.SessionId && s.ReminderTime == payload.ReminderTime)
            .ExecuteUpdateAsync(
                set => set.SetProperty(s => s.ReminderSent, true).SetProperty(s => s.ReminderSentAt, now), CancellationToken.None);
        if (await db.SolveSessions.AnyAsync(s => s.Id == payload.SessionId, CancellationToken.None))
        {
            db.AnalyticsEvents.Add(Analytics.ReminderSent(payload.SessionId, payload.ReminderTime, now));
            await db.SaveChangesAsync(CancellationToken.None);
        }
    }
}
