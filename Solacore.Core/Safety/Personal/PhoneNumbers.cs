using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using Solacore.Core.Words;
using static Solacore.Core.Safety.Personal.Patterns;

namespace Solacore.Core.Safety.Personal;

/// <summary>Phone numbers, in digits and in words; not what only counts, measures or dates.</summary>
internal static partial class PhoneNumbers
{
    private static readonly FrozenSet<string> Helplines =
        WordFile.Read("helpline-numbers.txt").SelectMany(line => line.Split(' ')).ToFrozenSet(StringComparer.Ordinal);

    // Neighbours in a language are one apart.
    private static readonly string[] Ones = One.Split('|');

    private static readonly SearchValues<string> DigitWords = SearchValues.Create(Ones, StringComparison.OrdinalIgnoreCase);

    // Taken as it is found: "twenty one" is not also "twenty" and "one".
    private const string NumberWord = $$"""
        (?>
              (?<times>double|triple|doble)|(?<one>{{One}})
              |(?<ten>
                    ten|eleven|twelve|(thir|four|fif|six|seven|eigh|nine)teen
                    |(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)([ -]({{One}}))?
                    |hundred|diez|once|doce|trece|catorce|quince|dieci(séis|seis|siete|ocho|nueve)|veinte|veinti[a-zéó]{3,6}
                    |(treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa)(\ y\ ({{One}}))?
                )
          )
        """;

    private const string One = "oh|zero|one|two|three|four|five|six|seven|eight|nine|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve";

    private const string Introduction = $$"""
        {{WordStart}}
          (
              call|phone|number|cell|mobile|tel|teléfono|telefono|móvil|movil|celular|cel|whatsapp|nro|ll[aá]m[ae]me
              |llám[ae]lo|marca|número|numero|电话|手机|手机号|号码
          )(\s{0,2}(number|is|es|me|at|on|to|al|a|[:：.,，]|是)){0,3}\s{0,2}
        """;

    public static bool Any(string text)
    {
        foreach (var candidate in PhoneLike().EnumerateMatches(text))
        {
            if (IsPhone(text, candidate.Index, candidate.Length))
            {
                return true;
            }
        }

        return false;
    }

    public static string Remove(string text)
    {
        text = PhoneLike().Replace(text, match => IsPhone(text, match.Index, match.Length) ? " " : match.Value);
        text = OddlySeparatedPhone().Replace(text, " ");
        return IntroducedPhone().Replace(text, match => IsIntroducedPhone(match.Groups["number"].ValueSpan) ? KeepLead(match) : match.Value);
    }

    public static string RemoveSpelled(string text)
    {
        text = SpelledPhone().Replace(text, KeepLead);
        return HasDigitWords(text) ? NumberWords().Replace(text, match => IsSpelledPhone(match) ? " " : match.Value) : text;
    }

    private static bool IsPhone(string text, int start, int length)
    {
        var candidate = text.AsSpan(start, length);
        candidate = candidate.IndexOfAny("xXeE") is >= 0 and var extension ? candidate[..extension].TrimEnd() : candidate;
        var digits = Digits(candidate);
        var before = text.AsSpan(0, start).TrimEnd();
        var after = text.AsSpan(start + length);
        if (digits.Length is < 7 or > 15 || IsMeasured(before, after) || IsOtherNumber(candidate, digits))
        {
            return false;
        }

        if (candidate[0] is '+' or '(')
        {
            return true;
        }

        if (digits.Length == candidate.Length)
        {
            return digits.Length >= 8 || PhoneBefore().IsMatch(before);
        }

        return digits.Length >= 9 || ShortPhone().IsMatch(candidate);
    }

    private static bool IsIntroducedPhone(ReadOnlySpan<char> number) =>
        Digits(number).Length is >= 7 and <= 15 && !IsHelpline(Digits(number)) && !DateOrAmount().IsMatch(number);

    private static bool IsMeasured(ReadOnlySpan<char> before, ReadOnlySpan<char> after) =>
        (before.Length > 0 && "$€£¥#".Contains(before[^1])) || NotAPhoneBefore().IsMatch(before) || UnitAfter().IsMatch(after);

