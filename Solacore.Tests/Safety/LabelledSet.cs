using System.Text.Json;

namespace Solacore.Tests.Safety;

/// <summary>
/// One labelled sentence of <c>Sets/*.jsonl</c>. Kinds of sets: those of the author of the rules (every third row is held
/// out: its mistakes were not looked at), whose figures flatter, and <c>blind-*</c>, written by somebody who had not seen the
/// rules. Half of a blind set, chosen by a hash before anybody read it, is held out: no rule was ever tuned on it, so its figure
/// is the honest one. Do not read those rows; write new ones instead. The English rows of <c>blind-crisis</c> and all rows of
/// <c>hard-*</c> (one file for each language) were read while phrases were written, so none of them is held out any more.
/// <c>bench/safety</c> scores sentences from elsewhere.
/// </summary>
internal sealed record LabelledRow(
    int Id, string Lang, string Text, bool Crisis = false, bool Injection = false, string? Emotion = null, string[]? Removed = null, string[]? Kept = null,
    bool? HeldOut = null)
{
    public bool IsHeldOut => HeldOut ?? Id % 3 == 0;

    public static IReadOnlyList<LabelledRow> Read(string name)
    {
        using var stream = typeof(LabelledRow).Assembly.GetManifestResourceStream($"Sets.{name}.jsonl")!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<LabelledRow>(line, JsonSerializerOptions.Web)!)];
    }
}
