using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Solacore.Core.Safety;

/// <summary>
/// Finds what identifies a person or opens an account: addresses, numbers with a check digit, secrets, and
/// whatever a sentence introduces as such ("my passport is …"). Numbers that only count, measure or date stay.
/// </summary>
/// <remarks>Every pattern is bounded at each position (no nested or unlimited repetition before a required tail).</remarks>
public static partial class PersonalData
{
    private const RegexOptions Exact = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;
    private const RegexOptions Loose = Exact | RegexOptions.IgnoreCase;

    /// <summary>The kinds of contact data in a text: <c>pii_email</c>, <c>pii_phone</c>, in this order.</summary>
    public static IReadOnlyList<string> Flags(string text)
    {
        var flags = new List<string>();
        if (Email().IsMatch(text))
            flags.Add("pii_email");
        if (PhoneLike().EnumerateMatches(text) is var candidates && AnyPhone(text, candidates))
            flags.Add("pii_phone");
        return flags;
    }

    /// <summary>The text with personal data taken out; what stood around it is left as it was.</summary>
    internal static string Remove(string text)
    {
        // Secrets first: they may hold anything that looks like something else.
        text = Secret().Replace(text, " ");
        text = UrlWithUser().Replace(text, " ");
        text = Introduced().Replace(text, match => match.Groups["lead"].Value + " ");
        text = Email().Replace(text, " ");
        text = Iban().Replace(text, match => IsIban(match.Value) ? " " : match.Value);
        text = ChineseResidentId().Replace(text, match => IsChineseResidentId(match.Value) ? " " : match.Value);
        text = SpanishId().Replace(text, match => IsSpanishId(match.Value) ? " " : match.Value);
        text = SocialSecurityNumber().Replace(text, " ");
        text = LongNumber().Replace(text, match => IsCard(match.Value) ? " " : match.Value);
        text = IpAddress().Replace(text, " ");
        text = Address().Replace(text, " ");
        text = Handle().Replace(text, match => match.Groups["lead"].Value + " ");
        return PhoneLike().Replace(text, match => IsPhone(text, match.Index, match.Length) ? " " : match.Value);
    }

    private static bool AnyPhone(string text, Regex.ValueMatchEnumerator candidates)
    {
        foreach (var candidate in candidates)
        {
            if (IsPhone(text, candidate.Index, candidate.Length))
                return true;
        }

        return false;
    }

    private static bool IsPhone(string text, int start, int length)
    {
        var candidate = text.AsSpan(start, length);
        var digits = Digits(candidate);
        var before = text.AsSpan(0, start).TrimEnd();
        var after = text.AsSpan(start + length);
        if (digits.Length is < 7 or > 15 || IsMeasured(before, after) || IsDateOrBook(candidate, digits))
            return false;
        if (candidate[0] is '+' or '(')
            return true;
        if (digits.Length == candidate.Length)
            return digits.Length >= 8;
        return digits.Length >= 9 || ShortPhone().IsMatch(candidate);
    }

    private static bool IsMeasured(ReadOnlySpan<char> before, ReadOnlySpan<char> after) =>
        (before.Length > 0 && "$€£¥#".Contains(before[^1])) || NotAPhoneBefore().IsMatch(before) || UnitAfter().IsMatch(after);

    private static bool IsDateOrBook(ReadOnlySpan<char> candidate, string digits)
    {
        if (digits.Length == 8 && DateTime.TryParseExact(digits, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 1900 and < 2100)
            return true;
        if (digits.Length == 13 && digits.StartsWith("97", StringComparison.Ordinal) && digits[2] is '8' or '9')
            return IsBookNumber(digits);
        return YearsAndDates().IsMatch(candidate);
    }

    private static bool IsBookNumber(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
            sum += (digits[i] - '0') * (i % 2 == 0 ? 1 : 3);
        return sum % 10 == 0;
    }

    private static bool IsCard(string candidate)
    {
        var digits = Digits(candidate);
        if (digits.Length is < 13 or > 19 || digits[0] is '0' || (digits.Length == 13 && IsBookNumber(digits)))
            return false;
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            sum += i % 2 == 0 ? digit : digit > 4 ? (2 * digit) - 9 : 2 * digit;
        }

        return sum % 10 == 0;
    }

    private static bool IsIban(string candidate)
    {
        var compact = candidate.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
        var number = BigInteger.Zero;
        foreach (var c in compact[4..] + compact[..4])
            number = char.IsAsciiDigit(c) ? (number * 10) + (c - '0') : (number * 100) + (c - 'A' + 10);
        return number % 97 == 1;
    }

