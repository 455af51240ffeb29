using System.Text;

namespace Solacore.Core.Language;

/// <summary>Han ideographs, the characters that Chinese is written in.</summary>
public static class Han
{
    /// <summary>The first and the last that a single UTF-16 unit can hold.</summary>
    public const char First = '\u3400';
    public const char Last = '\u9fff';

    public static bool Is(char c) => c is >= First and <= Last;

    /// <summary>Rare ones included, which take two units.</summary>
    public static bool Is(Rune rune) => rune.Value is (>= First and <= Last) or (>= 0x20000 and <= 0x323AF);
}
