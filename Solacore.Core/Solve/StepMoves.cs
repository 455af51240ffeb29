using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Solve;

/// <summary>
/// What a step and the end of a session leave behind, whether a message or the client itself caused them. A reply may be
/// under way while the client changes the session, so both lock the row first and look at it only then.
/// </summary>
internal static class StepMoves
{
    /// <summary>The session of one person as it is now, held until the transaction ends; those of others do not exist.</summary>
    public static Task<SolveSession?> LockAsync(SolacoreDb db, Guid sessionId, Guid userId, CancellationToken cancellationToken) => db.SolveSessions
        .FromSql($"select * from solve_sessions where id = {sessionId} and user_id = {userId} for no key update")
        .SingleOrDefaultAsync(cancellationToken);

    /// <summary>Enters the next step; the caller knows that it may.</summary>
    public static async Task MoveAsync(
        SolacoreDb db, SolveSession session, SolveStep from, SolveStep to, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await CloseVisitAsync(db, session.Id, now, cancellationToken);
        session.CurrentStep = to.Name();
        db.StepHistory.Add(new StepHistory { Id = Guid.CreateVersion7(), SessionId = session.Id, Step = session.CurrentStep, StartedAt = now });
        db.AnalyticsEvents.Add(SolveAnalytics.StepCompleted(session.Id, from, to, now));
    }

    /// <summary>Ends a session in the step where it stands.</summary>
    public static async Task CompleteAsync(
        SolacoreDb db, SolveSession session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await CloseVisitAsync(db, session.Id, now, cancellationToken);
        session.Status = SessionStatus.Completed;
        session.CompletedAt = now;
        var final = SolveSteps.Of(session);
        if (SolveSteps.Next(final) is null)
        {
            db.AnalyticsEvents.Add(SolveAnalytics.LastStepCompleted(session.Id, final, now));
        }

        db.AnalyticsEvents.Add(SolveAnalytics.SessionCompleted(session.Id, final, now));
    }

    private static async Task CloseVisitAsync(SolacoreDb db, Guid sessionId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // A statement of its own, before the next visit opens: the index allows one open visit at a time. One that was
        // opened by the same unit of work is not in the database yet.
        if (db.ChangeTracker.Entries<StepHistory>().Any())
        {
            await db.SaveChangesAsync(cancellationToken);
        }

        await db.StepHistory.Where(h => h.SessionId == sessionId && h.CompletedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(h => h.CompletedAt, now), cancellationToken);
    }
}
