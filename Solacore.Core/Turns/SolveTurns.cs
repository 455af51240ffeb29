using Microsoft.EntityFrameworkCore;
using Npgsql;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Safety;
using Solacore.Core.Solve;

namespace Solacore.Core.Turns;

/// <summary>A message as the edge hands it in; shape and length are checked.</summary>
/// <param name="Content">As typed, trimmed.</param>
/// <param name="AcceptLanguage">The header, for the language of the reply.</param>
/// <param name="IdempotencyKey">From newer clients; null without one.</param>
public sealed record NewMessage(Guid UserId, Guid SessionId, string Content, string? AcceptLanguage, string? IdempotencyKey);

/// <summary>What became of a message.</summary>
public abstract record MessageOutcome
{
    private MessageOutcome()
    {
    }

    /// <summary>There is no such session of this person.</summary>
    public sealed record SessionNotFound : MessageOutcome;

    /// <summary>The session is over and takes no messages.</summary>
    public sealed record SessionCompleted : MessageOutcome;

    /// <summary>Another turn of this session has not ended.</summary>
    public sealed record SessionBusy : MessageOutcome;

    /// <summary>Somebody needs a hotline instead of a coach; nothing was stored of what they wrote.</summary>
    public sealed record Crisis(string Locale) : MessageOutcome;

    /// <summary>Committed; the viewer is listening since before the commit.</summary>
    public sealed record Accepted(TurnViewer Viewer) : MessageOutcome;

    /// <summary>A repeat of an earlier POST: its turn, from the beginning.</summary>
    public sealed record Repeated(Guid Turn) : MessageOutcome;
}

/// <summary>Takes messages in and lets people stop what they started.</summary>
public sealed class SolveTurns(SolacoreDb db, TurnRelay relay, RedisLink redis, TimeProvider time)
{
    /// <summary>
    /// Stores the message, its turn and its job in one transaction. Existence and state are checked first, then the
    /// raw text for a crisis, then whether the session is free.
    /// </summary>
    public async Task<MessageOutcome> AcceptAsync(NewMessage message, CancellationToken cancellationToken)
    {
        // One round trip: the first token waits for it.
        var known = await (
            from s in db.SolveSessions
            where s.Id == message.SessionId && s.UserId == message.UserId
            join u in db.Users on s.UserId equals u.Id
            join h in db.StepHistory.Where(h => h.CompletedAt == null) on s.Id equals h.SessionId into visits
            from visit in visits.DefaultIfEmpty()
            select new { Session = s, UserLocale = u.Locale, Visit = visit }).SingleOrDefaultAsync(cancellationToken);
        if (known is null)
        {
            return new MessageOutcome.SessionNotFound();
        }

        var session = known.Session;
        if (session.Status == SolveStatus.Completed.ToWire())
        {
            return new MessageOutcome.SessionCompleted();
        }

        var locale = ReplyLocale.Choose(session.Locale, message.AcceptLanguage, message.Content, known.UserLocale);
        if (CrisisDetector.Detect(message.Content) is { } crisis)
        {
            db.AnalyticsEvents.Add(Analytics.CrisisDetected(session.Id, crisis, time.GetUtcNow()));
            await db.SaveChangesAsync(cancellationToken);
            return new MessageOutcome.Crisis(locale);
        }

        if (await RepeatedAsync(message, cancellationToken) is { } repeated)
        {
            return repeated;
        }

        return await StoreAsync(session, known.Visit, message, locale, cancellationToken);
    }

    private async Task<MessageOutcome> StoreAsync(
        SolveSession session, StepHistory? visit, NewMessage message, string locale, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var turn = new Turn
        {
            Id = Guid.CreateVersion7(),
            UserId = message.UserId,
            SessionId = session.Id,
            IdempotencyKey = message.IdempotencyKey,
            UserMessageId = Guid.CreateVersion7(),
            Locale = locale,
            CreatedAt = now,
        };
        db.Turns.Add(turn);
        db.Messages.Add(new Message
        {
            Id = turn.UserMessageId,
            SessionId = session.Id,
            Role = "user",
            Content = message.Content,
            Step = session.CurrentStep,
            CreatedAt = now,
        });
        if (visit is null)
        {
            visit = new StepHistory { Id = Guid.CreateVersion7(), SessionId = session.Id, Step = session.CurrentStep, StartedAt = now };
            db.StepHistory.Add(visit);
        }

        visit.MessageCount++;
        if (session.Status == SolveStatus.Abandoned.ToWire())
        {
            session.Status = SolveStatus.Active.ToWire();
        }

        db.Enqueue(SolveReply.Kind, new SolveReply(turn.Id), JobPriority.Urgent);

        // Listening starts before the commit: the worker may be faster than this method's return.
        var viewer = await relay.ListenAsync(turn.Id, isNew: true);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return new MessageOutcome.Accepted(viewer);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // Somebody else's message, or the same POST twice at once: the database has decided.
            viewer.Dispose();
            db.ChangeTracker.Clear();
            return await RepeatedAsync(message, cancellationToken) ?? (MessageOutcome)new MessageOutcome.SessionBusy();
        }
        catch
        {
            viewer.Dispose();
            throw;
        }
    }

    private async Task<MessageOutcome.Repeated?> RepeatedAsync(NewMessage message, CancellationToken cancellationToken)
    {
        if (message.IdempotencyKey is not { } key)
        {
            return null;
        }

        var turns = await db.Turns
            .Where(t => t.SessionId == message.SessionId && t.IdempotencyKey == key)
            .Select(t => t.Id)
            .ToListAsync(cancellationToken);
        return turns is [var turn] ? new MessageOutcome.Repeated(turn) : null;
    }

    /// <summary>True when the turn exists, belongs to the session and the session to the person.</summary>
    public Task<bool> ExistsAsync(Guid userId, Guid sessionId, Guid turnId, CancellationToken cancellationToken) =>
        db.Turns.AnyAsync(t => t.Id == turnId && t.SessionId == sessionId && t.UserId == userId, cancellationToken);

    /// <summary>
    /// Notes the wish to stop and tells the worker that has the turn, or finds the note when it takes it. A turn that has
    /// ended stays as it is.
    /// </summary>
    /// <returns>False when there is no such turn of this person.</returns>
    public async Task<bool> CancelAsync(Guid userId, Guid sessionId, Guid turnId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var found = await db.Turns
            .Where(t => t.Id == turnId && t.SessionId == sessionId && t.UserId == userId)
            .ExecuteUpdateAsync(
                set => set.SetProperty(t => t.CancelRequestedAt, t => t.CancelRequestedAt ?? now),
                cancellationToken);
        if (found == 0)
        {
            return false;
        }

        await redis.TryPublishAsync(TurnStream.Control, turnId.ToString("n"));
        return true;
    }
}
