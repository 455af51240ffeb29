using Microsoft.EntityFrameworkCore;
using Npgsql;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Language;
using Solacore.Core.Model;
using Solacore.Core.Safety;
using Solacore.Core.Telemetry;

namespace Solacore.Core.Turns;

/// <summary>The kinds of session that have turns; each has its own path.</summary>
public enum SessionKind
{
    Solve,
    Learn,
}

/// <summary>What all kinds of session share when a message comes in, and when somebody stops what they started.</summary>
public sealed class TurnIntake(SolacoreDb db, TurnRelay relay, RedisLink redis, Moderation moderation, TimeProvider time)
{
    /// <summary>How often a session that changes under a message is read.</summary>
    private const int MaxReads = 5;

    /// <summary>
    /// What every kind of session does with a message, in this order. The raw text of somebody's own session is checked for a
    /// crisis before anything else: a conversation that is over still knows where help is. Then whether it is a repeat, the
    /// state of the session, the second opinion, and whether the session is free.
    /// </summary>
    /// <param name="message">As the edge hands it in.</param>
    /// <param name="find">The session, if it is the person's own.</param>
    /// <param name="refuse">Why the session takes no such message; null when it does.</param>
    /// <param name="store">Stores the message in the session, with the language of the reply; see <see cref="CommitAsync"/>.</param>
    internal async Task<MessageOutcome> AcceptAsync<TOwn>(
        NewMessage message,
        Func<Task<TOwn?>> find,
        Func<TOwn, MessageOutcome?> refuse,
        Func<TOwn, string, Task<MessageOutcome?>> store,
        CancellationToken cancellationToken)
        where TOwn : OwnSession
    {
        if (await find() is not { } own)
        {
            return new MessageOutcome.SessionNotFound();
        }

        string LocaleFor(TOwn session) =>
            ReplyLocale.Choose(session.Locale, message.AcceptLanguage, message.Content, session.LastLocale ?? session.Person.Locale);

        var locale = LocaleFor(own);
        if (CrisisDetector.Detect(message.Content) is { } crisis)
        {
            return await HelpAsync(Analytics.CrisisDetected(own.AnalyticsId, crisis, time.GetUtcNow()), locale, cancellationToken);
        }

        // Before the state: the repeated message may be the one that completed the session.
        if (await FindRepeatedAsync(message.SessionId, message.IdempotencyKey, cancellationToken) is { } repeated)
        {
            return repeated;
        }

        if (refuse(own) is { } refusal)
        {
            return refusal;
        }

        if (await IsDangerAsync(own, message.Content, cancellationToken))
        {
            return await HelpAsync(Analytics.CrisisSuspected(own.AnalyticsId, time.GetUtcNow()), locale, cancellationToken);
        }

        // The client, or another message with its reply, may change the session meanwhile; then it is read again.
        for (var reads = 1; reads <= MaxReads; reads++)
        {
            if (await store(own, locale) is { } outcome)
            {
                return outcome;
            }

            db.ChangeTracker.Clear();
            if (await find() is not { } now)
            {
                return new MessageOutcome.SessionNotFound();
            }

            if (refuse(now) is { } late)
            {
                return late;
            }

            (own, locale) = (now, LocaleFor(now));
        }

        return new MessageOutcome.SessionBusy();
    }

    /// <summary>
    /// The second opinion on a message in which the crisis detector has found nothing. It is asked for before anything is
    /// stored, because of a crisis nothing may be; the provider sees what a model would see.
    /// </summary>
    private async Task<bool> IsDangerAsync(OwnSession own, string text, CancellationToken cancellationToken) =>
        moderation.IsOn
        && await moderation.IsDangerAsync(own.Person.Names.Hide(InputCleaning.Clean(text)), cancellationToken);

    /// <summary>Notes that somebody gets helplines. They get them also when nothing can be written.</summary>
    private async Task<MessageOutcome> HelpAsync(AnalyticsEvent note, string locale, CancellationToken cancellationToken)
    {
        db.AnalyticsEvents.Add(note);
        await db.SaveChangesAsync(cancellationToken);
        return new MessageOutcome.Crisis(locale);
    }

