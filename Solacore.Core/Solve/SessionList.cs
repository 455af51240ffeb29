using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Language;

namespace Solacore.Core.Solve;

/// <summary>Which of a person's sessions; all conditions together, null for none.</summary>
/// <param name="Tags">Any of them, exactly.</param>
/// <param name="From">First instant of creation.</param>
/// <param name="To">Last instant of creation.</param>
public sealed record SessionFilter(
    SessionStatus? Status = null,
    IReadOnlyList<string>? Tags = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null);

/// <summary>A session as a list shows it.</summary>
/// <param name="FirstMessage">Up to 50 characters, longer ones cut with three dots; null without a message.</param>
public sealed record SessionSummary(
    Guid Id,
    string Status,
    string CurrentStep,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt,
    string? FirstMessage,
    IReadOnlyList<string> Tags,
    DateTimeOffset? ReminderTime,
    string? FirstStepAction,
    bool ActionCompleted);

/// <summary>A page of a person's sessions, newest first.</summary>
/// <param name="Total">All that pass the filter.</param>
public sealed record SessionPage(IReadOnlyList<SessionSummary> Sessions, int Total);

/// <summary>Lists of a person's sessions.</summary>
public static class SessionList
{
    private const int FirstMessageLength = 50;

    /// <summary>A page of those that pass the filter, newest first.</summary>
    /// <param name="text">Part of anything that the person wrote in the session, in any case; null or empty for all sessions.</param>
    public static async Task<SessionPage> ReadAsync(
        SolacoreDb db, Guid userId, SessionFilter filter, string? text, int limit, int offset, CancellationToken cancellationToken)
    {
        // Only ids first: they come from an index alone, however far the page is from the start.
        var matching = Matching(db, userId, filter);
        List<Guid> ids;
        int total;
        if (string.IsNullOrEmpty(text))
        {
            ids = await NewestFirst(matching).Select(s => s.Id).Skip(offset).Take(limit).ToListAsync(cancellationToken);
            total = await matching.CountAsync(cancellationToken);
        }
        else
        {
            // All of them, because counting them apart would read all texts again; as one value, which is read faster than as
            // many rows. No limit to that one row: Postgres would plan for the first of many, and look each text up by itself.
            // Composed, as nearly everything is that people type; a file name or text copied from macOS is not.
            var term = Wording.WellFormed(text).Normalize();
            var search = matching.Where(s => Saying(db, userId, term).Contains(s.Id))
                .GroupBy(s => s.UserId)
                .Select(own => EF.Functions.ArrayAgg(own.OrderByDescending(s => s.CreatedAt).ThenByDescending(s => s.Id).Select(s => s.Id)));
            var found = (await db.ReplannedAsync(() => search.ToListAsync(cancellationToken), cancellationToken)).SingleOrDefault() ?? [];
            ids = [.. found.Skip(offset).Take(limit)];
            total = found.Length;
        }

        var page = await NewestFirst(db.SolveSessions.AsNoTracking().Where(s => ids.Contains(s.Id)))
            .Select(s => new SessionSummary(
                s.Id, s.Status.Name(), s.CurrentStep, s.CreatedAt, s.CompletedAt,
                s.FirstMessage == null ? null : s.FirstMessage.Substring(0, FirstMessageLength + 1),
                s.Tags, s.ReminderTime, s.FirstStepAction, s.ActionCompleted))
            .ToListAsync(cancellationToken);
        return new SessionPage([.. page.Select(session => session with { FirstMessage = session.FirstMessage is { } text ? Wording.Shorten(text, FirstMessageLength) : null })], total);
    }

    internal static IQueryable<SolveSession> NewestFirst(IQueryable<SolveSession> sessions) =>
        sessions.OrderByDescending(s => s.CreatedAt).ThenByDescending(s => s.Id);

    internal static IQueryable<SolveSession> Matching(SolacoreDb db, Guid userId, SessionFilter filter)
    {
        var sessions = db.SolveSessions.AsNoTracking().Where(s => s.UserId == userId);
        if (filter.Status is { } status)
        {
            sessions = sessions.Where(s => s.Status == status);
        }

        if (filter.Tags is { Count: > 0 } tags)
        {
            sessions = sessions.Where(s => s.Tags.Any(tag => tags.Contains(tag)));
        }

        if (filter.From is { } from)
        {
            sessions = sessions.Where(s => s.CreatedAt >= from);
        }

        if (filter.To is { } to)
        {
            sessions = sessions.Where(s => s.CreatedAt <= to);
        }

        return sessions;
    }

    /// <summary>
    /// The sessions in which the person wrote the text. It occurs exactly when split_part(text, term, 1) is shorter than the
    /// text. split_part compares literally, so % and _ need no escaping, and is several times faster than like where nothing
    /// is found; strpos is as fast there, but counts the characters up to the match. The term is lowered by the same
    /// collation as in the trigger, whatever collation the database was created with.
    /// </summary>
    private static IQueryable<Guid> Saying(SolacoreDb db, Guid userId, string text) =>
        db.OwnWords
            .FromSql(
                $"""
                select * from own_words
                where user_id = {userId} and octet_length(split_part(text, lower({text} collate "und-x-icu"), 1)) < octet_length(text)
                """)
            .Select(words => words.SessionId);
}
