namespace Solacore.Core.Words;

/// <summary>
/// What is left of some numbers in sixteen bytes: enough to tell of most others that they are none of them, without a look at the
/// numbers themselves, which no cache holds. Two bits for each number, one in either half
/// (Bloom 1970, https://doi.org/10.1145/362686.362692).
/// </summary>
internal readonly record struct SymbolHint
{
    private readonly ulong _low;
    private readonly ulong _mixed;

    private SymbolHint(ulong low, ulong mixed)
    {
        _low = low;
        _mixed = mixed;
    }

    /// <summary>The hint of numbers that may be any.</summary>
    public static SymbolHint Any { get; } = new(ulong.MaxValue, ulong.MaxValue);

    public static SymbolHint Of(ReadOnlySpan<int> symbols)
    {
        var hint = default(SymbolHint);
        foreach (var symbol in symbols)
        {
            hint = hint.With(Of(symbol));
        }

        return hint;
    }

    /// <summary>The hint of both.</summary>
    public SymbolHint With(SymbolHint other) => new(_low | other._low, _mixed | other._mixed);

    /// <summary>False only when no number is in both.</summary>
    public bool MayMeet(SymbolHint other) => (_low & other._low) != 0 && (_mixed & other._mixed) != 0;

    // The second bit is taken from the top of a product with the golden ratio, as Fibonacci hashing does.
    private static SymbolHint Of(int symbol) => new(1UL << (symbol % 64), 1UL << (int)((uint)symbol * 2654435769 >> 26));
}
