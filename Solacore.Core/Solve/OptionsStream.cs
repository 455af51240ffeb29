using System.Text;
using System.Text.RegularExpressions;

namespace Solacore.Core.Solve;

/// <summary>
/// Gives a model's reply that moves into options its form while it streams (<see cref="OptionsText"/>). The words
/// before the options pass through as they come; from the first line that looks like an option on, everything is held
/// back and comes at the end, repaired. What was given out, joined, is the reply to store, however the model cut its
/// chunks. Other replies pass through untouched. One instance per reply; not thread-safe.
/// </summary>
public sealed partial class OptionsStream(ReplyBrief brief)
{
    private const string NextStep = "NEXT_STEP:";

    private readonly StringBuilder _held = new();
    private int _lineStart;
    private bool _anythingGiven;
    private LineKind _line = LineKind.Open;

    private enum LineKind
    {
        /// <summary>Too short to tell.</summary>
        Open,

        /// <summary>Part of the words before the options.</summary>
        Lead,

        /// <summary>The first option: nothing passes from here on.</summary>
        Option,
    }

    /// <summary>Takes a chunk from the model and returns what can be shown now, possibly nothing.</summary>
    public string Push(string chunk)
    {
        if (!brief.MovesIntoOptions)
        {
            return chunk;
        }

        var given = new StringBuilder();
        foreach (var letter in chunk)
        {
            _held.Append(letter);
            if (_line == LineKind.Option)
            {
                continue;
            }

            if (_line == LineKind.Open)
            {
                _line = Judge(_held.ToString(_lineStart, _held.Length - _lineStart));
            }

            if (_line == LineKind.Lead && !char.IsWhiteSpace(letter))
            {
                Give(given);
            }

            if (letter == '\n' && _line != LineKind.Option)
            {
                (_line, _lineStart) = (LineKind.Open, _held.Length);
            }
        }

        return given.ToString();
    }

    /// <summary>The end of the reply: what was held back, with the three lines in their form.</summary>
    public string Finish()
    {
        if (!brief.MovesIntoOptions)
        {
            return "";
        }

        var end = OptionsText.EnsureOptions(_held.ToString().Trim(), brief);
        return _anythingGiven ? "\n\n" + end : end;
    }

    private void Give(StringBuilder given)
    {
        given.Append(_anythingGiven ? _held.ToString() : _held.ToString().TrimStart());
        _held.Clear();
        _lineStart = 0;
        _anythingGiven = true;
    }

    private static LineKind Judge(string line)
    {
        if (Mark().IsMatch(line))
        {
            return LineKind.Option;
        }

        return PerhapsMark().IsMatch(line) || NextStep.StartsWith(line.Trim(), StringComparison.Ordinal) ? LineKind.Open : LineKind.Lead;
    }

    [GeneratedRegex(OptionsText.LineStart + @"[A-Da-d1-4一二三四](\*\*|__)?\s?[).:、．）：]|^\s*NEXT_STEP\s*:", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Mark();

    [GeneratedRegex(@"^\s*#{0,6}\s*([-*•]\s*)?(\*{0,2}|_{0,2})((?i:O|Op|Opt|Opti|Optio|Option|Opc|Opci|Opci[oó]|Opci[oó]n)\s*|选|选项\s?|選|選項\s?|方|方案\s?)?[(（]?([A-Da-d1-4一二三四](\*{0,2}|_{0,2})\s?)?$|^\s*`{1,3}\w*\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PerhapsMark();
}
