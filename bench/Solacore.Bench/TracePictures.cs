using System.Globalization;
using System.Security;
using System.Text;
using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;
using Solacore.Tests.Telemetry;

namespace Solacore.Bench;

/// <summary>
/// Draws the traces of one message and of one webhook, as a collector got them by OTLP from the running system, for
/// docs/traces.md.
/// </summary>
internal static class TracePictures
{
    private const int RowHeight = 20;
    private const int LabelWidth = 420;
    private const int TimeWidth = 560;
    private const int Margin = 20;
    private const int Indent = 12;
    private const int LongestLabel = 56;

    private const string MessageTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string WebhookTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

    public static async Task RunAsync()
    {
        await using var servers = await BenchServers.StartAsync();
        await using var collector = await SpanCollector.StartAsync();
        await using var model = await ModelStandIn.StartAsync();
        await using var system = await RunningSystem.StartAsync(
            servers.Database,
            servers.Redis.ConnectionString,
            settings: new Dictionary<string, string?>(collector.Settings, StringComparer.Ordinal)
            {
                ["OPENAI_API_KEY"] = "not-a-key",
                ["OPENAI_BASE_URL"] = model.BaseUrl,
            });
        var api = system.Apis[0].Address;
        using var person = await BenchPerson.RegisterAsync(api);
        using var stripe = new StripeSender();

        // Once before, so that the picture shows the work and not the first time of everything.
        foreach (var (message, webhook) in new[] { (new string('1', 32), new string('2', 32)), (MessageTrace, WebhookTrace) })
        {
            await person.TalkAsync($"00-{message}-b7ad6b7169203331-01");
            await stripe.DeliverAsync(api, StripeSender.Checkout("evt_" + webhook, person.Id, "cus_bench"), $"00-{webhook}-00f067aa0ba902b7-01");
            await SpansAsync(collector, webhook, "process webhooks.apply");
        }

        await DrawAsync("A message: POST /sessions/{session_id}/messages", await SpansAsync(collector, MessageTrace, "process solve.reply"), "trace-message.svg");
        await DrawAsync("A webhook: POST /webhooks/stripe", await SpansAsync(collector, WebhookTrace, "process webhooks.apply"), "trace-webhook.svg");
    }

    /// <summary>A span is exported when it ends: the request's and the run's own come last.</summary>
    private static Task<IReadOnlyList<CollectedSpan>> SpansAsync(SpanCollector collector, string trace, string run) => Eventually.BeAsync(
        "the spans of " + run,
        () => Task.FromResult(collector.OfTrace(trace)),
        spans => spans.Any(span => span.Name == run) && spans.Any(span => span is { Service: "api", Kind: 2 }));

    private static async Task DrawAsync(string title, IReadOnlyList<CollectedSpan> spans, string file)
    {
        var path = Path.Combine(BuildOutput.RepositoryRoot, "docs", file);
        await File.WriteAllTextAsync(path, Svg(title, spans));
        Console.WriteLine($"docs/{file}: {spans.Count} spans of {string.Join(", ", spans.Select(s => s.Service).Distinct())}");
    }

    /// <summary>One line for each span, below its parent, as long as it took.</summary>
    private static string Svg(string title, IReadOnlyList<CollectedSpan> spans)
    {
        var (begin, end) = (spans.Min(s => s.Start), spans.Max(s => s.End));
        var rows = InOrder(spans).ToList();
        var (width, height) = (LabelWidth + TimeWidth + (5 * Margin), ((rows.Count + 2) * RowHeight) + Margin);
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="11">""");
        svg.AppendLine("""<rect width="100%" height="100%" fill="white"/>""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{Margin}" y="{Margin}" font-size="13" font-weight="bold">{SecurityElement.Escape(title)}, {(end - begin).TotalMilliseconds:F0} ms</text>""");
        foreach (var ((span, depth), row) in rows.Select((r, n) => (r, n)))
        {
            var y = Margin + ((row + 1) * RowHeight);
            var x = LabelWidth + ((span.Start - begin) / (end - begin) * TimeWidth);
            var length = Math.Max(1, (span.End - span.Start) / (end - begin) * TimeWidth);
            var colour = span.Service.EndsWith("worker", StringComparison.Ordinal) ? "#d97706" : "#2563eb";
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{Margin + (depth * Indent)}" y="{y + 4}">{SecurityElement.Escape($"{span.Service}: {Label(span)}")}</text>""");
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect x="{x:F1}" y="{y - 6}" width="{length:F1}" height="12" fill="{colour}"/>""");
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{x + length + 4:F1}" y="{y + 4}" fill="#444">{(span.End - span.Start).TotalMilliseconds:F1} ms</text>""");
        }

        return svg.AppendLine("</svg>").ToString();
    }

    /// <summary>The name, and for a statement its first words.</summary>
    private static string Label(CollectedSpan span)
    {
        var text = span.Attributes.TryGetValue("db.query.text", out var statement) ? string.Join(' ', statement.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) : span.Name;
        return text.Length <= LongestLabel ? text : text[..LongestLabel] + "…";
    }

    private static IEnumerable<(CollectedSpan Span, int Depth)> InOrder(IReadOnlyList<CollectedSpan> spans)
    {
        var known = spans.Select(s => s.SpanId).ToHashSet(StringComparer.Ordinal);
        return spans.Where(s => !known.Contains(s.ParentId)).SelectMany(root => Below(root, 0));

        IEnumerable<(CollectedSpan Span, int Depth)> Below(CollectedSpan span, int depth) =>
            spans.Where(s => s.ParentId == span.SpanId).SelectMany(child => Below(child, depth + 1)).Prepend((span, depth));
    }
}
