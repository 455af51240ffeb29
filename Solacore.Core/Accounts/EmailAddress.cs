using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Solacore.Core.Accounts;

/// <summary>
/// What counts as an e-mail address: a dot-atom (Unicode allowed) of at most 64 bytes, one @, and a dotted public domain
/// name; at most 254 characters in all, measured as it is stored. Quoted local parts and address literals are refused.
/// </summary>
public static class EmailAddress
{
    private const int MaxLength = 254;
    private const int MaxLocalBytes = 64;
    private const int MaxLabel = 63;

    private const string TooLong = "The email address is too long.";
    private const string AtomSymbols = "!#$%&'*+-/=?^_`{|}~.";

    // RFC 6761 and its kin: nobody can receive mail there. The second-level example.com is documentation, too, but
    // existing clients and their tests use it.
    private static readonly FrozenSet<string> SpecialUse = FrozenSet.Create(
        StringComparer.Ordinal, "test", "example", "invalid", "local", "localhost", "localdomain", "onion", "arpa", "internal", "alt");

    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true, AllowUnassigned = false };

    /// <summary>Null when the address is usable, else the reason as a sentence.</summary>
    public static string? FindProblem(string text)
    {
        string address;
        try
        {
            address = Compose(text);
        }
        catch (ArgumentException)
        {
            return "The email address holds a character that is not allowed.";
        }

        var at = address.LastIndexOf('@');
        if (at < 0)
        {
            return "An email address must have an @-sign.";
        }

        return address.Length > MaxLength
            ? TooLong
            : FindLocalProblem(address.AsSpan(0, at)) ?? FindDomainProblem(address[(at + 1)..]) ?? (Clean(address).Length > MaxLength ? TooLong : null);
    }

    /// <summary>
    /// The address as it is stored: the local part as typed, the domain lower-case and in letters, whichever way it was
    /// typed. The text must be usable by <see cref="FindProblem"/>, here and below.
    /// </summary>
    public static string Clean(string text)
    {
        var (local, domain) = Split(text);
        return $"{local}@{NamesOf(domain).Letters}";
    }

    /// <summary>One mailbox, one key, however its address is spelt: what counters go by.</summary>
    public static string KeyOf(string text) => Fold(Clean(text));

    /// <summary>Case does not count; letters are compared in no language.</summary>
    internal static string Fold(string address) => address.ToLowerInvariant();

    /// <summary>
    /// The lower-case addresses under which the mailbox may have an account, the likeliest first: domains used to be
    /// stored as they were typed.
    /// </summary>
    internal static string[] SpellingsOf(string text)
    {
        var (local, domain) = Split(text);
        var (letters, ascii) = NamesOf(domain);
        return [.. new[] { domain, letters, ascii }.Select(name => Fold($"{local}@{name}"))];
    }

    // Composed characters (NFC): an accent typed apart is the same letter.
    private static string Compose(string text) => text.Trim().Normalize(NormalizationForm.FormC);

    private static (string Local, string Domain) Split(string text)
    {
        var address = Compose(text);
        var at = address.LastIndexOf('@');
        return (address[..at], address[(at + 1)..].ToLowerInvariant());
    }

    /// <exception cref="ArgumentException">No domain name.</exception>
    private static (string Letters, string Ascii) NamesOf(string domain)
    {
        var ascii = Idn.GetAscii(domain.ToLowerInvariant());
        return (Idn.GetUnicode(ascii), ascii);
    }

    private static string? FindLocalProblem(ReadOnlySpan<char> local)
    {
        if (local.IsEmpty)
        {
            return "There must be something before the @-sign.";
        }

        if (Encoding.UTF8.GetByteCount(local) > MaxLocalBytes)
        {
            return "The email address is too long before the @-sign.";
        }

        if (local[0] == '.' || local[^1] == '.' || local.Contains("..", StringComparison.Ordinal))
        {
            return "The part before the @-sign cannot start or end with a period or have two in a row.";
        }

        foreach (var rune in local.EnumerateRunes())
        {
            var isAllowed = rune.IsAscii
                ? Rune.IsLetterOrDigit(rune) || AtomSymbols.Contains((char)rune.Value, StringComparison.Ordinal)
                : Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
            if (!isAllowed || rune == Rune.ReplacementChar)
            {
                return "The part before the @-sign holds a character that is not allowed.";
            }
        }

        return null;
    }

    private static string? FindDomainProblem(string domain)
    {
        if (domain.Length == 0)
        {
            return "There must be something after the @-sign.";
        }

        string ascii;
        try
        {
            ascii = NamesOf(domain).Ascii;
        }
        catch (ArgumentException)
        {
            return "The part after the @-sign is not a valid domain name.";
        }

        var labels = ascii.Split('.');
        if (labels.Length < 2)
        {
            return "The part after the @-sign is not valid. It should have a period.";
        }

        if (!labels.All(IsLabel) || labels[^1].All(char.IsAsciiDigit))
        {
            return "The part after the @-sign is not a valid domain name.";
        }

        return SpecialUse.Contains(labels[^1])
            ? "The part after the @-sign is a special-use or reserved name that cannot be used with email."
            : null;
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabel
        && label[0] != '-' && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
