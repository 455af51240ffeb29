using System.Text.RegularExpressions;
using static Solacore.Core.Safety.Personal.Patterns;

namespace Solacore.Core.Safety.Personal;

/// <summary>Where somebody is: house, street and code as the countries of our languages write them, and points of the globe.</summary>
internal static partial class Places
{
    /// <summary>A square of three metres, without any digit.</summary>
    public static string RemoveThreeWords(string text) => text.Contains("///", StringComparison.Ordinal) ? ThreeWords().Replace(text, " ") : text;

    public static string Remove(string text)
    {
        text = Coordinates().Replace(text, " ");
        text = EnglishAddress().Replace(text, KeepLead);
        text = SpanishAddress().Replace(text, " ");
        text = StateAndPostcode().Replace(text, KeepLead);
        if (HouseNumber().IsMatch(text))
        {
            text = ChineseAddress().Replace(text, " ");
        }

        return MalayAddress().Replace(text, " ");
    }

    /// <summary>Behind a street: the town, which stays, and its code. Four digits that may be a year are none without a state before them.</summary>
    private const string Postcode = $$"""
        (
              (?<lead>(,?\ (-\ )?(?-i:\p{Lu})[\w'’.-]{1,20}){0,4},?\ (-\ )?)
              ((?-i:[A-Z]\d[0-9W]\ ?[A-Z0-9]{4})|(?-i:[A-Z]{1,2}\d[A-Z\d]?\ ?\d[A-Z]{2})|\d{5}(-\d{4})?|\d{6}|(?!19|20)\d{4}){{WordEnd}}
        )?
        """;

    [GeneratedRegex(
        $$"""
        {{WordStart}}((flat|apt|apartment|unit|suite)\.?\ \d{1,4}[A-Za-z]?,?\ )?(\d{1,4}/)?\d{1,5}[A-Za-z]?,?
          \ ((?-i:[NSEW]{1,2})\.?\ )?(((?-i:[A-Z])[\w'’.-]{1,20}\ ){1,3}|\d{1,3}(st|nd|rd|th)\ )
          (
              street|str|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|square|sq|terrace|place|pl|way|close
              |crescent|cres|highway|hwy|parkway|pkwy|gardens|gdns|grove|parade|pde|terrace|tce|mews|row|walk|quay|hill|rise
              |view|circle|cir|trail|trl|loop|alley|esplanade|green|park|wharf|bypass|circuit|cct|turnpike|pike
          ){{WordEnd}}\.?(,?\ (apt|apartment|suite|flat|unit|floor|\#)\.?\ ?\w{1,5})?{{Postcode}}
        |{{WordStart}}((?-i:[A-Z])-?)?\d{1,5}([/-]\d{1,4}){0,3}(/?[A-Za-z])?,\ (((?-i:[A-Z])[\w'’.-]{1,20}|\d{1,2}(st|nd|rd|th)),?\ ){2,8}(-\ ?)?
          \d{6}(?!\d)
        |{{WordStart}}\d{1,5}[A-Za-z]?,?\ (rue|chemin|boul\.?|boulevard)\ (?-i:\p{Lu})[\w'’-]{1,20}
          (\ (?-i:\p{Lu})[\w'’-]{1,20}){0,2}(,\ (?-i:\p{Lu})[\w-]{1,20})?(\ (?-i:[A-Z]{2}))?
        |{{WordStart}}(?-i:[A-Z]\d[A-Z]\ ?\d[A-Z]\d){{WordEnd}}
        |{{WordStart}}p\.?\ ?o\.?\ box\ \d{1,8}{{Postcode}}
        |{{WordStart}}(?-i:[A-Z]{1,2}\d[A-Z\d]?\ \d[A-Z]{2}){{WordEnd}}
        """,
        Loose | Lines)]
    private static partial Regex EnglishAddress();

