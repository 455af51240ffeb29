using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Solve;

/// <summary>One session for a file.</summary>
/// <param name="Locale">The session's own, when a client set it.</param>
public sealed record SingleExport(ExportedSession Session, string? FirstMessage, string? Locale);

/// <summary>A session as a row of a table.</summary>
/// <param name="Session">Without its messages.</param>
/// <param name="MessageCount">Of the person and the assistant.</param>
public sealed record CountedSession(ExportedSession Session, int MessageCount);

/// <summary>Reads sessions for files.</summary>
public static class SessionExports
{
    // Bounds what is in memory at once, however many sessions and messages a person has.
    private const int Chunk = 100;

    /// <summary>Null when there is no such session of this person.</summary>
    public static async Task<SingleExport?> ReadAsync(SolacoreDb db, Guid userId, Guid sessionId, CancellationToken cancellationToken)
    {
        var session = await db.SolveSessions.AsNoTracking()
            .SingleOrDefaultAsync(s => s.Id == sessionId && s.UserId == userId, cancellationToken);
        if (session is null)
        {
            return null;
        }

        var messages = await MessagesAsync(db, [sessionId], cancellationToken);
        return new SingleExport(Of(session, [.. messages[sessionId]]), session.FirstMessage, session.Locale);
    }

    /// <summary>All sessions that pass the filter, newest first, without their messages.</summary>
    public static async Task<IReadOnlyList<CountedSession>> ListAsync(
        SolacoreDb db, Guid userId, SessionFilter filter, CancellationToken cancellationToken) =>
        await SessionList.NewestFirst(SessionList.Matching(db, userId, filter))
            .Select(s => new CountedSession(Of(s, Array.Empty<SessionMessage>()), db.Messages.Count(m => m.SessionId == s.Id && m.Role != MessageRole.System)))
            .ToListAsync(cancellationToken);

    /// <summary>The sessions with their messages, read while the file is written.</summary>
    public static async IAsyncEnumerable<ExportedSession> WithMessagesAsync(
        SolacoreDb db, IEnumerable<ExportedSession> sessions, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var chunk in sessions.Chunk(Chunk))
        {
            var messages = await MessagesAsync(db, [.. chunk.Select(session => session.Id)], cancellationToken);
            foreach (var session in chunk)
            {
                yield return session with { Messages = [.. messages[session.Id]] };
            }
        }
    }

    private static async Task<ILookup<Guid, SessionMessage>> MessagesAsync(SolacoreDb db, Guid[] sessions, CancellationToken cancellationToken)
    {
        var messages = await db.Messages.AsNoTracking()
            .Where(m => sessions.Contains(m.SessionId) && m.Role != MessageRole.System)
            .OrderBy(m => m.SessionId).ThenBy(m => m.Sequence)
            .Select(m => new { m.SessionId, Message = new SessionMessage(m.Id, m.Role, m.Content, m.Step, m.CreatedAt) })
            .ToListAsync(cancellationToken);
        return messages.ToLookup(m => m.SessionId, m => m.Message);
    }

    private static ExportedSession Of(SolveSession session, IReadOnlyList<SessionMessage> messages) => new(
        session.Id, session.Status.Name(), session.CurrentStep, session.CreatedAt, session.CompletedAt, session.Tags,
        session.FirstStepAction, session.ActionCompleted, session.ActionCompletedAt, messages);
}
