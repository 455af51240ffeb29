namespace Solacore.Core.Words;

/// <summary>The entries of a book's table that a word answers to, by number: itself and every listed beginning of it.</summary>
internal readonly struct WordSymbols
{
    private readonly int[] _all;

    public WordSymbols(int[] all)
    {
        _all = all;
        Hint = SymbolHint.Of(all);
    }

    public ReadOnlySpan<int> All => _all;

    public SymbolHint Hint { get; }

    /// <summary>This and one more.</summary>
    public WordSymbols With(int symbol) => new([.. All, symbol]);
}
