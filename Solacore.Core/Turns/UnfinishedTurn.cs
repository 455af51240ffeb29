using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Turns;

/// <summary>A turn that has not ended, for a client that comes back.</summary>
public sealed record UnfinishedTurn(Guid Id, TurnStatus Status, DateTimeOffset CreatedAt)
{
    /// <summary>A session's, whatever its kind; null when all have ended.</summary>
    internal static Task<UnfinishedTurn?> FindAsync(SolacoreDb db, Guid sessionId, CancellationToken cancellationToken) => db.Turns.AsNoTracking()
        .Where(t => t.SessionId == sessionId && (t.Status == TurnStatus.Queued || t.Status == TurnStatus.Running))
        .Select(t => new UnfinishedTurn(t.Id, t.Status, t.CreatedAt))
        .SingleOrDefaultAsync(cancellationToken);
}
