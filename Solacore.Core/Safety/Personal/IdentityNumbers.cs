using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using static Solacore.Core.Safety.Personal.Patterns;

namespace Solacore.Core.Safety.Personal;

/// <summary>
/// Numbers and names that stand for a person, an account or a thing of theirs: by a check digit, by a shape that nothing else
/// has, or because a sentence introduces them as such ("my passport is …").
/// </summary>
internal static partial class IdentityNumbers
{
    // https://www.swift.com/swift-resource/9606/download: country and characters without spaces.
    private static readonly FrozenDictionary<string, int> IbanLengths = (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 "
        + "FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 "
        + "LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SE24 SI19 SK24 "
        + "SM27 SV28 TN24 TR26 UA29 VA22 VG24 XK20")
        .Split(' ').ToFrozenDictionary(entry => entry[..2], entry => int.Parse(entry[2..], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    private const string Year = @"(19\d\d|20[01]\d)";

    private const string Month = "(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?"
        + "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre)";

    /// <summary>What is known by itself.</summary>
    public static string Remove(string text)
    {
        text = Iban().Replace(text, WithoutIban);
        text = ChineseResidentId().Replace(text, match => CheckDigits.IsChineseId(match.Value) ? " " : match.Value);
        text = SpanishId().Replace(text, match => CheckDigits.IsSpanishId(match.Value) ? " " : match.Value);
        text = SocialSecurityNumber().Replace(text, " ");
        text = ShapedId().Replace(text, " ");
        text = NumberPlate().Replace(text, " ");
        text = LongNumber().Replace(text, match => CheckDigits.IsCard(match.Value) ? " " : match.Value);
        text = AccountNumber().Replace(text, " ");
        text = SpacedDigits().Replace(text, " ");
        text = IpAddress().Replace(text, " ");
        return IpAddressV6().Replace(text, match => LooksLikeTime(match.Value) ? match.Value : " ");
    }

    /// <summary>What a word introduces.</summary>
    public static string RemoveIntroduced(string text) => NumberOfPaper().Replace(IntroducedNumber().Replace(text, KeepLead), KeepLead);

    public static string RemoveAliases(string text) => IntroducedAlias().Replace(text, KeepLead);

    public static string RemoveBirthDates(string text) => BirthDate().Replace(text, KeepLead);

    /// <summary>The words behind an account number may look like its last groups ("… 0005 1332 es"): its country tells where it ends.</summary>
    private static string WithoutIban(Match match)
    {
        var text = match.Value;
        if (!IbanLengths.TryGetValue(text[..2].ToUpperInvariant(), out var length))
        {
            return text;
        }

        for (var end = 0; end < text.Length; end++)
        {
            length -= char.IsAsciiLetterOrDigit(text[end]) ? 1 : 0;
            if (length == 0)
            {
                return CheckDigits.IsIban(text[..(end + 1)]) ? " " + text[(end + 1)..] : text;
            }
        }

        return text;
    }

    private static bool LooksLikeTime(string candidate) => candidate.All(c => char.IsAsciiDigit(c) || c == ':') && !candidate.Contains("::", StringComparison.Ordinal)
        && candidate.Count(':'.Equals) < 7;

    [GeneratedRegex(
        $$"""
        {{WordStart}}[A-Z]{2}\d{2}([ -]?[A-Z0-9]){11,40}{{WordEnd}}
        """,
        Loose | Lines)]
    private static partial Regex Iban();

    [GeneratedRegex(@"(?<!\d)[1-9]\d{16}[\dXx](?!\d)", Exact)]
    private static partial Regex ChineseResidentId();

    [GeneratedRegex(
        $$"""
        {{WordStart}}([XYZxyz][ -]?\d{7}|\d{8}|\d{2}\.\d{3}\.\d{3})[ -]?[A-Za-z]{{WordEnd}}
        """,
        Exact | Lines)]
    private static partial Regex SpanishId();

    // Mexican CURP and RFC, Indian PAN and IFSC, Singaporean NRIC, Venezuelan cédula, British driving licence and national insurance,
    // Brazilian CPF, Chilean RUT, Argentine CUIT, Spanish social security, Hong Kong and Taiwan identity cards, Chinese number plates,
    // hardware and wallet addresses: shapes that nothing else has.
    [GeneratedRegex(
        $$"""
        {{WordStart}}
          (?-i:
              [A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d|\d{2}[A-Z]{5}\d{4}[A-Z][A-Z\d]Z[A-Z\d]|(?!KB)[A-Z]{1,3}\d{7,10}[A-Z]?
              |[A-Z]{3}-\d{2}-\d{2}
              |[A-HJ-NP-Z]\d{4}[A-Z]{3}|[1-9][A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2}|[A-Z]{5}\d{4}[A-Z]|[A-Z]{4}0[A-Z0-9]{6}|[STFGM]\d{7}[A-Z]
              |[A-Z9]{5}\ ?\d{6}\ ?[A-Z9]{2}\d[A-Z]{2}|[VEJG]-?\d{1,2}\.\d{3}\.\d{3}|[VEJG]-\d{6,8}
              |[A-ZÑ&]{3,4}-?\d{6}-?[A-Z0-9]{3}
              |[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\ ?\d{2}\ ?\d{2}\ ?\d{2}\ ?[A-D]
              |[A-Z]{1,2}\d{6}[(（][0-9A][)）]|[A-Z][1289]\d{8}
          ){{WordEnd}}
        |(?<![\w.-])
          (\d{3}\.\d{3}\.\d{3}-\d{2}|\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]|(20|23|24|27|30|33)-\d{7,8}-\d|\d{2}/\d{7,8}/\d{2})
          {{WordEnd}}
        |[京津沪滬渝冀豫云雲辽遼黑湘皖鲁魯新苏蘇浙赣贛鄂桂甘晋晉蒙陕陝吉闽閩贵貴粤粵青藏川宁寧琼瓊][A-Z][·.•丨| -]?[A-Z0-9]{5,7}{{WordEnd}}
        |(?<![\w:-])([0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:-])|(?<![\w.])([0-9a-f]{4}\.){2}[0-9a-f]{4}(?![\w.])
        |{{WordStart}}
          (
              IDMEX\d{9,13}
              |(?=[0-9]{0,17}[A-Z])(?-i:[159Y][1239]\d{6}[0-9A-HJ-NPQRTUWXY]{10})
              |(?=\d{0,16}[A-Z])(?=[A-Z]{0,16}\d)(?-i:[A-HJ-NPR-Z0-9]{17})|[A-Z]{6}\d{8}[HM]\d{3}|0x[0-9a-f]{40}
              |(?-i:bc1[a-z0-9]{25,60})
          ){{WordEnd}}
        """,
        Loose | Lines)]
    private static partial Regex ShapedId();

    // British, Indian, Argentine, Spanish, Chilean, of the Cape and Singapore; the units keep "100 KM AT" out of it.
    [GeneratedRegex(
        """
        (?<![\w-])
          (
              C[AFLY]\ \d{3}[ -]\d{3}|S[A-Z]{2}\ ?\d{3,4}\ ?[A-EGHJ-MPR-UX-Z]
              |(?!19|20)\d{4}[ -]?(?!MXN|GBP|CNY|HKD|TWD|BRL|CLP|CRC|SGD|NZD|CHF|JPY|KRW|RMB|BTC|BMW|KWH|RPM|FPS|BPM|PTS|MTS|KMS)[BCDFGHJKLMNPRSTVWXYZ]{3}
              |[BCDFGHJKLPRSTVWXYZ]{4}[·.-]\d{2}
              |[A-Z]{2}\d{2}\ [A-Z]{3}|[A-Z]{2}\ ?\d{2}\ ?(?!AM|PM|H\ )[A-Z]{1,2}\ ?\d{4}
              |[A-Z]{2}\ ?\d{3}\ ?(?!AM|PM|KM|CM|MM|KG|MG|LB|OZ|ML|GB|MB|TB|KB|HP|CV|HZ)[A-Z]{2}
          )(?![\w-])
        """,
        Exact | Lines)]
    private static partial Regex NumberPlate();

    [GeneratedRegex(@"(?<![A-Za-z0-9_-])\d{3}-\d{2}-\d{4}(?![A-Za-z0-9_-])", Exact)]
    private static partial Regex SocialSecurityNumber();

    [GeneratedRegex(
        $$"""
        ((?<![A-Za-z0-9_])|(?<=(?<![A-Za-z])(?i:visa|mastercard|amex|card|number|tarjeta|n[uú]mero)))(?<!\d[.,])
          (
              \d([ -]?\d){12,18}
              |(?!((19|20)\d\d[/,_]){3})\d{4}([/,_]\d{4}){3}|3\d{3}[/,_]\d{6}[/,_]\d{5}
          ){{WordEnd}}
        """,
        Exact | Lines)]
    private static partial Regex LongNumber();

    // Nobody counts so far: CLABE, CBU, CCI, old Spanish and Taiwanese accounts, numbers in the groups of a card.
    [GeneratedRegex(
        """
        (?<![A-Za-z0-9_-])(?<!\d[.,])
          (
              \d{16,26}|\d{4}([ .-]\d{4}){3}
              |\d{3}-\d{3}-\d{12}-\d{2}|\d{4}[ -]\d{4}[ -]\d{2}[ -]\d{10}|\d{4}-\d{3}-\d{6,7}
          )(?![\w-[\u3400-\u9fff]]|[.,-]\d)
        """,
        Exact | Lines)]
    private static partial Regex AccountNumber();

    // A number written digit by digit: "1 3 8 0 …", "138-0-0-…".
    [GeneratedRegex(
        $$"""
        {{WordStart}}(\d((?>\ ?[ ./-]\ ?)\d){9,14}|\d(\ \d){1,3}(\ [./-]\ \d(\ \d){1,3}){2,4}|\d{3}([.-]\d){7,9})(?![\w-[\u3400-\u9fff]]|[ .-]\d)
        """,
        Exact | Lines)]
    private static partial Regex SpacedDigits();

    [GeneratedRegex(@"(?<![A-Za-z0-9_.])(?<!versi[oó]n |版本)(25[0-5]|2[0-4]\d|1?\d?\d)( ?\. ?(25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![A-Za-z0-9_]|\.\d| ?版)", Exact)]
    private static partial Regex IpAddress();

    [GeneratedRegex(
        """
        (?<![A-Za-z0-9_:])([0-9a-f]{1,4}:){2,7}(:?[0-9a-f]{1,4}){1,6}(?![A-Za-z0-9_:])
        |(?<![A-Za-z0-9_:])([0-9a-f]{1,4}:){1,6}(:[0-9a-f]{1,4}){1,6}(?![A-Za-z0-9_:])
        """,
        Loose | Lines)]
    private static partial Regex IpAddressV6();

    // Words that introduce a code are followed by something with a digit in it, or they introduce nothing.
    [GeneratedRegex(
        $$"""
        (?<lead>
              {{WordStart}}
                (
                    (
                          ssn|tfn|bsb(\ (account|acct))?|nric|nhi|ird|brp|gstin|crn|aadhaar|voter\ id|abn(?=\ \d{2}\ ?\d{3})|cif(?=\ [A-Z]?\d{7})|medicare(?=\ (card\ )?\d{4}\ )
                          |fin(号|(?=\ [FGSTM]\d{7}))|transit(?=\ \d{5}(?!\d))|institution(?=\ \d{3}(?!\d))
                          |tag(?=\ (\#\ )?(?-i:[A-Z0-9]{6,8}))|rego(?=\ (is\ )?(?-i:[A-Z0-9]{3,6}))
                          |dl(?=\ [A-Z]{0,2}\d{5})|brevete|patente|ppsn?(\ number|\ no\.?)?|cip|eircode
                          |nhs\ (number|no\.?)|ni\ number|medicare\ number|social\ security(\ number)?
                          |social\ insurance(\ number)?|passport(\ number|\ no\.?)?|driver'?s?\ licen[cs]e(\ number)?
                          |driving\ licen[cs]e(\ number)?|licen[cs]e\ plate|number\ plate
                          |plates?(?=\ (number\ )?((is|was)\ )?(?-i:[A-Z0-9-]{5,8})(?!\w))|licen[cs]e(?=\ (is\ )?(?-i:[A-Z])\d{3}-\d{3})|vin|(bank\ )?account\ (number|no\.?)
                          |acct(\ no\.?|\ number)?|sort\ code|routing(\ number)?|card\ (number|no\.?)
                          |p[oó]liza(?=\ \d{3})|(student|employee|member|patient|policy|insurance|medical\ record|badge|staff)\ (id|number|no\.?)(?!\W{1,3}\d{1,2}(?!\w))
                          |permiso\ de\ residencia|c\.?p\.?(?=:?\ \d{5}(?!\d))
                          |mrn|imei
                          |n[uú]mero\ de
                            \ (
                                cuenta|tarjeta|p[oó]liza|pasaporte|afiliaci[oó]n|expediente|empleado|paciente|seguro\ social
                                |seguridad\ social|cliente
                            )
                          |n[º°.]\ de\ (cuenta|tarjeta|p[oó]liza|pasaporte)|cuenta\ (bancaria|corriente|de\ ahorros)|clabe|cbu
                          |cvu|cuit|cuil|rut|cpf|nss|matr[ií]cula|placas?|licencia\ de\ (conducir|manejo|manejar)(\ de\ \w{3,12})?
                          |carnet(\ de\ identidad)?(?=\W{1,3}(es\ )?([VE]-)?\d)|carné\ de\ identidad|tarjeta\ sanitaria|c\.c\.
                          |c\.i\.|national\ insurance(\ number)?|tax\ id|id\ (number|card)|postcode|post\ code|zip(\ code)?
                          |pasaporte|seguridad\ social|c[oó]digo\ postal
                          |(dni|c[eé]dula|documento)(\ (argentin[oa]|español|mexican[oa]|colombian[oa]|peruan[oa]|uruguay[oa]))?
                            (,(?=\ \d{1,2}\.\d{3}\.\d{3}))?
                          |nie|nif|curp|rfc(?!\s{0,3}\d{1,5}(?!\w))|ine|n[uú]mero\ de\ identidad
                      )(?![a-zñáéíóú])
                    |[身][份分][证證][号號字]?[码碼]?|[证證]件[号號]?[码碼]?|[护護]照[号號]?[码碼]?|社保[号卡]?号?|医保[号卡]?号?|健保卡[號号]?|邮编|邮政编码|郵遞區號|银行卡[号]?
                    |銀行卡[號]?|卡[号號]|[账帳賬][号號户戶]|户口本号|学号|學號|工号|工號|员工编号|病历号|病歷號|驾驶证号?|駕駛證號?|公积金[账帐]?号?|准考证号?|准考證號?|驾照号?|駕照號?
                    |通行证号?|通行證號?|居留证号?|居留證號?|车牌号?|車牌號?|私家[车車](?=\s?[A-Z]{2}\s?\d)|統一編號|[档檔]案[号號]碼?
                    |[机機]車(?=[A-Z]{2,3}-?\d{3})|护照|密码|密碼|口令
                )\s{0,3}((number|is|es|was|era|no\.?)(?![a-z])|[:：#=]|是|为|為|係|号|號)?\s{0,3}(is\s|es\s)?
              |{{WordStart}}(passport|pasaporte|licen[cs]e|licencia|pps|pan|dni|nie|c[eé]dula|rut|id),\s
                ((el|la|number|número)\ )?(?=[A-Z]{0,5}\d[A-Z0-9.-]{4,20}(?![\w]))
          )(?!(de|del|en|in|from|since|of|until|by|on|at|y|and|desde|hasta|for|to|para|con|was|expires?|issued)\ )
          (?=[A-Za-z0-9 -]{0,6}\d)(?!(los|las|unos|unas|the|some|over|about|casi|como)\ )([VEJG]-)?[A-Za-z0-9]{1,30}?(?=(19|20)\d\d年|(?![A-Za-z0-9]))(\.\d{3}){0,3}
          ([ -][A-Z0-9]*\d[A-Z0-9]*|[ -](?-i:[A-Z]){{WordEnd}}){0,5}
        """,
        Loose | Lines)]
    private static partial Regex IntroducedNumber();

    // A paper or a car, some words, and what has the form of its number: "my passport, the new one, is AB1234567".
    [GeneratedRegex(
        $$"""
        (?<lead>
              {{WordStart}}(passport|pasaporte|licen[cs]e|licencia|permit|permiso|visa|documento|c[eé]dula)[^\n\d.;!?]{1,24}?
              |[护護]照[^\n\d。；！？]{1,8}?
          )((?-i:[A-Z]{1,3}\ ?\d{6,9})(?!\w)|\d{1,2}(\.\d{3}){2}(?![\w.]))
        |(?<lead>{{WordStart}}(placas?|matr[ií]cula|patente|number\ plate|plates?)[^\n\d.;!?]{1,24}?|[车車][^\n\d。；！？]{0,6}?)(?-i:[A-Z]{3}-\d{3,4}){{WordEnd}}
        """,
        Loose | Lines)]
    private static partial Regex NumberOfPaper();

    // Of those who may use the product: a day of this year is none.
    [GeneratedRegex(
        $$"""
        (?<lead>
              {{WordStart}}
                (
                    d\.?o\.?b\.?|date\ of\ birth|birth\ ?dates?|birthday|born
                    |f(echa)?(\.|\ de)?\ nac(imiento)?\.?|nac[ií]|naci[oó]|cumple(años)?|soy\ del
                ){{WordEnd}}
                ('s)?[^\n\d.;!?]{0,16}?
              |(出生(日期|年月日)?|生日|生[于於]|[阳陽农農公]历)[^\n\d。；！？]{0,6}?
          )(?<!\d)
          (
              (19\d\d|20[01]\d)(0[1-9]|1[0-2])([0-2]\d|3[01])|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}
              |\d{1,2}(st|nd|rd|th)?[ /.-](of\ |de\ )?(\d{1,2}|{{Month}})[ /.,-]{1,2}(de\ |del\ )?{{Year}}|{{Month}}\ \d{1,2}(st|nd|rd|th)?,?\ {{Year}}
              |{{Year}}[/.-]\d{1,2}[/.-]\d{1,2}|({{Year}}|民[国國]\d{2,3})\ ?年\ ?\d{1,2}\ ?月\ ?\d{1,2}\ ?[日号號]
              |[一二三四五六七八九零〇]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}[日号號]?
          )(?!\d)
        |({{Year}}|民[国國]\d{2,3})\ ?年\ ?\d{1,2}\ ?月\ ?\d{1,2}\ ?[日号號](?=出?生)
        |\d{1,2}(st|nd|rd|th)?\ {{Month}}\.?,?\ ('?\d{2}|{{Year}})(?=\ is\ my\ (birthday|date\ of\ birth|dob))
        """,
        Loose | Lines)]
    private static partial Regex BirthDate();

    // Argentina's names for bank accounts.
    [GeneratedRegex(@"(?<lead>alias (es |: ?)?)[a-z0-9-]{2,20}(\.[a-z0-9-]{2,20}){1,3}(?!\w)", Loose)]
    private static partial Regex IntroducedAlias();
}
