using System.Globalization;
using System.Text;
using Solacore.Core.Language;

namespace Solacore.Core.Turns;

/// <summary>Cuts a reply that is whole from the beginning into what is streamed, as if somebody spoke it.</summary>
public static class SpokenPieces
{
    /// <summary>
    /// The reply in the pieces in which it is streamed: word by word with the white space behind each word, Chinese by
    /// one or two characters. Joined they give the reply exactly; no piece is empty.
    /// </summary>
    public static IEnumerable<string> Of(string reply)
    {
        var word = new StringBuilder();
        var han = 0;
        var closing = false;
        foreach (var element in Elements(reply))
        {
            var isSpace = string.IsNullOrWhiteSpace(element);
            var isHan = Rune.TryGetRuneAt(element, 0, out var rune) && Han.Is(rune);
            var ends = word.Length > 0 && !isSpace && (closing || (isHan ? han != 1 : han > 0 && rune.Value is not (>= 0x3000 and <= 0x303F) and not (>= 0xFF00 and <= 0xFF65)));
            if (ends)
            {
                yield return word.ToString();
                word.Clear();
                han = 0;
            }

            word.Append(element);
            han += isHan ? 1 : 0;
            closing = isSpace;
        }

        if (word.Length > 0)
        {
            yield return word.ToString();
        }
    }

    private static IEnumerable<string> Elements(string text)
    {
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            yield return elements.GetTextElement();
        }
    }
}
