using System.Text.RegularExpressions;

namespace Solacore.Core.Language;

/// <summary>What somebody wrote, between the quotation marks of somebody else's sentence.</summary>
internal static partial class Quotation
{
    // Cleaning makes all marks narrow; after Chinese characters they look wrong.
    private const string Narrow = ",:;?!";
    private const string Wide = "，：；？！";

    private static readonly char[] StatementMarks = [.. ".!;。！；"];
    private static readonly char[] ClosingMarks = [.. ".!?,;:。！？，；： "];

    /// <summary>
    /// A person's words for quotation marks: closing marks go, because the sentence around has its own, a question to the
    /// coach behind a statement goes too, and a text that was cut ends with a whole sentence, clause or word. A text that is
    /// a question stays one.
    /// </summary>
    public static string Of(string? text)
    {
        var line = NarrowMark().Replace(Wording.OneLine(text ?? ""), mark => Wide[Narrow.IndexOf(mark.ValueSpan[0], StringComparison.Ordinal)].ToString());
        if (line.EndsWith(Wording.CutMark, StringComparison.Ordinal))
        {
            return Balanced(Whole(line[..^Wording.CutMark.Length]));
        }

        var bare = line.TrimEnd(ClosingMarks);
        if (bare.Length == 0 || line is not [.., '?' or '？'])
        {
            return Balanced(bare);
        }

        var statement = line.LastIndexOfAny(StatementMarks);
        return statement >= line.Length / 3 ? Balanced(line[..statement].TrimEnd(ClosingMarks)) : line;
    }

    /// <summary>Without the opening marks whose closing ones went.</summary>
    private static string Balanced(string line)
    {
        line = line.LastIndexOf('¿') > line.LastIndexOf('?') ? line.Remove(line.LastIndexOf('¿'), 1) : line;
        return line.LastIndexOf('¡') > line.LastIndexOf('!') ? line.Remove(line.LastIndexOf('¡'), 1) : line;
    }

    private static string Whole(string beginning)
    {
        foreach (var (marks, isSentence) in new[] { (".!?。！？；;", true), (",，、", false), (" ", false) })
        {
            // Too short a beginning would say nothing.
            if (beginning.LastIndexOfAny(marks.ToCharArray()) is var end && end >= beginning.Length / 3)
            {
                return beginning[..end].TrimEnd(ClosingMarks) + (isSentence ? "" : "…");
            }
        }

        return beginning + "…";
    }

    [GeneratedRegex(@"(?<=[\u3400-\u9fff])[,:;?!]\s?(?=[\u3400-\u9fff]|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NarrowMark();
}
