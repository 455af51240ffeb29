using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Solve;

public sealed record TagCount(string Tag, int Count);

public sealed record DayCount(DateOnly Date, int Count);

/// <summary>A person's sessions in numbers.</summary>
/// <param name="Statuses">Every status, also those without sessions.</param>
/// <param name="Steps">Every step, also those without sessions.</param>
/// <param name="TopTags">The ten most frequent, descending.</param>
/// <param name="Days">Sessions by day of creation in UTC, the last 30 days, ascending; days without any are left out.</param>
public sealed record SessionStatistics(
    int Total,
    IReadOnlyDictionary<string, int> Statuses,
    IReadOnlyDictionary<string, int> Steps,
    IReadOnlyList<TagCount> TopTags,
    IReadOnlyList<DayCount> Days,
    ActionCounts Actions)
{
    private const int TagsShown = 10;
    private const int DaysShown = 30;

    /// <summary>Reads one person's rows only, by the index of the session list.</summary>
    public static async Task<SessionStatistics> ReadAsync(SolacoreDb db, Guid userId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var own = db.SolveSessions.AsNoTracking().Where(s => s.UserId == userId);

        // With the tags, so that the rows are read once; the other counts come from indexes alone.
        var groups = await own
            .GroupBy(s => new { s.Status, s.CurrentStep, s.Tags })
            .Select(group => new { group.Key.Status, group.Key.CurrentStep, group.Key.Tags, Count = group.Count() })
            .ToListAsync(cancellationToken);
        var first = new DateTimeOffset(now.UtcDateTime.Date.AddDays(1 - DaysShown), TimeSpan.Zero);
        var days = await own
            .Where(s => s.CreatedAt >= first)
            .GroupBy(s => DateOnly.FromDateTime(s.CreatedAt.UtcDateTime))
            .Select(group => new { Date = group.Key, Count = group.Count() })
            .OrderBy(day => day.Date)
            .ToListAsync(cancellationToken);
        return new SessionStatistics(
            groups.Sum(group => group.Count),
            Enum.GetValues<SessionStatus>()
                .ToDictionary(status => status.Name(), status => groups.Where(g => g.Status == status).Sum(g => g.Count), StringComparer.Ordinal),
            Enum.GetValues<SolveStep>().Select(step => step.Name())
                .ToDictionary(step => step, step => groups.Where(g => g.CurrentStep == step).Sum(g => g.Count), StringComparer.Ordinal),
            [
                .. groups.SelectMany(group => group.Tags, (group, tag) => (Tag: tag, group.Count))
                    .GroupBy(tag => tag.Tag, (tag, counts) => new TagCount(tag, counts.Sum(count => count.Count)), StringComparer.Ordinal)
                    .OrderByDescending(tag => tag.Count).ThenBy(tag => tag.Tag, StringComparer.Ordinal)
                    .Take(TagsShown),
            ],
            [.. days.Select(day => new DayCount(day.Date, day.Count))],
            await SessionActions.CountAsync(db, userId, cancellationToken));
    }
}
