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

    /// <summary>No address or introduced number reaches farther than so many characters from a digit of it.</summary>
    private const int LongestAroundNumber = 160;

    /// <summary>The kinds of contact data in a text: <c>pii_email</c>, <c>pii_phone</c>, in this order.</summary>
    public static IReadOnlyList<string> Flags(string text)
    {
        var flags = new List<string>();
        if (Email().IsMatch(text))
        {
            flags.Add("pii_email");
        }

        if (PhoneLike().EnumerateMatches(text) is var candidates && AnyPhone(text, candidates))
        {
            flags.Add("pii_phone");
        }

        return flags;
    }

    /// <summary>The text with personal data taken out; what stood around it is left as it was.</summary>
    internal static string Remove(string text)
    {
        // Secrets first: they may hold anything that looks like something else.
        text = Secret().Replace(text, " ");
        if (text.Contains('/', StringComparison.Ordinal))
        {
            text = UrlWithUser().Replace(text, " ");
            text = ProfilePage().Replace(text, " ");
        }

        // Without what introduced it, or the next word would be taken for the secret the next time; those below take only what looks like one.
        text = IntroducedSecret().Replace(text, " ");
        text = SecretBeforeItsWord().Replace(text, KeepLead);
        text = SecretNearItsWord().Replace(text, KeepLead);
        text = OneTimeCode().Replace(text, KeepLead);
        if (text.Contains('@', StringComparison.Ordinal))
        {
            text = Email().Replace(text, " ");
        }

        text = SpelledEmail().Replace(text, " ");
        text = RemoveNumbers(text);
        text = IntroducedHandle().Replace(text, KeepLead);
        text = IntroducedAlias().Replace(text, KeepLead);
        if (text.Contains('#', StringComparison.Ordinal))
        {
            text = TagOrUnit().Replace(text, " ");
        }

        if (text.Contains('@', StringComparison.Ordinal))
        {
            text = Handle().Replace(text, KeepLead);
        }

        text = SpelledPhone().Replace(text, KeepLead);
        return text;
    }

    /// <summary>What identifies by a number is found near digits only; the rest of a long text need not be searched for it.</summary>
    private static string RemoveNumbers(string text)
    {
        var cleaned = new StringBuilder(text.Length);
        var done = 0;
        while (text.AsSpan(done).IndexOfAnyInRange('0', '9') is >= 0 and var distance)
        {
            var end = done + distance;
            var start = Math.Max(done, end - LongestAroundNumber);
            while (end < text.Length && text.AsSpan(end, Math.Min(LongestAroundNumber, text.Length - end)).LastIndexOfAnyInRange('0', '9') is >= 0 and var next)
            {
                end += next + 1;
            }

            end = Math.Min(text.Length, end + LongestAroundNumber);
            cleaned.Append(text, done, start - done).Append(RemoveNumbersNearby(text[start..end]));
            done = end;
        }

        return cleaned.Append(text, done, text.Length - done).ToString();
    }

    private static string RemoveNumbersNearby(string text)
    {
        text = Iban().Replace(text, WithoutIban);
        text = ChineseResidentId().Replace(text, match => IsChineseResidentId(match.Value) ? " " : match.Value);
        text = SpanishId().Replace(text, match => IsSpanishId(match.Value) ? " " : match.Value);
        text = SocialSecurityNumber().Replace(text, " ");
        text = ShapedId().Replace(text, " ");
        text = NumberPlate().Replace(text, " ");
        text = LongNumber().Replace(text, match => IsCard(match.Value) ? " " : match.Value);
        text = AccountNumber().Replace(text, " ");
        text = SpacedDigits().Replace(text, " ");
        text = IpAddress().Replace(text, " ");
        text = IpAddressV6().Replace(text, match => LooksLikeTime(match.Value) ? match.Value : " ");
        text = EnglishAddress().Replace(text, " ");
        text = SpanishAddress().Replace(text, " ");
        if (HouseNumber().IsMatch(text))
        {
            text = ChineseAddress().Replace(text, " ");
        }

        text = IntroducedNumber().Replace(text, KeepLead);
        return PhoneLike().Replace(text, match => IsPhone(text, match.Index, match.Length) ? " " : match.Value);
    }

    /// <summary>The word that introduces something personal is not personal itself.</summary>
    private static string KeepLead(Match match) => match.Groups["lead"].Value + " ";

    private static bool LooksLikeTime(string candidate) => candidate.All(c => char.IsAsciiDigit(c) || c == ':') && !candidate.Contains("::", StringComparison.Ordinal)
        && candidate.Count(':'.Equals) < 7;

    private static bool AnyPhone(string text, Regex.ValueMatchEnumerator candidates)
    {
        foreach (var candidate in candidates)
        {
            if (IsPhone(text, candidate.Index, candidate.Length))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPhone(string text, int start, int length)
    {
        var candidate = text.AsSpan(start, length);
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
            return IsBookNumber(digits);
        }

        return YearsAndDates().IsMatch(candidate) || FractionOrVersion().IsMatch(candidate);
    }

    private static bool IsBookNumber(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            sum += (digits[i] - '0') * (i % 2 == 0 ? 1 : 3);
        }

        return sum % 10 == 0;
    }

    private static bool IsCard(string candidate)
    {
        var digits = Digits(candidate);
        if (digits.Length is < 13 or > 19 || digits[0] is '0' || (digits.Length == 13 && IsBookNumber(digits)))
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

    /// <summary>The words behind an account number may look like its last groups ("… 0005 1332 es"): its check digits tell where it ends.</summary>
    private static string WithoutIban(Match match)
    {
        const int shortest = 15;
        for (var length = match.Length; length >= shortest; length = match.Value.LastIndexOfAny([' ', '-'], length - 1))
        {
            if (IsIban(match.Value[..length]))
            {
                return " " + match.Value[length..];
            }
        }

        return match.Value;
    }

    private static bool IsIban(string candidate)
    {
        var compact = candidate.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
        var number = BigInteger.Zero;
        foreach (var c in compact[4..] + compact[..4])
        {
            number = char.IsAsciiDigit(c) ? (number * 10) + (c - '0') : (number * 100) + (c - 'A' + 10);
        }

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
        {
            sum += (candidate[i] - '0') * weights[i];
        }

        return "10X98765432"[sum % 11] == char.ToUpperInvariant(candidate[^1]);
    }

    private static string Digits(ReadOnlySpan<char> text)
    {
        var digits = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c))
            {
                digits.Append(c);
            }
        }

        return digits.ToString();
    }

    [GeneratedRegex(@"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9][A-Za-z0-9-]{0,62}(\.[A-Za-z0-9-]{1,63}){0,5}\.[A-Za-z]{2,24}", Exact)]
    private static partial Regex Email();

    // Digits in groups with single separators; what of it is a phone is decided in IsPhone.
    [GeneratedRegex(@"(?<![A-Za-z0-9_-])(?<!\d[.,/:])(\+|00)?\(?\d{1,15}\)?(([ .\u2010-\u2013-]|[ .-]?\(|\)[ .-]?)\d{1,12}\)?){0,7}(?![A-Za-z0-9_]|[.,:/-]\d)", Exact)]
    private static partial Regex PhoneLike();

    // A number written digit by digit: "1 3 8 0 …", "138-0-0-…".
    [GeneratedRegex(@"(?<![\w-[\u3400-\u9fff]])(\d([ .-]\d){9,14}|\d{3}([.-]\d){7,9})(?![\w-[\u3400-\u9fff]]|[ .-]\d)", Exact)]
    private static partial Regex SpacedDigits();

    [GeneratedRegex(@"(call|phone|number|cell|mobile|tel|fax|teléfono|móvil|celular|fijo|whatsapp|número|llámame|电话|手机|号码|座机)( (me|number|is|es|at|on|al))*[ :.：]*(是|为)?$", Loose | RegexOptions.RightToLeft)]
    private static partial Regex PhoneBefore();

    [GeneratedRegex(@"^\d{3}[ .-]\d{4}$|^\d{4}[ .-]\d{4}$", Exact)]
    private static partial Regex ShortPhone();

    [GeneratedRegex(@"^(19|20)\d\d([ .\u2010-\u2013-](\d{1,2}[ .-]\d{1,2}|(19|20)\d\d))|^\d{1,2}[ .-]\d{1,2}[ .-](19|20)\d\d", Exact)]
    private static partial Regex YearsAndDates();

    // 3.14159265, 10.0.22631.3447
    [GeneratedRegex(@"^(0|[1-9]\d{0,2})\.\d{5,}$|^\d{1,3}\.\d\.\d{1,6}(\.\d{1,6})?$", Exact)]
    private static partial Regex FractionOrVersion();

    [GeneratedRegex(@"(ISBN[号號]?(是|为|為| is| es)?|pages?|páginas?|chapters?|capítulos?|EUR|USD|RMB|version|v|latitude?|longitude?|[东東西]经|[東西]經|[北南][纬緯])[ :]*$", Loose | RegexOptions.RightToLeft)]
    private static partial Regex NotAPhoneBefore();

    [GeneratedRegex(@"^\s*(%|€|kcal\b|calorías?\b|calories\b|metros\b|metres?\b|meters?\b|miles?\b|views\b|followers\b|seguidores\b|visitas\b|步|字|块钱|塊|萬|億|個|个|£|¥|°|元|块|万|亿|人|次|年|euros?\b|dollars?\b|people\b|personas\b|users?\b|steps?\b|views?\b|km\b|kg\b|m/s\b|米|公里|公尺|千米|bytes?\b|pesos\b|habitantes\b|pasos\b)", Loose)]
    private static partial Regex UnitAfter();

    [GeneratedRegex(@"(?<![\w-[\u3400-\u9fff]])[A-Z]{2}\d{2}([ -]?[A-Z0-9]{4}){2,7}([ -]?[A-Z0-9]{1,3})?(?![\w-[\u3400-\u9fff]])", Loose)]
    private static partial Regex Iban();

    [GeneratedRegex(@"(?<!\d)[1-9]\d{16}[\dXx](?!\d)", Exact)]
    private static partial Regex ChineseResidentId();

    [GeneratedRegex(@"(?<![\w-[\u3400-\u9fff]])([XYZxyz][ -]?\d{7}|\d{8}|\d{2}\.\d{3}\.\d{3})[ -]?[A-Za-z](?![\w-[\u3400-\u9fff]])", Exact)]
    private static partial Regex SpanishId();

    // Mexican CURP and RFC, Indian PAN and IFSC, Singaporean NRIC, Venezuelan cédula, British driving licence and national insurance,
    // Brazilian CPF, Chilean RUT, Argentine CUIT, Spanish social security, Hong Kong and Taiwan identity cards, Chinese number plates,
    // hardware and wallet addresses: shapes that nothing else has.
    [GeneratedRegex(@"(?<![\w-[\u3400-\u9fff]])(?-i:[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d|[A-Z]{5}\d{4}[A-Z]|[A-Z]{4}0[A-Z0-9]{6}|[STFGM]\d{7}[A-Z]|[A-Z9]{5} ?\d{6} ?[A-Z9]{2}\d[A-Z]{2}|[VEJG]-?\d{1,2}\.\d{3}\.\d{3}|[VEJG]-\d{6,8}|[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}|[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]|[A-Z]{1,2}\d{6}[(（][0-9A][)）]|[A-Z][1289]\d{8})(?![\w-[\u3400-\u9fff]])|(?<![\w.-])(\d{3}\.\d{3}\.\d{3}-\d{2}|\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]|(20|23|24|27|30|33)-\d{7,8}-\d|\d{2}/\d{7,8}/\d{2})(?![\w-[\u3400-\u9fff]])|[京津沪滬渝冀豫云雲辽遼黑湘皖鲁魯新苏蘇浙赣贛鄂桂甘晋晉蒙陕陝吉闽閩贵貴粤粵青藏川宁寧琼瓊][A-Z][·.• ]?[A-Z0-9]{5,6}(?![\w-[\u3400-\u9fff]])|(?<![\w:-])([0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:-])|(?<![\w-[\u3400-\u9fff]])(IDMEX\d{9,13}|(?=[0-9]{0,17}[A-Z])(?-i:[159Y][1239]\d{6}[0-9A-HJ-NPQRTUWXY]{10})|(?=\d{0,16}[A-Z])(?=[A-Z]{0,16}\d)(?-i:[A-HJ-NPR-Z0-9]{17})|[A-Z]{6}\d{8}[HM]\d{3}|0x[0-9a-f]{40}|(?-i:bc1[a-z0-9]{25,60}))(?![\w-[\u3400-\u9fff]])", Loose)]
    private static partial Regex ShapedId();

    // British, Indian, Argentine; the units keep "100 KM AT" out of it.
    [GeneratedRegex(@"(?<![\w-])([A-Z]{2}\d{2} [A-Z]{3}|[A-Z]{2} ?\d{2} ?(?!AM|PM|H )[A-Z]{1,2} ?\d{4}|[A-Z]{2} ?\d{3} ?(?!AM|PM|KM|CM|MM|KG|MG|LB|OZ|ML|GB|MB|TB|KB|HP|CV|HZ)[A-Z]{2})(?![\w-])", Exact)]
    private static partial Regex NumberPlate();

    [GeneratedRegex(@"(?<![A-Za-z0-9_-])\d{3}-\d{2}-\d{4}(?![A-Za-z0-9_-])", Exact)]
    private static partial Regex SocialSecurityNumber();

    [GeneratedRegex(@"(?<![A-Za-z0-9_])(?<!\d[.,])\d([ -]?\d){12,18}(?![\w-[\u3400-\u9fff]])", Exact)]
    private static partial Regex LongNumber();

    // Nobody counts so far: CLABE, CBU, numbers in the groups of a card.
    [GeneratedRegex(@"(?<![A-Za-z0-9_-])(?<!\d[.,])(\d{16,26}|\d{4}([ -]\d{4}){3})(?![\w-[\u3400-\u9fff]]|[.,-]\d)", Exact)]
    private static partial Regex AccountNumber();

    [GeneratedRegex(@"(?<![A-Za-z0-9_.])(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![A-Za-z0-9_]|\.\d)", Exact)]
    private static partial Regex IpAddress();

    [GeneratedRegex(@"(?<![\w-[\u3400-\u9fff]])[a-z][a-z0-9+.-]{1,15}://[^\s/@:]{1,80}(:[^\s/@]{0,80})?@[^\s]{1,200}", Loose)]
    private static partial Regex UrlWithUser();

    // A page that is a person: its address ends in their name.
    [GeneratedRegex(@"(?<![\w-[\u3400-\u9fff]])(https?://)?(www\.|m\.|old\.)?((linkedin\.com/in|facebook\.com|fb\.com|instagram\.com|twitter\.com|x\.com|t\.me|wa\.me|github\.com|gitlab\.com|threads\.(net|com)|reddit\.com/(u|user)|twitch\.tv|snapchat\.com/add|weibo\.com|zhihu\.com/people|space\.bilibili\.com|linktr\.ee|pinterest\.(com|es)|soundcloud\.com|behance\.net|patreon\.com|onlyfans\.com|paypal\.me|ko-fi\.com|line\.me/ti/p|douban\.com/people|xiaohongshu\.com/user/profile|open\.spotify\.com/user|discord\.gg)/(?!(\w+/)?(watch|search|explore|hashtag|pricing|about|jobs|login|help)(?![\w-[\u3400-\u9fff]]))|[a-z0-9.-]{2,60}\.[a-z]{2,10}/([\w.-]{1,30}/){0,2}(@|~|u/|user/|users/|profile/|profiles/|people/|perfil/|usuario/|usuarios/|member/|members/))[\w.~%+\--[\u3400-\u9fff]]{2,60}(/[\w.~%+\--[\u3400-\u9fff]]{1,60}){0,2}/?", Loose)]
    private static partial Regex ProfilePage();

    [GeneratedRegex(@"(?<![\w-[\u3400-\u9fff]])(sk|pk|rk|ghp|gho|ghs|xox[abp]|glpat|AKIA|AIza)[-_]?[A-Za-z0-9_-]{12,200}|eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{4,2000}(\.[A-Za-z0-9_-]{0,2000})?|(?<![\w-[\u3400-\u9fff]])bearer\s+[A-Za-z0-9._~+/-]{8,2000}=*", Loose)]
    private static partial Regex Secret();

    // What follows these words is secret, whatever it looks like; behind the vaguer ones only what no word looks like.
    [GeneratedRegex(@"(((?<![\w-[\u3400-\u9fff]])((password|passcode|passphrase|passwd|pwd|pw|contraseña|contrasena)(?![\w-[\u3400-\u9fff]])|(?=\w)(pass|wifi|wi-fi|api[ _-]?key|secret( key)?|access token|token|pin( code)?( (for|of|to) (my |the )?\w{2,12})?|login code|verification code|security code|cvv|otp|pin (de|del|para) (mi |la |el )?\w{2,12}|clave( (api|secreta|del? \w{2,12}))?|código de (verificación|seguridad|acceso)|验证码|驗證碼|密钥|密鑰|令牌|权杖)(?![\w-[\u3400-\u9fff]])(?=[^\n]{0,12}?[ :：=是为][""'“]?[!-~]{0,40}[\d_$!#%^&*~+]))|密码|密碼|口令)(\s{0,3}(number|code))?\s{0,3}((is|es|era|是|为|為|係)(\s{0,3}[:：=])?|[:：=])\s{0,3})(?!(to|the|a|an|not|very|too|so|my|your|more|less|wrong|weak|strong|expired|what|why|muy|la|el|un|una|que|no|más)(?![\w-[\u3400-\u9fff]]))[""'“]?[!-~áéíóúñÁÉÍÓÚÑ]{3,100}", Loose)]
    private static partial Regex IntroducedSecret();

    // A word for a secret, then somewhere in the sentence what mixes letters with digits as no word does: "my new password, otter-53-lamp".
    [GeneratedRegex(@"(?<lead>((?<![\w-[\u3400-\u9fff]])(passwords?|passcode|passphrase|passwd|pwd|pw|login|wi-?fi|contraseñas?|contrasenas?|claves?)(?![\w-[\u3400-\u9fff]])|密码|密碼|口令)[^\n.;!?。；！？]{0,40}?(?<![!-~]))(?=[!-~]{6,60})(?=[!-~]{0,60}[A-Za-z])(?=[!-~]{0,60}\d[!-~]{0,60}[\d$!#%^&*~+?_]|[!-~]{0,60}[$!#%^&*~+?_][!-~]{0,60}\d|[a-z]{3,20}\d[a-z]{3,20}|[""“]?[a-z]{2,20}-[a-z]{2,20}-[a-z-]{0,20}\d)(?!1password|office365|iphone|windows|covid|v\d{1,3}\.\d|\d{1,2}([:.]\d\d)?(am|pm|hs?)\b)[!-~]{5,60}[\w$!#%^&*~+?][""”]?", Loose)]
    private static partial Regex SecretNearItsWord();

    // "lovelin520#" stands before its word: "用 lovelin520# 当密码".
    [GeneratedRegex(@"(?<lead>用)\s?(?=[!-~]{0,60}[A-Za-z])(?=[!-~]{0,60}\d)[!-~]{6,60}(?=\s?[当當作做]密[码碼])", Exact)]
    private static partial Regex SecretBeforeItsWord();

    // What is a code for certain may have words between; what often is none ("the key is to walk") is told what it is.
    [GeneratedRegex(@"(?<lead>((?<!\w)((verification|login|one[- ]time|access|security|alarm|door|gate|entry|lock|safe) code|otp|cvv2?|cvc|código de (verificación|acceso|seguridad))(?!\w)|验证码|驗證碼|校验码|动态码|安全[码碼])('s)?[,，]?[^\n\d.,;!?。，；！？]{0,32}?)(?<![\w-[\u3400-\u9fff]]|[$€£¥-])((?-i:[A-Z]-)?\d{3,8}#?|\d{3}[ -]\d{3}|\d\d?([ -]\d\d?){2,7})(?![A-Za-z0-9_%]|[.:/-]\d|\s?(am|pm|h|min|minutos?|minutes?|hours?|horas?|días?|days?|times|veces|%|分钟|小时|次|天)(?![a-z]))|(?<lead>(?<!\w)(((pin( code)?|nip)('s)?|(combination|combinación|clave)(?=[^\n\d.;!?]{0,32}([,:]|(is|was|es|era)) {0,2}\d))(?!\w)( (de|del|para|for|to|of) [^\n\d.,;!?]{2,26}?)?[,:]? {0,2}(is|was|es|era)?:? {0,2}))(\d{4,8}|\d{3} \d{3}|\d\d?([ -]\d\d?){2,7})(?![A-Za-z0-9_%]|[.:/-]\d|\s(pasos|steps|calor))|(?<lead>(?<!\w)(?<!error |status |country |area )(code|código)('s)?,?\s{0,3}(is|es|was|era|:)?\s{0,3})(\d{6}|\d{3} \d{3})(?![\w%]|[.,:/-]\d|\s(lines|líneas))|(?<lead>(解锁|解鎖|密[码碼]|口令)\s?(是|为|為|[:：])\s?)[零〇一二三四五六七八九幺]{4,8}|(?<!\w)(?-i:G)-\d{6}(?!\w)", Loose)]
    private static partial Regex OneTimeCode();

    [GeneratedRegex(@"(?<![\w-[\u3400-\u9fff]])([A-Za-z0-9._%+-]{1,64}|[A-Za-z0-9._]( [A-Za-z0-9._]){2,40})( ?[\[(] ?(at|arroba|@) ?[\])] ?[A-Za-z0-9-]{1,63}( ?[\[(]? ?(dot|punto|\.) ?[\])]? ?[A-Za-z]{2,24}){1,3}| (at|arroba) [A-Za-z0-9-]{1,63}( (dot|punto) [A-Za-z]{2,24}){1,3}| @ ?[A-Za-z0-9-]{1,63}((\.| \. )[A-Za-z]{2,24}){1,3}| ?(艾特|小老鼠) ?[A-Za-z0-9-]{1,63} ?[点點.] ?[A-Za-z]{2,24})(?![\w-[\u3400-\u9fff]])", Loose)]
    private static partial Regex SpelledEmail();

    // Words that introduce a code are followed by something with a digit in it, or they introduce nothing.
    [GeneratedRegex(@"(?<lead>(?<![\w-[\u3400-\u9fff]])((ssn|tfn|bsb|nric|dl(?= [A-Z]{0,2}\d{5})|brevete|patente|ppsn?( number| no\.?)?|cip|eircode|nhs (number|no\.?)|ni number|medicare number|social security( number)?|social insurance( number)?|passport( number| no\.?)?|driver'?s? licen[cs]e( number)?|driving licen[cs]e( number)?|licen[cs]e plate|number plate|plates?(?= (number )?(is )?(?-i:[A-Z0-9-]{5,8})(?!\w))|vin|(bank )?account (number|no\.?)|acct( no\.?| number)?|sort code|routing( number)?|card (number|no\.?)|(student|employee|member|patient|policy|insurance|medical record|badge|staff) (id|number|no\.?)|mrn|imei|número de (cuenta|tarjeta|póliza|pasaporte|afiliación|expediente|empleado|paciente|seguro social|seguridad social|cliente)|n[º°.] de (cuenta|tarjeta|póliza|pasaporte)|cuenta (bancaria|corriente|de ahorros)|clabe|cbu|cvu|cuit|cuil|rut|cpf|nss|matrícula|placas?|licencia de (conducir|manejo)|carnet( de identidad)?(?=\W{1,3}(es )?([VE]-)?\d)|carné de identidad|tarjeta sanitaria|c\.c\.|c\.i\.|national insurance( number)?|tax id|id (number|card)|postcode|post code|zip( code)?|pasaporte|seguridad social|código postal|(dni|cédula|documento)( (argentin[oa]|español|mexican[oa]|colombian[oa]|peruan[oa]|uruguay[oa]))?(,(?= \d{1,2}\.\d{3}\.\d{3}))?|nie|nif|curp|rfc(?!\s{0,3}\d{1,5}(?!\w))|ine|número de identidad)(?![a-zñáéíóú])|[身][份分][证證][号號字]?[码碼]?|[证證]件[号號]?[码碼]?|[护護]照[号號]?[码碼]?|社保[号卡]?号?|医保[号卡]?号?|健保卡[號号]?|邮编|邮政编码|郵遞區號|银行卡[号]?|銀行卡[號]?|卡[号號]|[账帳賬][号號户戶]|户口本号|学号|學號|工号|工號|员工编号|病历号|病歷號|驾驶证号?|駕駛證號?|公积金[账帐]?号?|准考证号?|准考證號?|驾照号?|駕照號?|通行证号?|通行證號?|居留证号?|居留證號?|车牌号?|車牌號?|統一編號|护照|密码|密碼|口令)\s{0,3}((number|is|es|was|era|no\.?)(?![a-z])|[:：#=]|是|为|為|係|号|號)?\s{0,3}(is\s|es\s)?|(?<![\w-[\u3400-\u9fff]])(passport|pasaporte|licen[cs]e|licencia|pps|pan|dni|nie|cédula|rut|id),\s((el|la|number|número) )?(?=[A-Z]{0,5}\d[A-Z0-9.-]{4,20}(?![\w])))(?!(de|del|en|in|from|since|of|until|by|on|at|y|and|desde|hasta|for|to|para|con|was|expires?|issued) )(?=[A-Za-z0-9 -]{0,6}\d)([VEJG]-)?[A-Za-z0-9]{1,30}?(?=(19|20)\d\d年|(?![A-Za-z0-9]))(\.\d{3}){0,3}([ -][A-Z0-9]*\d[A-Z0-9]*|[ -][A-Z](?![\w-[\u3400-\u9fff]])){0,5}", Loose)]
    private static partial Regex IntroducedNumber();

    [GeneratedRegex(@"(?<lead>(?<![\w-[\u3400-\u9fff]])(telegram|discord|wechat|whatsapp|skype|snapchat|instagram|insta|twitter|line|tiktok|facebook|messenger|kik|twitch|steam|xbox|psn|roblox|reddit|threads|mastodon|bluesky|signal|qq|[加我]?微信[号號]?|微博|抖音[号號]?|小[红紅]书?書?[号號]?|扣扣|(?=\w{1,4}\s{0,2}(id|user|username|usuario|handle|号|號)?\s{0,3}(is |es |[:：=]|是|为|為))(snap|ig|fb|tg|tw|tt|sc|dc|wx|vx|v|ins)|[加](微|[vV][xX]?|[wW][xX]|威|薇))(\s{0,2}(id|user|username|usuario|handle|[号號]|[账帳][号號]))?('s)?\s{0,3}(is|es|[:：=]|是|为|為|[吧啊呀哦]?[,，])?\s{0,3})(?=[A-Za-z0-9_.@:#-]{0,30}[\d_@#:])[A-Za-z0-9_.@:#-]{4,40}|(?<![\w-[\u3400-\u9fff]])(usuario|user ?name|user|nick) (de|on|in) (telegram|discord|wechat|whatsapp|skype|instagram|twitter|tiktok) (is|es) \S{3,40}", Loose)]
    private static partial Regex IntroducedHandle();

    // Argentina's names for bank accounts.
    [GeneratedRegex(@"(?<lead>alias (es |: ?)?)[a-z0-9-]{2,20}(\.[a-z0-9-]{2,20}){1,3}(?!\w)", Loose)]
    private static partial Regex IntroducedAlias();

    // Discord's names, flats of Singapore.
    [GeneratedRegex(@"(?<![\w#])[\w.]{3,32}#\d{4}(?!\d)|(大牌|blk|block) ?\d{1,4}[A-Za-z]?[号號]?,? ?#\d{1,3}-\d{1,4}", Loose)]
    private static partial Regex TagOrUnit();

    [GeneratedRegex(@"(?<lead>(?<![\w-[\u3400-\u9fff]])(call|phone|number|cell|mobile|tel|teléfono|telefono|móvil|movil|celular|cel|whatsapp|ll[aá]m[ae]me|llám[ae]lo|marca|número|numero|电话|手机|手机号|号码)(\s{0,2}(number|is|es|me|at|on|to|al|a|[:：.,，]|是)){0,3}\s{0,2})(((zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)([ ,-]{1,2}|(?![\w-[\u3400-\u9fff]]))){6,20}|[零〇一二三四五六七八九幺]([ ，,、-]?[零〇一二三四五六七八九幺]){6,12})|[零〇一二三四五六七八九幺]{7,13}|[一幺](?<![零〇一二三四五六七八九十百幺].)[三四五六七八九]([ ，,、-]?[零〇一二三四五六七八九幺]){9}(?![零〇一二三四五六七八九十百幺])", Loose)]
    private static partial Regex SpelledPhone();

    [GeneratedRegex(@"(?<![\w-[\u3400-\u9fff]])((flat|apt|apartment|unit|suite)\.? \d{1,4}[A-Za-z]?,? )?\d{1,5}[A-Za-z]?,? ((?-i:[NSEW]) )?((?-i:[A-Z])[\w'’.-]{1,20} ){1,3}(street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|square|sq|terrace|place|pl|way|close|crescent|cres|highway|hwy|parkway|pkwy|gardens|gdns|grove|parade|pde|terrace|tce|mews|row|walk|quay|hill|rise|view|circle|cir|trail|trl|loop|alley|esplanade|green|park|wharf|bypass|circuit|cct|turnpike|pike)(?![\w-[\u3400-\u9fff]])\.?(,? (apt|apartment|suite|flat|unit|floor|#)\.? ?\w{1,5})?(, (?-i:[A-Z])[A-Za-z]{1,20}( (?-i:[A-Z])[A-Za-z]{1,20})?)?(,? (?-i:[A-Z]{2}) \d{5})?(,? (?-i:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}))?|(?<![\w-[\u3400-\u9fff]])((?-i:[A-Z])-?)?\d{1,5}(/\d{1,4})?[A-Za-z]?, ((?-i:[A-Z])[\w'’.-]{1,20},? ){2,8}(- ?)?\d{6}(?!\d)|(?<![\w-[\u3400-\u9fff]])\d{1,5}[A-Za-z]?,? (rue|chemin|boul\.?|boulevard) (?-i:\p{Lu})[\w'’-]{1,20}( (?-i:\p{Lu})[\w'’-]{1,20}){0,2}(, (?-i:\p{Lu})[\w-]{1,20})?( (?-i:[A-Z]{2}))?|(?<![\w-[\u3400-\u9fff]])(?-i:[A-Z]\d[A-Z] ?\d[A-Z]\d)(?![\w-[\u3400-\u9fff]])|(?<![\w-[\u3400-\u9fff]])p\.? ?o\.? box \d{1,8}|(?<![\w-[\u3400-\u9fff]])(?-i:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})(?![\w-[\u3400-\u9fff]])", Loose)]
    private static partial Regex EnglishAddress();

    [GeneratedRegex(@"(?<![\w-[\u3400-\u9fff]])(calle|c/|avenida|(avda|av|cra|cl)(\.|(?=\s))|carrera|diagonal|transversal|(paseo|plaza|pza\.?|carretera|camino|ronda|travesía|callejón|urbanización|glorieta|pasaje|psje\.?|bulevar|blvd\.?|calzada|privada|prolongación|jirón|jr\.?|rambla|alameda|cerrada|circuito|andador|barrio|colonia)(?=\s{0,2}((de|del|la|las|los|el|y) ){0,3}((?-i:\p{Lu})|\d{1,2} de (?-i:\p{Lu}))))\s{0,2}((de|del|la|las|los|el|y) ){0,3}(?-i:[\p{Lu}\d])[\w'.]{0,20}( (de |del |la |las |los |el |y ){0,2}(?-i:\p{Lu})[\w'.]{1,20}){0,4},? {0,2}(\d{1,4}[A-Za-z]? ?)?(n[º°.o]?\.? ?|# ?|núm\.? ?|número )?\d{1,5}( ?- ?\d{1,4})?(?![\w-[\u3400-\u9fff]])(,? ?\d{1,2}[º°ª] ?(-? ?[A-Za-z]{1,4}(?![\w-[\u3400-\u9fff]]))?)?(,? (piso|puerta|bajo|portal|esc\.?) ?\w{0,4})?(,? \d{5}( (?-i:\p{Lu})[\w]{1,20})?)?|(?<![\w-[\u3400-\u9fff]])(?-i:\p{Lu})\w{2,20}( (?-i:\p{Lu})\w{2,20})? \d{1,5},? ((piso|depto\.?|dpto\.?|departamento|timbre|puerta|portal|local) ?\d{1,3}( ?(?-i:[A-Z])(?!\w))?|\d{1,2}[º°ª] ?(?-i:[A-Z])?(?!\w))|(?<!\w)(cdla\.?|ciudadela|urb\.?|urbanización) (?-i:\p{Lu})[\w ]{2,40}, (mz\.?|manzana) ?\d{1,4}(,? (villa|solar|lote|lt\.?|casa) ?\d{1,4})?|(?<=(?<!\w)(vivo|vive|vivimos|viven|está|queda|casa|domicilio|dirección|alquiler) (es )?(en|de|a|es):? )(?!\w{2,20} (19|20)\d\d(?!\d))(?-i:\p{Lu})\w{2,20}( (de |del |la |las |los ){0,2}(?-i:\p{Lu})\w{2,20}){0,3} \d{2,5}(?!\w|[.,]\d)(, (?-i:\p{Lu})\w{2,20})?", Loose)]
    private static partial Regex SpanishAddress();

    [GeneratedRegex("[0-9][号號栋棟幢座弄楼樓]", Exact)]
    private static partial Regex HouseNumber();

    [GeneratedRegex(@"([\u4e00-\u9fff]{2,8}?(省|自治区))?(?:(?<![\u4e00-\u9fff])|(?<=[在到是于於喺:：往去])|(?<=[省区]))[\u4e00-\u9fff]{2,8}?[市州县縣](?:[\u4e00-\u9fff]{1,8}?[区區县縣镇鎮乡鄉])?[\u4e00-\u9fff]{1,12}?([一二三四五六七八九十\d]{1,3}段)?(\d{1,4}巷)?(\d{1,4}弄)?(\d{1,3}[组組])?\d{1,5}([号號栋棟幢座]|弄)([\u4e00-\u9fff\dA-Za-z-]{0,6}?\d{1,5}([号號栋棟幢座楼樓层層室]|单元|單元)){0,4}(\d{2,5}(?!\d))?(之\d{1,3})?|(?:(?<![\u4e00-\u9fff])|(?<=[在到是于於喺住寄往去]))[\u4e00-\u9fff]{2,4}?[区區县縣][\u4e00-\u9fff]{2,10}?\d{1,5}[号號栋棟幢座楼樓]([\u4e00-\u9fffA-Za-z]{0,4}?\d{1,4}([号號栋棟幢座楼樓层層室]|单元|單元)){0,3}|[\u4e00-\u9fff-[在到于於喺]]{1,8}?[路街道巷里村]([一二三四五六七八九十\d]{1,3}段)?(\d{1,4}巷)?(\d{1,4}弄)?\d{1,5}[号號](院|之\d{1,3})?([\u4e00-\u9fffA-Za-z]{0,8}?\d{1,4}([号號栋棟幢座楼樓层層室]|单元|單元)){0,4}|[\u4e00-\u9fff]{2,10}?(小区|花园|公寓|大厦|家园|苑|城|里|新村|社区|大廈|花園|邨|村)[A-Za-z]?\d{1,4}([号號栋棟幢座])([\dA-Za-z-]{0,4}?\d{1,4}([号號楼樓层層室]|单元|單元)?){0,4}", Exact)]
    private static partial Regex ChineseAddress();

    [GeneratedRegex(@"(?<![A-Za-z0-9_:])([0-9a-f]{1,4}:){2,7}(:?[0-9a-f]{1,4}){1,6}(?![A-Za-z0-9_:])|(?<![A-Za-z0-9_:])([0-9a-f]{1,4}:){1,6}(:[0-9a-f]{1,4}){1,6}(?![A-Za-z0-9_:])", Loose)]
    private static partial Regex IpAddressV6();

    [GeneratedRegex(@"(?<lead>^|[\s(:,，：\u3400-\u9fff])@(?![我你他她它大所全])[\w][\w.]{1,30}", Exact)]
    private static partial Regex Handle();
}
