using System.Globalization;
using System.Security;
using System.Text;
using Solacore.Tests.Watch;

namespace Solacore.Bench;

/// <summary>Draws the spans of one trace under each other, from left to right in time.</summary>
internal static class Waterfall
{
    private const int Row = 20;
    private const int Names = 430;
    private const int Chart = 560;
    private const int Top = 56;

    public static string Draw(string title, IReadOnlyList<CollectedSpan> spans)
    {
        var begin = spans.Min(span => span.Start);
        var whole = Math.Max(0.001, (spans.Max(span => span.End) - begin).TotalMilliseconds);
        var rows = InOrder(spans).ToList();
        var height = Top + (rows.Count * Row) + 16;
        var svg = new StringBuilder();
        svg.Append(Text($"""<svg xmlns="http://www.w3.org/2000/svg" width="{Names + Chart + 90}" height="{height}" font-family="sans-serif" font-size="12">"""))
            .Append('\n').Append(Text($"""<rect width="100%" height="100%" fill="#fff"/>""")).Append('\n')
            .Append(Text($"""<text x="10" y="22" font-size="15">{Escape(title)}: one trace, {rows.Count} spans, {whole:0} ms</text>""")).Append('\n');
        for (var n = 0; n <= 4; n++)
        {
            var x = Names + (Chart * n / 4);
            svg.Append(Text($"""<line x1="{x}" y1="40" x2="{x}" y2="{height - 8}" stroke="#ddd"/><text x="{x + 3}" y="48" fill="#777" font-size="10">{whole * n / 4:0} ms</text>""")).Append('\n');
        }

        for (var n = 0; n < rows.Count; n++)
        {
            var (depth, span) = rows[n];
            var y = Top + (n * Row);
            var x = Names + (Chart * (span.Start - begin).TotalMilliseconds / whole);
            var took = (span.End - span.Start).TotalMilliseconds;
            var width = Math.Max(2, Chart * took / whole);
            svg.Append(Text($"""<text x="{10 + (depth * 14)}" y="{y + 14}">{Escape(Shortened($"{span.Service}: {Label(span)}", depth))}</text>"""))
                .Append(Text($"""<rect x="{x:0.0}" y="{y + 4}" width="{width:0.0}" height="12" rx="2" fill="{Colour(span)}"/>"""))
                .Append(Text($"""<text x="{x + width + 4:0.0}" y="{y + 14}" fill="#555" font-size="10">{took:0.0} ms</text>""")).Append('\n');
        }

        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>Each span below its parent; a parent that is not among them (the client's) begins at the margin.</summary>
    private static IEnumerable<(int Depth, CollectedSpan Span)> InOrder(IReadOnlyList<CollectedSpan> spans)
    {
        var known = spans.Select(span => span.SpanId).ToHashSet(StringComparer.Ordinal);
        return spans.Where(span => !known.Contains(span.ParentId)).SelectMany(root => Below(root, 0));

        IEnumerable<(int, CollectedSpan)> Below(CollectedSpan span, int depth) =>
            spans.Where(child => child.ParentId == span.SpanId).SelectMany(child => Below(child, depth + 1)).Prepend((depth, span));
    }

    private static string Label(CollectedSpan span) => span switch
    {
        { Kind: 5 } => $"{span.Name} (waited {span.Attributes.GetValueOrDefault("solacore.job.waited_ms")} ms in the queue)",
        _ when span.Attributes.TryGetValue("db.query.text", out var statement) => $"postgres {string.Join(' ', statement.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}",
        _ when span.Attributes.ContainsKey("db.system.name") => $"postgres {span.Name}",
        _ => span.Name,
    };

    private static string Colour(CollectedSpan span) => span switch
    {
        { IsError: true } => "#c0392b",
        _ when span.Attributes.ContainsKey("db.system.name") => "#7f8c8d",
        { Service: "api" } => "#2980b9",
        { Kind: 3 } => "#d68910",
        _ => "#27ae60",
    };

    private static string Shortened(string text, int depth)
    {
        var room = 64 - (depth * 2);
        return text.Length <= room ? text : text[..(room - 1)] + "…";
    }

    private static string Escape(string text) => SecurityElement.Escape(text);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
