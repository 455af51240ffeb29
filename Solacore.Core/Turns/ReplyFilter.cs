using System.Text;
using System.Text.RegularExpressions;

namespace Solacore.Core.Turns;

/// <summary>
/// Takes out of a model's reply what is not for the person, while it streams: what stands between <c>&lt;think&gt;</c> tags, lines
/// <c>NEXT_STEP: …</c>, which an old prompt asked for and models still write, and the fence of a code block around the whole
/// reply. Everything else passes as it comes; only what may still turn out to be one of them is held back. The result is the
/// same however the model cuts its pieces. One instance per reply; not thread-safe.
/// </summary>
public sealed partial class ReplyFilter
{
    private static readonly string[] Openings = ["<think>", "<thinking>"];
    private static readonly string[] Closings = ["</think>", "</thinking>"];

    private readonly StringBuilder _held = new();

    /// <summary>The last characters of the thoughts, in which their end is looked for.</summary>
    private string _thought = "";
    private bool _thinks;

    /// <summary>Whether the line at <see cref="_lineStart"/> of what is held may still be taken out.</summary>
    private bool _isOpen = true;
    private int _lineStart;

    /// <summary>Inside the fence around the reply, and so many code blocks deeper.</summary>
    private bool _isFenced;
    private int _depth;

    private bool _anythingGiven;

    /// <summary>Something was taken out since the last character that was given: the white space around it goes too.</summary>
    private bool _tookOut;

    private enum LineKind
    {
        Open,
        Text,
        Out,
    }

    /// <summary>Takes a piece from the model and returns what can be shown now, possibly nothing.</summary>
    public string Push(string piece)
    {
        if (piece.Length > 0 && _held.Length == 0 && !_isOpen && !_thinks && piece.AsSpan().IndexOfAny('<', '\n') < 0)
        {
            // Nothing in it can begin anything, as in nearly every piece.
            _tookOut = false;
            return piece;
        }

        var given = new StringBuilder();
        foreach (var letter in piece)
        {
            Take(letter, given);
        }

        return given.ToString();
    }

    /// <summary>The end of the reply: what was held back and is for the person after all.</summary>
    public string Finish()
    {
        if (_isOpen && Judge(isWhole: true) == LineKind.Out)
        {
            TakeOut(_lineStart);
        }

        var rest = _held.ToString();
        return _tookOut && string.IsNullOrWhiteSpace(rest) ? "" : rest;
    }

    private void Take(char letter, StringBuilder given)
    {
        if (_thinks)
        {
            _thought = (_thought.Length < Closings[^1].Length ? _thought : _thought[1..]) + letter;
            _thinks = !Array.Exists(Closings, tag => _thought.EndsWith(tag, StringComparison.OrdinalIgnoreCase));
            return;
        }

        if (_tookOut && !_anythingGiven && _held.Length == 0 && char.IsWhiteSpace(letter))
        {
            return;
        }

        _held.Append(letter);
        if (IsTag())
        {
            return;
        }

        if (_isOpen)
        {
            switch (Judge(isWhole: letter == '\n'))
            {
                case LineKind.Text:
                    _isOpen = false;
                    break;
                case LineKind.Out:
                    TakeOut(_lineStart);
                    return;
                case LineKind.Open:
                    _lineStart = letter == '\n' ? _held.Length : _lineStart;
                    return;
            }
        }

        if (letter != '\n')
        {
            Give(given);
            return;
        }

        // The line break waits for the line behind it: it goes when that line goes.
        _held.Length--;
        Give(given);
        _held.Append(letter);
        (_isOpen, _lineStart) = (true, 1);
    }

    private void Give(StringBuilder given)
    {
        if (_held.Length > 0)
        {
            given.Append(_held);
            _held.Clear();
            (_anythingGiven, _tookOut) = (true, false);
        }
    }

    private void TakeOut(int start)
    {
        _held.Length = start;
        _tookOut = true;
        if (!_anythingGiven)
        {
            _held.Clear();
            _lineStart = 0;
        }
    }

    /// <summary>True when what is held ends in a tag, which is taken out, or in what may become one.</summary>
    private bool IsTag()
    {
        var held = _held.ToString();
        if (held.LastIndexOf('<') is not (>= 0 and var start))
        {
            return false;
        }

        var tag = held[start..];
        if (Openings.Contains(tag, StringComparer.OrdinalIgnoreCase))
        {
            (_thinks, _thought) = (true, "");
            TakeOut(start);
            return true;
        }

        return Array.Exists(Openings, opening => opening.StartsWith(tag, StringComparison.OrdinalIgnoreCase));
    }

    private LineKind Judge(bool isWhole)
    {
        var line = _held.ToString(_lineStart, _held.Length - _lineStart).Trim();
        if (NextStep().IsMatch(line))
        {
            return isWhole ? LineKind.Out : LineKind.Open;
        }

        if (!isWhole)
        {
            return PerhapsNextStep().IsMatch(line) || (MayBeFence && PerhapsFence().IsMatch(line)) ? LineKind.Open : LineKind.Text;
        }

        return line.Length == 0 ? LineKind.Open : MayBeFence && Fence().Match(line) is { Success: true } fence ? JudgeFence(fence.Groups["kind"].Value) : LineKind.Text;
    }

    private bool MayBeFence => _isFenced || !_anythingGiven;

    private LineKind JudgeFence(string kind)
    {
        if (!_isFenced)
        {
            // "```python" begins an example.
            _isFenced = kind is "" or "markdown" or "md" or "text";
            return _isFenced ? LineKind.Out : LineKind.Text;
        }

        if (kind.Length == 0 && _depth == 0)
        {
            _isFenced = false;
            return LineKind.Out;
        }

        _depth += kind.Length == 0 ? -1 : 1;
        return LineKind.Text;
    }

    [GeneratedRegex(@"^[*_`]{0,3}NEXT_STEP[*_`]{0,3}\s*[:：]", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NextStep();

    [GeneratedRegex(@"^[*_`]{0,3}(N(E(X(T(_(S(T(E(P[*_`]{0,3}\s*)?)?)?)?)?)?)?)?)?$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PerhapsNextStep();

    [GeneratedRegex(@"^```\s*(?<kind>\w*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^(`{0,2}|```\s*\w*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PerhapsFence();
}