    /// <summary>The turn that the same POST started earlier; null for a new message or one without a key.</summary>
    private async Task<MessageOutcome.Repeated?> FindRepeatedAsync(Guid sessionId, string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (idempotencyKey is null)
        {
            return null;
        }

        var turns = await db.Turns
            .Where(t => t.SessionId == sessionId && t.IdempotencyKey == idempotencyKey)
            .Select(t => t.Id)
            .ToListAsync(cancellationToken);
        return turns is [var turn] ? new MessageOutcome.Repeated(turn) : null;
    }

    /// <summary>
    /// Commits the turn and its job together with whatever the caller has added to the context, provided that the session
    /// is as it was read and has no other unfinished turn. The session is locked first, as by whoever ends a turn: a message
    /// that comes while a reply is being stored waits, and stands behind it.
    /// </summary>
    /// <param name="own">The session as it was read.</param>
    /// <param name="turn">New, not added to the context yet.</param>
    /// <param name="kind">The job that answers it.</param>
    /// <param name="payload">The job's payload.</param>
    /// <returns>Null when the session has changed since it was read: nothing is stored.</returns>
    internal async Task<MessageOutcome?> CommitAsync<TPayload>(
        OwnSession own, Turn turn, JobKind<TPayload> kind, TPayload payload, CancellationToken cancellationToken)
    {
        db.Turns.Add(turn);
        db.Enqueue(kind, payload, JobPriority.Urgent);

        // Beside the commit: a piece that was faster than the subscription is read from the stream.
        var listening = relay.ListenAsync(turn.Id, mayHaveEnded: false);
        try
        {
            // No savepoints: the transaction is all or nothing.
            db.Database.AutoSavepointsEnabled = false;
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            if ((await db.Database.SqlQuery<int>(own.LockIfUnchanged).ToListAsync(cancellationToken)).Count == 0)
            {
                (await listening).Dispose();
                return null;
            }

            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return new MessageOutcome.Accepted(await listening);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // Somebody else's message, or the same POST twice at once: the database has decided.
            (await listening).Dispose();
            db.ChangeTracker.Clear();
            return await FindRepeatedAsync(own.Id, turn.IdempotencyKey, cancellationToken) ?? (MessageOutcome)new MessageOutcome.SessionBusy();
        }
        catch
        {
            (await listening).Dispose();
            throw;
        }
    }

    /// <summary>Whether the turn has ended; null when there is no such turn of this person in the session.</summary>
    public Task<bool?> HasEndedAsync(SessionKind kind, Guid userId, Guid sessionId, Guid turnId, CancellationToken cancellationToken) =>
        Turns(kind, userId, sessionId, turnId).Select(t => (bool?)(t.FinishedAt != null)).SingleOrDefaultAsync(cancellationToken);

    /// <summary>
    /// Notes the wish to stop and tells the worker that has the turn, or finds the note when it takes it. A turn that has
    /// ended stays as it is.
    /// </summary>
    /// <returns>False when there is no such turn of this person.</returns>
    public async Task<bool> CancelAsync(SessionKind kind, Guid userId, Guid sessionId, Guid turnId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var found = await Turns(kind, userId, sessionId, turnId).ExecuteUpdateAsync(
            set => set.SetProperty(t => t.CancelRequestedAt, t => t.FinishedAt == null ? t.CancelRequestedAt ?? now : t.CancelRequestedAt),
            cancellationToken);
        if (found == 0)
        {
            return false;
        }

        await redis.TryPublishAsync(TurnStream.Control, turnId.ToString("n"));
        return true;
    }

    private IQueryable<Turn> Turns(SessionKind kind, Guid userId, Guid sessionId, Guid turnId)
    {
        var own = db.Turns.Where(t => t.Id == turnId && t.UserId == userId);
        return kind == SessionKind.Solve ? own.Where(t => t.SolveSessionId == sessionId) : own.Where(t => t.LearnSessionId == sessionId);
    }
}
