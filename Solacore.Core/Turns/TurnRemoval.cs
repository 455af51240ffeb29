using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Turns;

/// <summary>What is left of turns outside the database when they are deleted there: replies under way, and streams in Redis.</summary>
internal static class TurnRemoval
{
    /// <summary>
    /// Of the turns, those that may run or have left a stream. To be asked before the deletion, with the sessions locked: from
    /// then on no message adds a turn to them.
    /// </summary>
    public static Task<Guid[]> FindAsync(IQueryable<Turn> turns, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var streamed = now - TurnStream.KeptAfterEnd;
        return turns.Where(t => t.FinishedAt == null || t.FinishedAt > streamed).Select(t => t.Id).ToArrayAsync(cancellationToken);
    }

    /// <summary>Stops the replies, which then cost no more, and removes what was said in them. As far as Redis can be reached.</summary>
    public static async Task FinishAsync(RedisLink redis, Guid[] turns)
    {
        foreach (var turn in turns)
        {
            await redis.TryPublishAsync(TurnStream.Control, turn.ToString("n"));
        }

        await redis.TryDeleteAsync(Array.ConvertAll(turns, TurnStream.Key));
    }
}