    [GeneratedRegex(
        $$"""
        {{WordStart}}
          (
              calle|c/|carrer|passeig|avinguda|rúa|avenida|(avda|av|cra|cl)(\.|(?=\s(?!\d{3,5}(?!\w))))|carrera|diagonal|transversal
              |(
                    paseo|plaza|pza\.?|carretera|camino|ronda|travesía|callejón|urbanización|glorieta|pasaje|psje\.?|bulevar
                    |blvd\.?|calzada|privada|prolongación|jirón|jr\.?|rambla|alameda|cerrada|circuito|andador|barrio|colonia
                )(?=\s{0,2}((de|del|la|las|los|el|y)\ ){0,3}((?-i:\p{Lu})|\d{1,2}\ de\ (?-i:\p{Lu})))
          )\s{0,2}((de|del|la|las|los|el|y)\ ){0,3}(?-i:[\p{Lu}\d])[\w'.]{0,20}
          (\ (de\ |del\ |la\ |las\ |los\ |el\ |y\ ){0,2}(?-i:\p{Lu})[\w'.]{1,20}){0,4},?\ {0,2}(\d{1,4}[A-Za-z]?\ ?)?
          (n[º°.o]?\.?\ ?|\#\ ?|núm\.?\ ?|número\ )?\d{1,5}(\ ?-\ ?\d{1,4})?{{WordEnd}}
          (,?\ ?\d{1,2}([º°ª]|(?-i:[oa](?=[\ A-Z])))\ ?(-?\ ?[A-Za-z]{1,4}{{WordEnd}})?)?
          (,?\ (piso|puerta|bajo|portal|esc\.?|((apto|depto|dpto|int)\.?|interior|local|oficina)(?=\ ?\d))\ ?\w{0,4})?
          (,?\ \d{5}(?!\d))?
        |{{WordStart}}(?-i:\p{Lu})\w{2,20}(\ (?-i:\p{Lu})\w{2,20})?\ \d{1,5},?
          \ (
              (piso|depto\.?|dpto\.?|departamento|timbre|puerta|portal|local)\ ?\d{1,3}(\ ?(?-i:[A-Z])(?!\w))?
              |\d{1,2}([º°ª]|o(?=\ ?[A-Z]))\ ?(?-i:[A-Z])?(?!\w)
          )
        |(?<!\w)(cdla\.?|ciudadela|urb\.?|urbanización)\ (?-i:\p{Lu})[\w ]{2,40},\ (mz\.?|manzana)\ ?\d{1,4}
          (,?\ (villa|solar|lote|lt\.?|casa)\ ?\d{1,4})?
        |(?<=(?<!\w)(vivo|vive|vivimos|viven|está|queda|casa|domicilio|dirección|alquiler)\ (es\ )?(en|de|a|es):?\ )
          (?!\w{2,20}\ (19|20)\d\d(?!\d))(?-i:\p{Lu})\w{2,20}(\ (de\ |del\ |la\ |las\ |los\ ){0,2}(?-i:\p{Lu})\w{2,20}){0,3}
          \ \d{2,5}(?!\w|[.,]\d)(,\ (?-i:\p{Lu})\w{2,20})?
        """,
        Loose | Lines)]
    private static partial Regex SpanishAddress();

    [GeneratedRegex(@"[0-9][号號栋棟幢座弄楼樓]", Exact)]
    private static partial Regex HouseNumber();

    [GeneratedRegex(
        """
        ([\u4e00-\u9fff]{2,8}?(省|自治区))?(?:(?<![\u4e00-\u9fff])|(?<=[在到是于於喺:：往去])|(?<=[省区]))[\u4e00-\u9fff]{2,8}?[市州县縣]
          (?:[\u4e00-\u9fff]{1,8}?[区區县縣镇鎮乡鄉])?[\u4e00-\u9fff]{1,12}?([一二三四五六七八九十\d]{1,3}段)?(\d{1,4}巷)?(\d{1,4}弄)?
          (\d{1,3}[组組])?\d{1,5}([号號栋棟幢座]|弄)([\u4e00-\u9fff\dA-Za-z-]{0,6}?\d{1,5}([号號栋棟幢座楼樓层層室]|单元|單元)){0,4}(\d{2,5}(?!\d))?
          (之\d{1,3})?
        |(?:(?<![\u4e00-\u9fff])|(?<=[在到是于於喺住寄往去]))[\u4e00-\u9fff]{2,4}?[区區县縣][\u4e00-\u9fff]{2,10}?\d{1,5}[号號栋棟幢座楼樓]
          ([\u4e00-\u9fffA-Za-z]{0,4}?\d{1,4}([号號栋棟幢座楼樓层層室]|单元|單元)){0,3}
        |[\u4e00-\u9fff-[在到于於喺]]{1,8}?[路街道巷里村]([东東西南北中]段|[一二三四五六七八九十\d]{1,3}段)?(\d{1,3}[组組])?(\d{1,4}巷)?(\d{1,4}弄)?\d{1,5}[号號](院|之\d{1,3})?
          ([\u4e00-\u9fffA-Za-z]{0,8}?\d{1,4}([号號栋棟幢座楼樓层層室]|单元|單元)){0,4}
        |[\u4e00-\u9fff]{2,10}?(小区|花园|公寓|大厦|家园|苑|城|里|新村|社区|大廈|花園|邨|村)[A-Za-z]?\d{1,4}([号號栋棟幢座])
          ([\dA-Za-z-]{0,4}?\d{1,4}([号號楼樓层層室]|单元|單元)?){0,4}
        """,
        Exact | Lines)]
    private static partial Regex ChineseAddress();

