namespace Solacore.Core.Safety.Phrases;

/// <summary>The entries of a book's table that a word answers to, by number: itself and every listed beginning of it.</summary>
internal readonly struct WordSymbols
{
    private readonly int[] _all;

    public WordSymbols(int[] all)
    {
        _all = all;
        Hint = HintOf(all);
    }

    public ReadOnlySpan<int> All => _all;

    /// <summary>One bit for each number, counted from 0 again after 63: words without a common bit have no common number.</summary>
    public ulong Hint { get; }

    public static ulong HintOf(IEnumerable<int> symbols) => symbols.Aggregate(0UL, (hint, symbol) => hint | HintOf(symbol));

    /// <summary>This and one more.</summary>
    public WordSymbols With(int symbol) => new([.. All, symbol]);

    private static ulong HintOf(int symbol) => 1UL << (symbol % 64);
}
