using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Turns;

/// <summary>How a turn ended, as the database tells it.</summary>
/// <param name="Turn">Its id.</param>
/// <param name="Status">Completed, Cancelled or Failed.</param>
/// <param name="Attempt">The attempt that ended it.</param>
/// <param name="Outcome">Data of the final event.</param>
/// <param name="Text">The whole stored reply; empty without one.</param>
public sealed record TurnEnd(Guid Turn, TurnStatus Status, int Attempt, string Outcome, string Text)
{
    /// <summary>The ends of those turns that have ended.</summary>
    public static async Task<IReadOnlyList<TurnEnd>> ReadAsync(SolacoreDb db, Guid[] turns, CancellationToken cancellationToken) =>
        await (from turn in db.Turns
               where turns.Contains(turn.Id) && turn.FinishedAt != null
               join message in db.Messages on turn.AssistantMessageId equals message.Id into replies
               from reply in replies.DefaultIfEmpty()
               join learned in db.LearnMessages on turn.AssistantMessageId equals learned.Id into lessons
               from lesson in lessons.DefaultIfEmpty()
               select new TurnEnd(turn.Id, turn.Status, turn.Attempt, turn.Outcome ?? "{}", reply.Content ?? lesson.Content ?? ""))
            .AsNoTracking()
            .ToListAsync(cancellationToken);

    /// <summary>The ends of those turns that have been deleted with their sessions.</summary>
    public static async Task<IReadOnlyList<TurnEnd>> ReadDeletedAsync(SolacoreDb db, Guid[] turns, CancellationToken cancellationToken)
    {
        var deleted = await db.Database
            .SqlQuery<Guid>($"select id from unnest({turns}) known(id) where not exists (select 1 from turns where turns.id = known.id)")
            .ToListAsync(cancellationToken);
        return [.. deleted.Select(turn => new TurnEnd(turn, TurnStatus.Cancelled, Attempt: 0, TurnEvent.DeletedData, Text: ""))];
    }
}
