using System.Text.Json;

namespace Solacore.Tests.Safety;

/// <summary>
/// One labelled sentence of <c>Sets/*.jsonl</c>. Kinds of sets: those of the author of the rules (every third row is held
/// out: its mistakes were not looked at), whose figures flatter, and <c>blind-*</c>, written by somebody who had not seen the
/// rules. Half of a blind set, chosen by a hash, was held out at first; the rows for feelings, orders to the model and personal
/// data, and the English ones of <c>blind-crisis</c>, have been read since, and so have all rows of <c>hard-*</c> and of
/// <c>unseen-emotion</c>: their figures flatter too. <c>unseen-crisis</c> was written beside the sentences from which the weights
/// of the crisis detector are learned, by the same hands, and left out of them, but for its last 300 rows; those and all of
/// <c>unseen-injection</c> were written by others and not read. <c>later-*</c> came after all of these, written without a
/// look at any of it: nothing was learned from them, and no phrase was written after them; but thresholds were chosen with a look
/// at their scores, and the rules for personal data were mended after <c>later-personal-data</c>. <c>plain-answers</c> was read but not
/// learned from; what was learned is of its kind, by other hands. For a figure that flatters
/// nobody write new sentences and score them once with <c>bench/safety</c>.
/// </summary>
internal sealed record LabelledRow(
    int Id, string Lang, string Text, bool Crisis = false, bool Injection = false, string? Emotion = null, string[]? Removed = null, string[]? Kept = null,
    bool? HeldOut = null, bool Action = false)
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
