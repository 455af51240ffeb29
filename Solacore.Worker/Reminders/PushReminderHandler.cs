using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Push;
using Solacore.Core.Reminders;
using Solacore.Worker.Jobs;

namespace Solacore.Worker.Reminders;

/// <summary>Sends one reminder to one phone, if it is still wanted there, and keeps the ticket of it.</summary>
internal sealed class PushReminderHandler(
    SentReminders reminders, ExpoPush expo, PushTokens tokens, Handover handover, SolacoreDb db, PushMetrics metrics, TimeProvider time) : IJobHandler<PushReminder>
{
    public async Task HandleAsync(PushReminder payload, JobContext job, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var token = await (
            from session in reminders.Wanted(payload.SessionId, payload.ReminderTime)
            join user in db.Users on session.UserId equals user.Id
            join device in db.Devices on user.Id equals device.UserId
            where device.Id == payload.DeviceId && device.IsActive && device.PushToken != null
                && db.ActiveSessions.Any(a => a.DeviceId == device.Id && a.ExpiresAt > now)
            select device.PushToken!).SingleOrDefaultAsync(cancellationToken);
        if (token is null)
        {
            metrics.Handled("skipped");
            return;
        }

        var text = PushTexts.Reminder(await reminders.LocaleAsync(payload.SessionId, cancellationToken));
        var data = new Dictionary<string, string>(StringComparer.Ordinal) { ["session_id"] = payload.SessionId.ToString() };
        switch (await AskAsync(new PushMessage(token, text.Title, text.Body, data), payload, job, cancellationToken))
        {
            case PushAnswer.Taken taken:
                await handover.CompleteAsync(job, () => KeepAsync(payload, taken.TicketId));
                metrics.Handled("sent");
                break;
            case PushAnswer.DeviceGone:
                await tokens.DropDeadAsync(payload.DeviceId, now, cancellationToken);
                metrics.Handled("device_gone");
                break;
            case PushAnswer.Refused refused:
                await GiveUpAsync(payload, cancellationToken);
                throw new PermanentJobException($"The push service refused: {refused.Error}.");
            default:
                throw new UnreachableException();
        }
    }

    private async Task<PushAnswer> AskAsync(PushMessage message, PushReminder payload, JobContext job, CancellationToken cancellationToken)
    {
        try
        {
            return await expo.SendAsync(message, cancellationToken);
        }
        catch (Exception e) when (e is PushUnavailableException or RetryLaterException)
        {
            if (job.Attempt >= job.MaxAttempts)
            {
                await GiveUpAsync(payload, cancellationToken);
            }
            else
            {
                metrics.Handled("retried");
            }

            throw;
        }
    }

    private async Task KeepAsync(PushReminder payload, string ticketId)
    {
        // A time that was chosen again is told again: the row then stands for the latest notification.
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into push_deliveries (id, session_id, device_id, reminder_time, ticket_id, sent_at)
            values ({Guid.CreateVersion7()}, {payload.SessionId}, {payload.DeviceId}, {payload.ReminderTime}, {ticketId}, {time.GetUtcNow()})
            on conflict (session_id, device_id, reminder_time)
            do update set ticket_id = excluded.ticket_id, sent_at = excluded.sent_at, receipt = null, receipt_at = null
            """,
            CancellationToken.None);
        await reminders.MarkAsync(payload.SessionId, payload.ReminderTime, ReminderChannel.Push);
    }

    private async Task GiveUpAsync(PushReminder payload, CancellationToken cancellationToken)
    {
        metrics.Handled("failed");
        await reminders.NoteFailureAsync(payload.SessionId, payload.ReminderTime, ReminderChannel.Push, cancellationToken);
    }
}
