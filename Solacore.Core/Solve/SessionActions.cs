using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Solve;

/// <summary>The first step that a session led to.</summary>
public sealed record SessionAction(Guid SessionId, string Action, bool IsCompleted, DateTimeOffset? CompletedAt, DateTimeOffset CreatedAt);

/// <summary>How many actions there are and how many of them are done.</summary>
public sealed record ActionCounts(int Total, int Completed)
{
    /// <summary>0 to 100, not rounded; 0 without actions.</summary>
    public double CompletionRate => Total == 0 ? 0 : Completed * 100.0 / Total;
}

/// <summary>Outcome of the request to tick an action off.</summary>
public abstract record ActionOutcome
{
    private ActionOutcome()
    {
    }

    /// <summary>There is no such session of this person.</summary>
    public sealed record SessionNotFound : ActionOutcome;

    /// <summary>The session has no action to complete.</summary>
    public sealed record NoActionPlan : ActionOutcome;

    public sealed record Changed(DateTimeOffset? CompletedAt) : ActionOutcome;
}

/// <summary>A person's actions over all their sessions.</summary>
public static class SessionActions
{
    /// <summary>Open ones first, newest first within.</summary>
    /// <param name="isCompleted">Null for both.</param>
    public static async Task<IReadOnlyList<SessionAction>> ListAsync(
        SolacoreDb db, Guid userId, bool? isCompleted, int limit, int offset, CancellationToken cancellationToken) =>
        await db.SolveSessions.AsNoTracking()
            .Where(s => s.UserId == userId && s.FirstStepAction != null && (isCompleted == null || s.ActionCompleted == isCompleted))
            .OrderBy(s => s.ActionCompleted).ThenByDescending(s => s.CreatedAt).ThenByDescending(s => s.Id)
            .Skip(offset).Take(limit)
            .Select(s => new SessionAction(s.Id, s.FirstStepAction!, s.ActionCompleted, s.ActionCompletedAt, s.CreatedAt))
            .ToListAsync(cancellationToken);

    public static async Task<ActionCounts> CountAsync(SolacoreDb db, Guid userId, CancellationToken cancellationToken)
    {
        var groups = await db.SolveSessions
            .Where(s => s.UserId == userId && s.FirstStepAction != null)
            .GroupBy(s => s.ActionCompleted)
            .Select(group => new { IsCompleted = group.Key, Count = group.Count() })
            .ToListAsync(cancellationToken);
        return new ActionCounts(groups.Sum(group => group.Count), groups.Where(group => group.IsCompleted).Sum(group => group.Count));
    }

    /// <summary>Ticks the action off; the first time stays when it is done again.</summary>
    public static async Task<ActionOutcome> CompleteAsync(
        SolacoreDb db, Guid userId, Guid sessionId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await db.SolveSessions
            .Where(s => s.Id == sessionId && s.UserId == userId && s.FirstStepAction != null && !s.ActionCompleted)
            .ExecuteUpdateAsync(
                set => set.SetProperty(s => s.ActionCompleted, true).SetProperty(s => s.ActionCompletedAt, now),
                cancellationToken);
        var session = await db.SolveSessions.AsNoTracking()
            .Where(s => s.Id == sessionId && s.UserId == userId)
            .Select(s => new { HasAction = s.FirstStepAction != null, s.ActionCompletedAt })
            .SingleOrDefaultAsync(cancellationToken);
        return session switch
        {
            null => new ActionOutcome.SessionNotFound(),
            { HasAction: false } => new ActionOutcome.NoActionPlan(),
            _ => new ActionOutcome.Changed(session.ActionCompletedAt),
        };
    }

    /// <summary>Opens it again; needs no action. A reminder that fell due while it was done does not come any more.</summary>
    public static async Task<ActionOutcome> UncompleteAsync(
        SolacoreDb db, Guid userId, Guid sessionId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = await db.SolveSessions.Where(s => s.Id == sessionId && s.UserId == userId).ExecuteUpdateAsync(
            set => set
                .SetProperty(s => s.ReminderQueuedFor, s => s.ActionCompleted && s.ReminderTime <= now ? s.ReminderTime : s.ReminderQueuedFor)
                .SetProperty(s => s.ActionCompleted, false)
                .SetProperty(s => s.ActionCompletedAt, (DateTimeOffset?)null),
            cancellationToken);
        return found == 0 ? new ActionOutcome.SessionNotFound() : new ActionOutcome.Changed(CompletedAt: null);
    }
}
