using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Turns;

/// <summary>Deletes a session of any kind, while a reply to it may be under way.</summary>
internal static class SessionDeletion
{
    /// <param name="session">The one session, of its owner alone; its messages and turns go with it.</param>
    /// <returns>False when there is no such session.</returns>
    public static async Task<bool> DeleteAsync<TSession>(
        SolacoreDb db, RedisLink redis, IQueryable<TSession> session, Guid sessionId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var turns = await TurnRemoval.FindAsync(db.Turns.Where(t => t.SessionId == sessionId), now, cancellationToken);
        if (await Deadlocks.RetryAsync(db, () => session.ExecuteDeleteAsync(cancellationToken)) == 0)
        {
            return false;
        }

        await TurnRemoval.FinishAsync(redis, turns);
        return true;
    }
}