    private static bool IsSpanishId(string candidate)
    {
        const string letters = "TRWAGMYFPDXBNJZSQVHLCKE";
        var compact = string.Concat(candidate.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        var digits = compact[0] switch { 'X' => "0", 'Y' => "1", 'Z' => "2", var digit => digit.ToString() } + compact[1..^1];
        return letters[int.Parse(digits, CultureInfo.InvariantCulture) % letters.Length] == compact[^1];
    }

    private static bool IsChineseResidentId(string candidate)
    {
        ReadOnlySpan<int> weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        var sum = 0;
        for (var i = 0; i < weights.Length; i++)
            sum += (candidate[i] - '0') * weights[i];
        return "10X98765432"[sum % 11] == char.ToUpperInvariant(candidate[^1]);
    }

    private static string Digits(ReadOnlySpan<char> text)
    {
        var digits = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c))
                digits.Append(c);
        }

        return digits.ToString();
    }

    [GeneratedRegex(@"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9][A-Za-z0-9-]{0,62}(\.[A-Za-z0-9-]{1,63}){0,5}\.[A-Za-z]{2,24}", Exact)]
    private static partial Regex Email();

    // Digits in groups with single separators; what of it is a phone is decided in IsPhone.
    [GeneratedRegex(@"(?<![\w.,/:-])(\+|00)?\(?\d{1,15}\)?(([ .\u2010-\u2013-]|[ .-]?\(|\)[ .-]?)\d{1,12}\)?){0,7}(?![\w]|[.,:/-]\d)", Exact)]
    private static partial Regex PhoneLike();

    [GeneratedRegex(@"^\d{3}[ .-]\d{4}$|^\d{4}[ .-]\d{4}$", Exact)]
    private static partial Regex ShortPhone();

    [GeneratedRegex(@"^(19|20)\d\d([ .\u2010-\u2013-](\d{1,2}[ .-]\d{1,2}|(19|20)\d\d))|^\d{1,2}[ .-]\d{1,2}[ .-](19|20)\d\d", Exact)]
    private static partial Regex YearsAndDates();

    [GeneratedRegex(@"(ISBN|EUR|USD|RMB|version|v)[ :]*$", Loose | RegexOptions.RightToLeft)]
    private static partial Regex NotAPhoneBefore();

    [GeneratedRegex(@"^\s*(%|€|£|¥|°|元|块|万|亿|人|次|年|euros?\b|dollars?\b|people\b|personas\b|users?\b|steps?\b|views?\b|km\b|kg\b|bytes?\b|pesos\b|habitantes\b|pasos\b)", Loose)]
    private static partial Regex UnitAfter();

    [GeneratedRegex(@"(?<!\w)[A-Z]{2}\d{2}([ -]?[A-Z0-9]{4}){2,7}([ -]?[A-Z0-9]{1,3})?(?!\w)", Loose)]
    private static partial Regex Iban();

    [GeneratedRegex(@"(?<!\d)[1-9]\d{16}[\dXx](?!\d)", Exact)]
    private static partial Regex ChineseResidentId();

    [GeneratedRegex(@"(?<!\w)([XYZxyz][ -]?\d{7}|\d{8}|\d{2}\.\d{3}\.\d{3})[ -]?[A-Za-z](?!\w)", Exact)]
    private static partial Regex SpanishId();

    [GeneratedRegex(@"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])", Exact)]
    private static partial Regex SocialSecurityNumber();

    [GeneratedRegex(@"(?<![\w.,])\d([ -]?\d){12,18}(?!\w)", Exact)]
    private static partial Regex LongNumber();

    [GeneratedRegex(@"(?<![\w.])(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![\w]|\.\d)", Exact)]
    private static partial Regex IpAddress();

    [GeneratedRegex(@"(?<!\w)[a-z][a-z0-9+.-]{1,15}://[^\s/@:]{1,80}(:[^\s/@]{0,80})?@[^\s]{1,200}", Loose)]
    private static partial Regex UrlWithUser();

    [GeneratedRegex(@"(?<!\w)(sk|pk|rk|ghp|gho|ghs|xox[abp]|glpat|AKIA|AIza)[-_]?[A-Za-z0-9_-]{12,200}|eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{4,2000}(\.[A-Za-z0-9_-]{0,2000})?|(?<!\w)bearer\s+[A-Za-z0-9._~+/-]{8,2000}=*", Loose)]
    private static partial Regex Secret();

    [GeneratedRegex(@"(?<lead>\b(password|passcode|passwd|pwd|contraseña|clave)\b\s{0,3}(is|es|:|=)\s{0,3})\S{3,100}", Loose)]
    private static partial Regex Introduced();

    [GeneratedRegex(@"(?<!\w)\d{1,5} ([A-Z][a-z]{1,20} ){1,3}(Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr)\b\.?", Exact)]
    private static partial Regex Address();

    [GeneratedRegex(@"(?<lead>^|[\s(:,，：])@[A-Za-z0-9_.]{2,30}", Exact)]
    private static partial Regex Handle();
}
