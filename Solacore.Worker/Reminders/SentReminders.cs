using Microsoft.EntityFrameworkCore;
using Solacore.Core;
using Solacore.Core.Data;
using Solacore.Core.Language;
using Solacore.Core.Telemetry;

namespace Solacore.Worker.Reminders;

/// <summary>Reminders as their sessions know them.</summary>
internal sealed class SentReminders(SolacoreDb db, TimeProvider time)
{
    /// <summary>
    /// The session of a reminder that is still wanted: the time as queued (a new one is an occasion, and jobs, of its own), the
    /// action open, the account in use. Whether another channel was faster does not matter.
    /// </summary>
    public IQueryable<SolveSession> Wanted(Guid sessionId, DateTimeOffset reminderTime) =>
        from session in db.SolveSessions
        where session.Id == sessionId && session.ReminderTime == reminderTime && !session.ActionCompleted
        join user in db.Users on session.UserId equals user.Id
        where user.IsActive
        select session;

    /// <summary>
    /// The language of a reminder, en, es or zh, with no request to tell it: the session's own, else that of its last turn,
    /// else the account's.
    /// </summary>
    public async Task<string> LocaleAsync(Guid sessionId, CancellationToken cancellationToken)
    {
        var known = await (
            from session in db.SolveSessions
            where session.Id == sessionId
            join user in db.Users on session.UserId equals user.Id
            select new
            {
                Own = session.Locale,
                Last = db.Turns.Where(t => t.SolveSessionId == sessionId).OrderByDescending(t => t.CreatedAt).Select(t => t.Locale).FirstOrDefault(),
                Account = user.Locale,
            }).SingleOrDefaultAsync(cancellationToken);
        return ReplyLocale.Choose(known?.Own, acceptLanguage: null, message: null, known?.Last ?? known?.Account);
    }

    /// <summary>How many reminders of a session went out since then, by whichever channel.</summary>
    public Task<int> CountAsync(Guid sessionId, DateTimeOffset since, CancellationToken cancellationToken) => db.AnalyticsEvents.CountAsync(
        sent => sent.SessionId == sessionId && sent.EventType == Analytics.ReminderSentType && sent.CreatedAt > since, cancellationToken);

    /// <summary>The first channel to be through marks the session; runs inside the transaction that ends its job.</summary>
    public async Task MarkAsync(Guid sessionId, DateTimeOffset reminderTime, ReminderChannel channel)
    {
        var now = time.GetUtcNow();

        // A time chosen while the reminder went out stays armed, and does not undo that it went out.
        var marked = await db.SolveSessions
            .Where(s => s.Id == sessionId && s.ReminderTime == reminderTime && !s.ReminderSent)
            .ExecuteUpdateAsync(
                set => set.SetProperty(s => s.ReminderSent, true).SetProperty(s => s.ReminderSentAt, now), CancellationToken.None);
        if (marked == 1 || await db.SolveSessions.AnyAsync(s => s.Id == sessionId && s.ReminderTime != reminderTime, CancellationToken.None))
        {
            db.AnalyticsEvents.Add(Analytics.ReminderSent(sessionId, channel.Name(), reminderTime, now));
            await db.SaveChangesAsync(CancellationToken.None);
        }
    }

    /// <summary>Notes that one channel has given up.</summary>
    public async Task NoteFailureAsync(Guid sessionId, DateTimeOffset reminderTime, ReminderChannel channel, CancellationToken cancellationToken)
    {
        db.AnalyticsEvents.Add(Analytics.ReminderFailed(sessionId, channel.Name(), reminderTime, time.GetUtcNow()));
        await db.SaveChangesAsync(cancellationToken);
    }
}

/// <summary>The way a reminder takes.</summary>
internal enum ReminderChannel
{
    Mail,
    Push,
}
