using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Solve;

/// <summary>Which of a person's sessions; all conditions together, null for none.</summary>
/// <param name="Tags">Any of them, exactly.</param>
/// <param name="From">First instant of creation.</param>
/// <param name="To">Last instant of creation.</param>
/// <param name="Text">Part of the first message, in any case.</param>
public sealed record SessionFilter(
    SolveStatus? Status = null,
    IReadOnlyList<string>? Tags = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    string? Text = null);

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

    // Letters beyond ASCII have cases too, whatever collation the database was made with.
    private const string AnyCase = "und-x-icu";
    private const string Escape = "\\";

    public static async Task<SessionPage> ReadAsync(
        SolacoreDb db, Guid userId, SessionFilter filter, int limit, int offset, CancellationToken cancellationToken)
    {
        var matching = Matching(db, userId, filter);
        var page = await NewestFirst(matching)
            .Skip(offset).Take(limit)
            .Select(s => new SessionSummary(
                s.Id, s.Status, s.CurrentStep, s.CreatedAt, s.CompletedAt,
                s.FirstMessage == null ? null : s.FirstMessage.Substring(0, FirstMessageLength + 1),
                s.Tags, s.ReminderTime, s.FirstStepAction, s.ActionCompleted))
            .ToListAsync(cancellationToken);
        return new SessionPage(
            [.. page.Select(session => session with { FirstMessage = Shorten(session.FirstMessage) })],
            await matching.CountAsync(cancellationToken));
    }

    internal static IQueryable<SolveSession> NewestFirst(IQueryable<SolveSession> sessions) =>
        sessions.OrderByDescending(s => s.CreatedAt).ThenByDescending(s => s.Id);

    internal static IQueryable<SolveSession> Matching(SolacoreDb db, Guid userId, SessionFilter filter)
    {
        var sessions = db.SolveSessions.AsNoTracking().Where(s => s.UserId == userId);
        if (filter.Status is { } status)
        {
            var wire = status.ToWire();
            sessions = sessions.Where(s => s.Status == wire);
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

        if (!string.IsNullOrEmpty(filter.Text))
        {
            var pattern = $"%{Literal(filter.Text)}%";
            sessions = sessions.Where(s => EF.Functions.ILike(EF.Functions.Collate(s.FirstMessage!, AnyCase), pattern, Escape));
        }

        return sessions;
    }

    private static string Literal(string text) => text
        .Replace(Escape, Escape + Escape, StringComparison.Ordinal)
        .Replace("%", Escape + "%", StringComparison.Ordinal)
        .Replace("_", Escape + "_", StringComparison.Ordinal);

    private static string? Shorten(string? text) =>
        text is null || Wording.Length(text) <= FirstMessageLength ? text : Wording.Cut(text, FirstMessageLength) + "...";
}
