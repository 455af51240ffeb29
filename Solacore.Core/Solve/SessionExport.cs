using System.Globalization;
using System.Text;
using Solacore.Core.Data;
using Solacore.Core.Language;

namespace Solacore.Core.Solve;

/// <summary>A session to take along: what the person said and heard, without the prompts behind it.</summary>
public sealed record ExportedSession(
    Guid Id,
    string Status,
    string CurrentStep,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt,
    IReadOnlyList<string> Tags,
    string? FirstStepAction,
    bool ActionCompleted,
    DateTimeOffset? ActionCompletedAt,
    IReadOnlyList<SessionMessage> Messages);

/// <summary>How an exported session reads and what its file is called.</summary>
public static class SessionExport
{
    private const int NameLength = 50;
    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss";

    /// <summary>The file's name without its ending: the first message as far as a file system takes it, then the day of creation.</summary>
    public static string FileName(string? firstMessage, DateTimeOffset createdAt)
    {
        var plain = string.Concat((firstMessage ?? "").EnumerateRunes()
            .Select(rune => Rune.IsLetterOrDigit(rune) || rune.Value is ' ' or '-' or '_' ? rune.ToString() : "_"));
        var name = Wording.Cut(plain, NameLength).Trim();
        return $"{(name.Length > 0 ? name : "session")}_{createdAt.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}";
    }

    /// <summary>The session as Markdown, times in UTC.</summary>
    /// <param name="locale">Language of the headings: en, es or zh.</param>
    public static string Markdown(ExportedSession session, string locale, DateTimeOffset now)
    {
        var labels = ExportLabels.For(locale);
        var text = new StringBuilder();
        Line($"# {Wording.OneLine(session.FirstStepAction ?? labels.Title)}");
        Line();
        Line($"- **{labels.Created}**: {Time(session.CreatedAt)}");
        Line($"- **{labels.Status}**: {labels.Statuses.GetValueOrDefault(session.Status, session.Status)}");
        Line($"- **{labels.Step}**: {labels.Steps.GetValueOrDefault(session.CurrentStep, session.CurrentStep)}");
        if (session.Tags.Count > 0)
        {
            Line($"- **{labels.Tags}**: {string.Join(", ", session.Tags)}");
        }

        if (session.CompletedAt is { } completed)
        {
            Line($"- **{labels.Completed}**: {Time(completed)}");
        }

        Line();
        if (session.FirstStepAction is { } action)
        {
            Line($"## {labels.Action}");
            Line();
            Line(action);
            Line();
            if (session.ActionCompleted)
            {
                Line(session.ActionCompletedAt is { } done ? $"✓ {labels.ActionCompleted}: {Time(done)}" : $"✓ {labels.ActionCompleted}");
                Line();
            }
        }

        Line($"## {labels.Conversation}");
        Line();
        foreach (var message in session.Messages)
        {
            Line($"### {(message.Role == MessageRole.User ? labels.You : labels.Assistant)} · {Format(message.CreatedAt, "HH:mm:ss")}");
            Line();
            Line(message.Content);
            Line();
        }

        Line("---");
        Line();
        Line($"*{labels.Exported}: {Time(now)} UTC*");
        return text.ToString();

        void Line(string line = "") => text.Append(line).Append('\n');
    }

    private static string Time(DateTimeOffset instant) => Format(instant, TimeFormat);

    private static string Format(DateTimeOffset instant, string format) => instant.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
}
