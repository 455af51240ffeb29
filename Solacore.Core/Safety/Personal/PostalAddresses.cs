using System.Text.RegularExpressions;
using static Solacore.Core.Safety.Personal.Patterns;

namespace Solacore.Core.Safety.Personal;

/// <summary>Where somebody lives: house, street and code as the countries of our languages write them.</summary>
internal static partial class PostalAddresses
{
    public static string Remove(string text)
    {
        text = EnglishAddress().Replace(text, " ");
        text = SpanishAddress().Replace(text, " ");
        if (HouseNumber().IsMatch(text))
        {
            text = ChineseAddress().Replace(text, " ");
        }

        return SingaporeFlat().Replace(text, " ");
    }

    [GeneratedRegex(
        $$"""
        {{WordStart}}((flat|apt|apartment|unit|suite)\.?\ \d{1,4}[A-Za-z]?,?\ )?\d{1,5}[A-Za-z]?,?
          \ ((?-i:[NSEW])\ )?((?-i:[A-Z])[\w'’.-]{1,20}\ ){1,3}
          (
              street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|square|sq|terrace|place|pl|way|close
              |crescent|cres|highway|hwy|parkway|pkwy|gardens|gdns|grove|parade|pde|terrace|tce|mews|row|walk|quay|hill|rise
              |view|circle|cir|trail|trl|loop|alley|esplanade|green|park|wharf|bypass|circuit|cct|turnpike|pike
          ){{WordEnd}}\.?(,?\ (apt|apartment|suite|flat|unit|floor|\#)\.?\ ?\w{1,5})?
          (,\ (?-i:[A-Z])[A-Za-z]{1,20}(\ (?-i:[A-Z])[A-Za-z]{1,20})?)?(,?\ (?-i:[A-Z]{2})\ \d{5})?
          (,?\ (?-i:[A-Z]{1,2}\d[A-Z\d]?\ ?\d[A-Z]{2}))?
        |{{WordStart}}((?-i:[A-Z])-?)?\d{1,5}(/\d{1,4})?[A-Za-z]?,\ ((?-i:[A-Z])[\w'’.-]{1,20},?\ ){2,8}(-\ ?)?
          \d{6}(?!\d)
        |{{WordStart}}\d{1,5}[A-Za-z]?,?\ (rue|chemin|boul\.?|boulevard)\ (?-i:\p{Lu})[\w'’-]{1,20}
          (\ (?-i:\p{Lu})[\w'’-]{1,20}){0,2}(,\ (?-i:\p{Lu})[\w-]{1,20})?(\ (?-i:[A-Z]{2}))?
        |{{WordStart}}(?-i:[A-Z]\d[A-Z]\ ?\d[A-Z]\d){{WordEnd}}
        |{{WordStart}}p\.?\ ?o\.?\ box\ \d{1,8}
        |{{WordStart}}(?-i:[A-Z]{1,2}\d[A-Z\d]?\ \d[A-Z]{2}){{WordEnd}}
        """,
        Loose | Lines)]
    private static partial Regex EnglishAddress();

    [GeneratedRegex(
        $$"""
        {{WordStart}}
          (
              calle|c/|avenida|(avda|av|cra|cl)(\.|(?=\s))|carrera|diagonal|transversal
              |(
                    paseo|plaza|pza\.?|carretera|camino|ronda|travesía|callejón|urbanización|glorieta|pasaje|psje\.?|bulevar
                    |blvd\.?|calzada|privada|prolongación|jirón|jr\.?|rambla|alameda|cerrada|circuito|andador|barrio|colonia
                )(?=\s{0,2}((de|del|la|las|los|el|y)\ ){0,3}((?-i:\p{Lu})|\d{1,2}\ de\ (?-i:\p{Lu})))
          )\s{0,2}((de|del|la|las|los|el|y)\ ){0,3}(?-i:[\p{Lu}\d])[\w'.]{0,20}
          (\ (de\ |del\ |la\ |las\ |los\ |el\ |y\ ){0,2}(?-i:\p{Lu})[\w'.]{1,20}){0,4},?\ {0,2}(\d{1,4}[A-Za-z]?\ ?)?
          (n[º°.o]?\.?\ ?|\#\ ?|núm\.?\ ?|número\ )?\d{1,5}(\ ?-\ ?\d{1,4})?{{WordEnd}}
          (,?\ ?\d{1,2}[º°ª]\ ?(-?\ ?[A-Za-z]{1,4}{{WordEnd}})?)?
          (,?\ (piso|puerta|bajo|portal|esc\.?)\ ?\w{0,4})?(,?\ \d{5}(\ (?-i:\p{Lu})[\w]{1,20})?)?
        |{{WordStart}}(?-i:\p{Lu})\w{2,20}(\ (?-i:\p{Lu})\w{2,20})?\ \d{1,5},?
          \ (
              (piso|depto\.?|dpto\.?|departamento|timbre|puerta|portal|local)\ ?\d{1,3}(\ ?(?-i:[A-Z])(?!\w))?
              |\d{1,2}[º°ª]\ ?(?-i:[A-Z])?(?!\w)
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
        |[\u4e00-\u9fff-[在到于於喺]]{1,8}?[路街道巷里村]([一二三四五六七八九十\d]{1,3}段)?(\d{1,4}巷)?(\d{1,4}弄)?\d{1,5}[号號](院|之\d{1,3})?
          ([\u4e00-\u9fffA-Za-z]{0,8}?\d{1,4}([号號栋棟幢座楼樓层層室]|单元|單元)){0,4}
        |[\u4e00-\u9fff]{2,10}?(小区|花园|公寓|大厦|家园|苑|城|里|新村|社区|大廈|花園|邨|村)[A-Za-z]?\d{1,4}([号號栋棟幢座])
          ([\dA-Za-z-]{0,4}?\d{1,4}([号號楼樓层層室]|单元|單元)?){0,4}
        """,
        Exact | Lines)]
    private static partial Regex ChineseAddress();

    [GeneratedRegex(@"(大牌|blk|block) ?\d{1,4}[A-Za-z]?[号號]?,? ?#\d{1,3}-\d{1,4}", Loose)]
    private static partial Regex SingaporeFlat();
}
