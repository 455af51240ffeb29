using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Turns;

/// <summary>Deletes a session of any kind while a reply to it may be under way: the reply stops, and costs no more.</summary>
internal static class SessionDeletion
{
    /// <param name="session">The one session, of its owner alone; its messages and turns go with it.</param>
    /// <returns>False when there is no such session.</returns>
    public static async Task<bool> DeleteAsync<TSession>(
        SolacoreDb db, RedisLink redis, IQueryable<TSession> session, Guid sessionId, CancellationToken cancellationToken)
    {
        // Before the deletion, which takes the turns along.
        var turns = await db.Turns
            .Where(t => t.SessionId == sessionId && (t.Status == TurnStatus.Queued || t.Status == TurnStatus.Running))
            .Select(t => t.Id)
            .ToListAsync(cancellationToken);
        if (await Deadlocks.RetryAsync(db, () => session.ExecuteDeleteAsync(cancellationToken)) == 0)
        {
            return false;
        }

        foreach (var turn in turns)
        {
            await redis.TryPublishAsync(TurnStream.Control, turn.ToString("n"));
        }

        return true;
    }
}
