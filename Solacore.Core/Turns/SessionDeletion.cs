using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Turns;

/// <summary>Deletes a session of any kind, while a reply to it may be under way.</summary>
internal static class SessionDeletion
{
    /// <param name="locked">The one session, of its owner alone, held for update; its messages and turns go with it.</param>
    /// <returns>False when there is no such session.</returns>
    public static async Task<bool> DeleteAsync<TSession>(
        SolacoreDb db, RedisLink redis, IQueryable<TSession> locked, Guid sessionId, DateTimeOffset now, CancellationToken cancellationToken)
        where TSession : class
    {
        if (await Deadlocks.RetryAsync(db, () => DeleteOnceAsync(db, locked, sessionId, now, cancellationToken)) is not { } turns)
        {
            return false;
        }

        await TurnRemoval.FinishAsync(redis, turns);
        return true;
    }

    private static async Task<Guid[]?> DeleteOnceAsync<TSession>(
        SolacoreDb db, IQueryable<TSession> locked, Guid sessionId, DateTimeOffset now, CancellationToken cancellationToken)
        where TSession : class
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await locked.SingleOrDefaultAsync(cancellationToken) is not { } session)
        {
            return null;
        }

        var turns = await TurnRemoval.FindAsync(db.Turns.Where(t => t.SessionId == sessionId), now, cancellationToken);
        db.Remove(session);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return turns;
    }
}
