using Solacore.Core.Data;

namespace Solacore.Core.Solve;

/// <summary>What a client wants to be different; null leaves a member as it is.</summary>
/// <param name="Status">As written on the wire, not checked yet.</param>
/// <param name="CurrentStep">As written on the wire, not checked yet.</param>
/// <param name="FirstStepAction">A blank one takes the action away; another one than before is open again.</param>
/// <param name="ChangesReminder">True to set or, with a null time, to clear the reminder.</param>
/// <param name="Tags">Replace all; cleaned by <see cref="SessionTags"/>.</param>
public sealed record SessionChange(
    string? Status,
    string? CurrentStep,
    string? Locale,
    string? FirstStepAction,
    bool ChangesReminder,
    DateTimeOffset? ReminderTime,
    IReadOnlyList<string>? Tags);

/// <summary>What became of it; everything but <see cref="Changed"/> changed nothing.</summary>
public abstract record SessionChangeOutcome
{
    private SessionChangeOutcome()
    {
    }

    /// <summary>There is no such session of this person.</summary>
    public sealed record SessionNotFound : SessionChangeOutcome;

    public sealed record InvalidStatus : SessionChangeOutcome;

    public sealed record InvalidStep : SessionChangeOutcome;

    /// <summary>The session's own step is none that this code knows.</summary>
    public sealed record InvalidCurrentStep : SessionChangeOutcome;

    /// <summary>Only the direct successor of the current step can follow it.</summary>
    public sealed record InvalidStepTransition : SessionChangeOutcome;

    public sealed record Changed(SolveSession Session, DateTimeOffset At) : SessionChangeOutcome;
}

/// <summary>Changes that the client makes to a session by itself, beside messages.</summary>
public static class SessionChanges
{
    /// <summary>Checks in the contract's order, then changes everything in one transaction.</summary>
    public static async Task<SessionChangeOutcome> ApplyAsync(
        SolacoreDb db, Guid userId, Guid sessionId, SessionChange change, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var session = await StepMoves.LockAsync(db, sessionId, userId, cancellationToken);
        if (session is null)
        {
            return new SessionChangeOutcome.SessionNotFound();
        }

        SessionStatus? status = EnumNames.TryParse(change.Status, out SessionStatus wanted) ? wanted : null;
        if (change.Status is not null && status is null)
        {
            return new SessionChangeOutcome.InvalidStatus();
        }

        if (change.CurrentStep is not null)
        {
            if (!EnumNames.TryParse(change.CurrentStep, out SolveStep to))
            {
                return new SessionChangeOutcome.InvalidStep();
            }

            if (!EnumNames.TryParse(session.CurrentStep, out SolveStep from))
            {
                return new SessionChangeOutcome.InvalidCurrentStep();
            }

            if (!SolveSteps.CanMove(from, to))
            {
                return new SessionChangeOutcome.InvalidStepTransition();
            }

            await StepMoves.MoveAsync(db, session, from, to, now, cancellationToken);
        }

        if (status is { } next)
        {
            await SetStatusAsync(db, session, next, now, cancellationToken);
        }

        SetDetails(session, change, now);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SessionChangeOutcome.Changed(session, now);
    }

    private static Task SetStatusAsync(
        SolacoreDb db, SolveSession session, SessionStatus status, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (status == SessionStatus.Completed && session.Status != SessionStatus.Completed)
        {
            return StepMoves.CompleteAsync(db, session, now, cancellationToken);
        }

        session.Status = status;
        session.CompletedAt = status == SessionStatus.Completed ? now : session.CompletedAt;
        return Task.CompletedTask;
    }

    private static void SetDetails(SolveSession session, SessionChange change, DateTimeOffset now)
    {
        session.Locale = change.Locale ?? session.Locale;
        if (change.FirstStepAction is { } words)
        {
            var action = string.IsNullOrWhiteSpace(words) ? null : words;
            if (action != session.FirstStepAction)
            {
                // Another action is not done yet, and what fell due while the former one was done is no reminder of it.
                session.ReminderQueuedFor = session.ActionCompleted && session.ReminderTime <= now ? session.ReminderTime : session.ReminderQueuedFor;
                session.FirstStepAction = action;
                session.ActionCompleted = false;
                session.ActionCompletedAt = null;
            }
        }

        if (change.ChangesReminder && change.ReminderTime != session.ReminderTime)
        {
            // A new time is a new occasion, also after a reminder that was sent, and one that was there before.
            session.ReminderTime = change.ReminderTime;
            session.ReminderQueuedFor = null;
            session.ReminderSent = false;
            session.ReminderSentAt = null;
        }

        if (change.Tags is { } tags)
        {
            session.Tags = SessionTags.Clean(tags);
        }
    }
}