    private static bool IsOtherNumber(ReadOnlySpan<char> candidate, string digits)
    {
        if (digits.Length == 8 && DateTime.TryParseExact(digits, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 1900 and < 2100)
        {
            return true;
        }

        if (digits.Length == 13 && digits.StartsWith("97", StringComparison.Ordinal) && digits[2] is '8' or '9')
        {
            return CheckDigits.IsBook(digits);
        }

        return IsRange(candidate) || YearsAndDates().IsMatch(candidate) || FractionOrVersion().IsMatch(candidate) || IsHelpline(digits);
    }

    /// <summary>
    /// At least seven digits, some of them one by one. Who counts goes up or down all the way, who breathes goes round ("four
    /// seven eight"), and a list of ages or prices has no single digits side by side.
    /// </summary>
    private static bool IsSpelledPhone(Match words)
    {
        var ones = words.Groups["one"].Captures;
        var tens = words.Groups["ten"].Captures;
        var digits = ones.Count + (2 * tens.Count) + words.Groups["times"].Captures.Count;
        if (digits < 7 || !HasDigitWords(words.ValueSpan))
        {
            return false;
        }

        int[] values = [.. ones.Select(word => Array.FindIndex(Ones, one => one.Equals(word.Value, StringComparison.OrdinalIgnoreCase)))];
        var isCount = values.Length > 2 && values.Zip(values.Skip(1), (a, b) => b - a).Distinct().Count() == 1;
        var isRhythm = values.Length > 6 && values.Distinct().Count() <= 3;
        return !isCount && !isRhythm;
    }

    /// <summary>Two side by side; seldom, and quick to see.</summary>
    private static bool HasDigitWords(ReadOnlySpan<char> text)
    {
        const int longest = 16;
        for (int at; (at = text.IndexOfAny(DigitWords)) >= 0; text = text[(at + 1)..])
        {
            if (SideBySide().IsMatch(text.Slice(at, Math.Min(longest, text.Length - at))))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>"1800-2000", "12000-15000": hundreds, the first fewer than the second.</summary>
    private static bool IsRange(ReadOnlySpan<char> candidate)
    {
        var dash = candidate.IndexOf('-');
        return dash == candidate.Length / 2 && candidate.Length % 2 == 1
            && candidate[..dash].EndsWith("00") && candidate.EndsWith("00")
            && candidate[..dash].CompareTo(candidate[(dash + 1)..], StringComparison.Ordinal) < 0;
    }

    private static bool IsHelpline(string digits) =>
        Helplines.Contains(digits) || (digits.Length == 11 && digits[0] == '1' && Helplines.Contains(digits[1..]));

    // Digits in groups with single separators, and an extension; what of it is a phone is decided in IsPhone. Another one may
    // follow a comma.
    [GeneratedRegex(
        """
        ((?<![A-Za-z0-9_-])|(?<=(?<![A-Za-z])(?i:phone|tel|tlf|cell?|mobile|fax|call|whatsapp|number|tel[eé]fono|m[oó]vil|celular|n[uú]mero)))
          (?<!\d[.:]|(?<!\d{6})\d[,/])
          (\+|00)?\(?\d{1,15}\)?(([ .\u2010-\u2013-]|[ .-]?\(|\)[ .-]?)\d{1,12}\)?){0,7}
          (([xX]|\ ?(?i:ext)\.?\ ?)\d{1,6})?
          (?![A-Za-z0-9_]|[.:-]\d|[,/]\d(?!\d{6}))
        """,
        Exact | Lines)]
    private static partial Regex PhoneLike();

    // 555_123_4567, 555 - 123 - 4567, but not "100,200,3000".
    [GeneratedRegex(
        """
        (?<![\w.,/-])
          (
              (?!\d00[,·•]\d00[,·•])[2-9]\d\d[_,·•]\d{3}[_,·•]\d{4}
              |(?!(\d{2,3}0\ -\ ){2})(?!(19|20)\d\d\ )(\+?\d{1,3}\ -\ )?\(?\d{3,4}\)?\ -\ \d{3,4}\ -\ \d{4}
          )(?![\w-[\u3400-\u9fff]]|[.,/-]\d|\ -\ \d)
        """,
        Exact | Lines)]
    private static partial Regex OddlySeparatedPhone();

    // Behind such a word a phone may have any separators: 030/1234567.
    [GeneratedRegex(
        $$"""
        (?<lead>{{Introduction}})
          (?<number>\+?\(?\d{1,15}\)?((?>,|\ ?[ /_·•.-]\ ?)\(?\d{1,12}\)?){1,6})(?![A-Za-z0-9_]|[.,:/-]\d)
        """,
        Loose | Lines)]
    private static partial Regex IntroducedPhone();

    [GeneratedRegex(@"^\d{1,2}[/.,-]\d{1,2}[/.,-](\d{4}|\d{2}(?!\d))|^(19|20)\d\d\D|^\d{1,3}([,.]\d{3})+$", Exact)]
    private static partial Regex DateOrAmount();

    [GeneratedRegex(
        """
        (call|phone|number|cell|mobile|tel|fax|teléfono|móvil|celular|fijo|whatsapp|número|llámame|电话|手机|号码|座机)
          (\ (me|number|is|es|at|on|al))*[ :.：]*(是|为)?$
        """,
        Loose | Lines | RegexOptions.RightToLeft)]
    private static partial Regex PhoneBefore();

    [GeneratedRegex(@"^\d{3}[ .-]\d{4}$|^\d{4}[ .-]\d{4}$|^\d{1,2}[ -]\d{3}[ -]\d{2}[ -]\d{2}$|^\d{4} \d{2}-\d{2}$", Exact)]
    private static partial Regex ShortPhone();

    [GeneratedRegex(@"^(19|20)\d\d([ .\u2010-\u2013-](\d{1,2}[ .-]\d{1,2}|(19|20)\d\d))|^\d{1,2}[ .-]\d{1,2}[ .-](19|20)\d\d", Exact)]
    private static partial Regex YearsAndDates();

    // 3.14159265, 10.0.22631.3447
    [GeneratedRegex(@"^(0|[1-9]\d{0,2})\.\d{5,}$|^\d{1,3}\.\d\.\d{1,6}(\.\d{1,6})?$", Exact)]
    private static partial Regex FractionOrVersion();

    [GeneratedRegex(
        """
        (
              ISBN[号號]?(是|为|為|\ is|\ es)?|(ISO|IEC|EN|DIN|GB|GB/T|ANSI|RFC)(?=[ -]*$)
              |pages?|páginas?|chapters?|capítulos?|EUR|USD|RMB|version|v|latitude?|longitude?
              |[东東西]经|[東西]經|[北南][纬緯]
          )[ :]*$
        """,
        Loose | Lines | RegexOptions.RightToLeft)]
    private static partial Regex NotAPhoneBefore();

    [GeneratedRegex(
        """
        ^\s*
          (
              %|€|kcal\b|calorías?\b|calories\b|metros\b|metres?\b|meters?\b|miles?\b|views\b|followers\b|seguidores\b
              |visitas\b|步|字|块钱|塊|萬|億|個|个|£|¥|°|元|块|万|亿|人|次|年|euros?\b|dollars?\b|people\b|personas\b|users?\b|steps?\b
              |views?\b|km\b|kg\b|m/s\b|米|公里|公尺|千米|bytes?\b|pesos\b|habitantes\b|pasos\b
          )
        """,
        Loose | Lines)]
    private static partial Regex UnitAfter();

    [GeneratedRegex(
        $$"""
        {{WordStart}}
          (
              {{NumberWord}}{{WordEnd}}([ ,.-]{1,3}(?=\w))?
          ){5,20}(?!\w|\ ?(mil|millones|thousand|million)(?!\w))
        """,
        Loose | Lines)]
    private static partial Regex NumberWords();

    [GeneratedRegex($"^({One})[ -]({One})", Loose)]
    private static partial Regex SideBySide();

    [GeneratedRegex(
        $$"""
        (?<lead>{{Introduction}})
          (
              (?=[\d ,.-]{0,24}{{NumberWord}})
              (
                    ({{NumberWord}}|\d{1,4}){{WordEnd}}([ ,.-]{1,3}(?=\w))?
                ){4,20}
              |[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]([ ，,、-]?[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]){6,12}
          )
        |[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]{7,13}
        |[一幺](?<![零〇一二三四五六七八九十百幺].)[三四五六七八九]([ ，,、-]?[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]){9}(?![零〇一二三四五六七八九十百幺])
        """,
        Loose | Lines)]
    private static partial Regex SpelledPhone();
}
