using System.Data;
using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Turns;

namespace Solacore.Core.Learn;

/// <summary>A session with what a client asked for beside it.</summary>
public sealed record LearnView(LearnSession Session, IReadOnlyList<LearnMessage> Messages, UnfinishedTurn? ActiveTurn);

/// <summary>One entry of the list.</summary>
public sealed record LearnListed(LearnSession Session, string? FirstMessage);

/// <summary>A page of a person's sessions, newest first.</summary>
public sealed record LearnList(IReadOnlyList<LearnListed> Sessions, int Total);

/// <summary>What became of a wish about a session: exactly one of the two is set.</summary>
public readonly record struct LearnResult<T>(T? Value, LearnProblem? Problem) where T : class
{
    public static implicit operator LearnResult<T>(T value) => new(value, null);

    public static implicit operator LearnResult<T>(LearnRule rule) => new(null, new LearnProblem(rule));

    public static implicit operator LearnResult<T>(LearnProblem problem) => new(null, problem);
}

/// <summary>Learn sessions of one person each; a session of somebody else does not exist.</summary>
public sealed class LearnSessions(SolacoreDb db, RedisLink redis, TimeProvider time)
{
    /// <summary>Starts a session. A device that is not the person's is ignored.</summary>
    public async Task<LearnSession> StartAsync(Guid userId, LearnMode mode, string? deviceFingerprint, CancellationToken cancellationToken)
    {
        var device = deviceFingerprint is null ? null : await db.Devices
            .Where(d => d.UserId == userId && d.DeviceFingerprint == deviceFingerprint)
            .Select(d => (Guid?)d.Id)
            .SingleOrDefaultAsync(cancellationToken);
        var plan = LearnPlan.Of(mode);
        var session = new LearnSession
        {
            Id = Guid.CreateVersion7(),
            UserId = userId,
            DeviceId = device,
            LearningMode = mode.Name(),
            ToolPlan = [.. plan],
            CurrentTool = plan.Count > 0 ? plan[0] : null,
            CreatedAt = time.GetUtcNow(),
        };
        db.LearnSessions.Add(session);
        await db.SaveChangesAsync(cancellationToken);
        return session;
    }

    public async Task<LearnList> ListAsync(Guid userId, int limit, int offset, CancellationToken cancellationToken)
    {
        var own = db.LearnSessions.AsNoTracking().Where(s => s.UserId == userId);
        var total = await own.CountAsync(cancellationToken);
        var page = await own
            .OrderByDescending(s => s.CreatedAt).ThenByDescending(s => s.Id)
            .Skip(offset).Take(limit)
            .Select(s => new LearnListed(
                s,
                db.LearnMessages.Where(m => m.SessionId == s.Id && m.Role == MessageRole.User).OrderBy(m => m.Sequence).Select(m => m.Content).FirstOrDefault()))
            .ToListAsync(cancellationToken);
        return new LearnList(page, total);
    }

    /// <summary>Null when there is no such session of this person.</summary>
    public async Task<LearnView?> ReadAsync(Guid userId, Guid sessionId, bool includeMessages, CancellationToken cancellationToken)
    {
        // One instant: a reply that is stored meanwhile is in all of it or in nothing.
        await using var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var session = await db.LearnSessions.AsNoTracking()
            .SingleOrDefaultAsync(s => s.Id == sessionId && s.UserId == userId, cancellationToken);
        if (session is null)
        {
            return null;
        }

        var messages = includeMessages
            ? await db.LearnMessages.AsNoTracking().Where(m => m.SessionId == sessionId).OrderBy(m => m.Sequence).ToListAsync(cancellationToken)
            : [];
        var turn = await UnfinishedTurn.FindAsync(db, sessionId, cancellationToken);
        return new LearnView(session, messages, turn);
    }

    /// <summary>Moves the session to any step and any status; what is null stays.</summary>
    public async Task<LearnResult<LearnView>> ChangeAsync(
        Guid userId, Guid sessionId, string? step, string? status, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(userId, sessionId, cancellationToken) is not { } session)
        {
            return LearnRule.SessionNotFound;
        }

        if (step is not null && !EnumNames.TryParse(step, out LearnStep _))
        {
            return LearnRule.InvalidStep;
        }

        SessionStatus? wanted = EnumNames.TryParse(status, out SessionStatus known) ? known : null;
        if (status is not null && wanted is null)
        {
            return LearnRule.InvalidStatus;
        }

        session.CurrentStep = step ?? session.CurrentStep;
        session.Status = wanted ?? session.Status;
        if (wanted == SessionStatus.Completed)
        {
            session.CompletedAt = time.GetUtcNow();
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return await ReadAsync(userId, sessionId, includeMessages: true, cancellationToken) is { } view ? view : LearnRule.SessionNotFound;
    }

    /// <summary>Deletes the session with everything in it. A reply that is under way stops.</summary>
    /// <returns>False when there is no such session of this person.</returns>
    public Task<bool> DeleteAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken) => SessionDeletion.DeleteAsync(
        db,
        redis,
        db.LearnSessions.FromSql($"select * from learn_sessions where id = {sessionId} and user_id = {userId} for update"),
        sessionId,
        time.GetUtcNow(),
        cancellationToken);

    /// <summary>Gives the session a new plan and begins it.</summary>
    public async Task<LearnResult<LearnSession>> ChoosePathAsync(
        Guid userId,
        Guid sessionId,
        LearnMode mode,
        IReadOnlyList<string>? selected,
        IReadOnlyList<string>? preferred,
        CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var found = await LockActiveAsync(userId, sessionId, cancellationToken);
        if (found.Value is not { } session)
        {
            return found;
        }

        var (plan, problem) = LearnPlan.Choose(mode, selected, preferred);
        if (plan is null)
        {
            return new LearnResult<LearnSession>(null, problem);
        }

        session.LearningMode = mode.Name();
        session.ToolPlan = [.. plan];
        session.CurrentTool = plan[0];
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return session;
    }

    /// <summary>Goes to a tool of the plan, forwards or back.</summary>
    public async Task<LearnResult<LearnSession>> SwitchToolAsync(Guid userId, Guid sessionId, string tool, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var found = await LockActiveAsync(userId, sessionId, cancellationToken);
        if (found.Value is not { } session)
        {
            return found;
        }

        if (!session.ToolPlan.Contains(tool, StringComparer.Ordinal))
        {
            return LearnRule.ToolNotInPlan;
        }

        session.CurrentTool = tool;
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return session;
    }

    private async Task<LearnResult<LearnSession>> LockActiveAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken)
    {
        if (await LockAsync(userId, sessionId, cancellationToken) is not { } session)
        {
            return LearnRule.SessionNotFound;
        }

        return session.Status == SessionStatus.Active ? session : LearnRule.SessionNotActive;
    }

    /// <summary>The session as it is now, held until the transaction ends: another change, or a reply that ends, waits for this one.</summary>
    private Task<LearnSession?> LockAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken) => db.LearnSessions
        .FromSql($"select * from learn_sessions where id = {sessionId} and user_id = {userId} for no key update")
        .SingleOrDefaultAsync(cancellationToken);
}
