using System.Text;
using Solacore.Core.Safety;

namespace Solacore.Tests.Safety;

/// <summary>The rules measured on the labelled sets, by language, with the held-out third beside all rows.</summary>
public sealed class ScoreTests
{
    private static readonly string[] Languages = ["en", "es", "zh"];

    [Fact]
    public void crises_are_recognised_and_everyday_talk_is_not()
    {
        var rows = LabelledRow.Read("crisis");
        var recall = Score("crisis recall", rows.Where(row => row.Crisis), row => CrisisDetector.Detect(row.Text) is not null);
        var falseAlarms = Score("crisis false alarms", rows.Where(row => !row.Crisis), row => CrisisDetector.Detect(row.Text) is not null);
        Assert.All(recall, score => Assert.InRange(score, 0.95, 1));
        Assert.All(falseAlarms, score => Assert.InRange(score, 0, 0.03));
    }

    [Fact]
    public void orders_to_the_model_are_recognised_and_mentions_are_not()
    {
        var rows = LabelledRow.Read("injection");
        var recall = Score("injection recall", rows.Where(row => row.Injection), row => InjectionGuard.LooksLikeInjection(row.Text));
        var falseAlarms = Score("injection false alarms", rows.Where(row => !row.Injection), row => InjectionGuard.LooksLikeInjection(row.Text));
        Assert.All(recall, score => Assert.InRange(score, 0.85, 1));
        Assert.All(falseAlarms, score => Assert.InRange(score, 0, 0.03));
    }

    [Fact]
    public void feelings_are_told_apart()
    {
        var accuracy = Score("emotion accuracy", LabelledRow.Read("emotion"), row => EmotionDetector.Detect(row.Text).Label == row.Emotion);
        Assert.All(accuracy, score => Assert.InRange(score, 0.75, 1));
    }

    [Fact]
    public void personal_data_goes_and_other_numbers_stay()
    {
        var rows = LabelledRow.Read("personal-data");
        var removed = Score("personal data removed", rows.Where(row => row.Removed is [_, ..]), row => !row.Removed!.Any(InputCleaning.Clean(row.Text).Contains));
        var kept = Score("other data kept", rows.Where(row => row.Kept is [_, ..]), row => row.Kept!.All(part => InputCleaning.Clean(row.Text).Contains(part.Normalize(NormalizationForm.FormKC), StringComparison.Ordinal)));
        Assert.All(removed, score => Assert.InRange(score, 0.98, 1));
        Assert.All(kept, score => Assert.InRange(score, 0.98, 1));
    }

    /// <summary>The share of rows that hold, per language; prints a line of the table that <c>./test</c> shows.</summary>
    private static double[] Score(string name, IEnumerable<LabelledRow> rows, Func<LabelledRow, bool> holds)
    {
        var all = rows.ToList();
        Assert.NotEmpty(all);
        var scores = Array.ConvertAll(Languages, language => Share(all.Where(row => row.Lang == language), holds));
        var heldOut = Array.ConvertAll(Languages, language => Share(all.Where(row => row.Lang == language && row.IsHeldOut), holds));
        var cells = Languages.Select((language, i) => FormattableString.Invariant($"{language} {scores[i],6:P1} (held out {heldOut[i],6:P1})"));
        Console.Out.WriteLine($"safety | {name,-22} | {all.Count,3} rows | {string.Join(" | ", cells)}");
        return scores;
    }

    private static double Share(IEnumerable<LabelledRow> rows, Func<LabelledRow, bool> holds) => rows.Average(row => holds(row) ? 1.0 : 0.0);
}
