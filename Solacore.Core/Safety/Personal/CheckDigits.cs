using System.Globalization;
using System.Numerics;
using static Solacore.Core.Safety.Personal.Patterns;

namespace Solacore.Core.Safety.Personal;

/// <summary>Tells numbers that something vouches for from those that only look alike.</summary>
internal static class CheckDigits
{
    public static bool IsBook(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            sum += (digits[i] - '0') * (i % 2 == 0 ? 1 : 3);
        }

        return sum % 10 == 0;
    }

    public static bool IsCard(string candidate)
    {
        var digits = Digits(candidate);
        if (digits.Length is < 13 or > 19 || digits[0] is '0' || (digits.Length == 13 && IsBook(digits)))
        {
            return false;
        }

        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            sum += i % 2 == 0 ? digit : digit > 4 ? (2 * digit) - 9 : 2 * digit;
        }

        return sum % 10 == 0;
    }

    public static bool IsIban(string candidate)
    {
        var compact = candidate.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
        var number = BigInteger.Zero;
        foreach (var c in compact[4..] + compact[..4])
        {
            number = char.IsAsciiDigit(c) ? (number * 10) + (c - '0') : (number * 100) + (c - 'A' + 10);
        }

        return number % 97 == 1;
    }

    public static bool IsSpanishId(string candidate)
    {
        const string letters = "TRWAGMYFPDXBNJZSQVHLCKE";
        var compact = string.Concat(candidate.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        var digits = compact[0] switch { 'X' => "0", 'Y' => "1", 'Z' => "2", var digit => digit.ToString() } + compact[1..^1];
        return letters[int.Parse(digits, CultureInfo.InvariantCulture) % letters.Length] == compact[^1];
    }

    public static bool IsChineseId(string candidate)
    {
        ReadOnlySpan<int> weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        var sum = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            sum += (candidate[i] - '0') * weights[i];
        }

        return "10X98765432"[sum % 11] == char.ToUpperInvariant(candidate[^1]);
    }
}