    [GeneratedRegex(
        $$"""
        ((大牌|blk|block)\ ?\d{1,4}[A-Za-z]?[号號]?|{{WordStart}}\d{1,4}[A-Za-z]?\ (?-i:[A-Z])[\w']{1,20}(\ (?-i:[A-Z])[\w']{1,20}){0,3}),?
          \ ?\#\d{1,3}-\d{1,4}(,?\ (Singapore\ )?\d{6}(?!\d))?
        |{{WordStart}}\d{1,4}[A-Za-z]?,\ (jalan|jln|lorong|persiaran)\ [\w\ /]{2,30},\ \d{5}(?!\d)
        """,
        Loose | Lines)]
    private static partial Regex MalayAddress();

    // Of the United States and Australia.
    [GeneratedRegex(
        """
        (?<lead>
              (?<!\w)
                (
                    A[KLRZ]|C[AOT]|DE|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]
                )[\ ]
          )\d{5}(-\d{4})?(?![\w%]|[.,]\d)
        |(?<lead>(?<!\w)(NSW|VIC|QLD|TAS|ACT|NT|SA|WA)\ )\d{4}(?![\w%]|[.,]\d)
        """,
        Exact | Lines)]
    private static partial Regex StateAndPostcode();

    // In degrees, to ten metres or closer.
    [GeneratedRegex(
        """
        (?<![\w.-[\u3400-\u9fff]])[-+]?\d{1,2}\.\d{4,15}°?\ ?[NS]?[,，、;/\ ]{1,3}(y\ |and\ )?
          ((lng|lon(g(itude?|itud)?)?)\.?[:=]?\ ?)?[-+]?\d{1,3}\.\d{4,15}(°?\ ?[EWO])?(?![\w.]\d|\w)
        |(?<=(?<!\w)lat(itude?|itud)?\.?[:=]?\ )-?\d{1,2},\d{4,15}[;,]?
          \ ((lng|lon(g(itude?|itud)?)?)\.?[:=]?\ ?)?-?\d{1,3},\d{4,15}(?!\d)
        |(?<!\w)[NS]\ ?\d{1,2}\ ?[°º ]\ ?\d{1,2}\.\d{2,4}['′’]?[,;\ ]{0,3}[EWO]\ ?\d{1,3}\ ?[°º ]\ ?\d{1,2}\.\d{2,4}['′’]?
        |[北南][纬緯]\d{1,2}度(\d{1,2}分([\d.]{1,8}秒)?)?[,，、\ ]{0,2}[东東西][经經]\d{1,3}度(\d{1,2}分([\d.]{1,8}秒)?)?
        |(?<!\w)(?-i:[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3})(?!\w)
        |\d{1,2}\ ?°\ ?\d{1,2}\ ?['′’]\ ?(\d{1,2}([.,]\d{1,5})?\ ?(["″”]|''))?\ ?[NS][,;\ ]{0,3}
          \d{1,3}\ ?°\ ?\d{1,2}\ ?['′’]\ ?(\d{1,2}([.,]\d{1,5})?\ ?(["″”]|''))?\ ?[EWO](?!\w)
        """,
        Loose | Lines)]
    private static partial Regex Coordinates();

    // https://what3words.com
    [GeneratedRegex(@"(?<!\S)///[a-z]{2,20}(\.[a-z]{2,20}){2}", Loose)]
    private static partial Regex ThreeWords();
}
