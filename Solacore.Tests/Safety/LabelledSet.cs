using System.Text.Json;

namespace Solacore.Tests.Safety;

/// <summary>
/// One labelled sentence of <c>Sets/*.jsonl</c>. Every third row is held out: its mistakes
/// were not looked at while the word files were tuned. Sentences and rules have the same author, so the figures flatter;
/// <c>bench/safety</c> scores sentences from elsewhere.
/// </summary>
internal sealed record LabelledRow(
    int Id, string Lang, string Text, bool Crisis = false, bool Injection = false, string? Emotion = null, string[]? Removed = null, string[]? Kept = null)
{
    public bool IsHeldOut => Id % 3 == 0;

    public static IReadOnlyList<LabelledRow> Read(string name)
    {
        using var stream = typeof(LabelledRow).Assembly.GetManifestResourceStream($"Sets.{name}.jsonl")!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<LabelledRow>(line, JsonSerializerOptions.Web)!)];
    }
}
