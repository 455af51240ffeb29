using System.Text.RegularExpressions;
using static Solacore.Core.Safety.Personal.Patterns;

namespace Solacore.Core.Safety.Personal;

/// <summary>Where somebody is: house, street and code as the countries of our languages write them, and points of the globe.</summary>
internal static partial class Places
{
    /// <summary>八十八号: a house whose number has no digit.</summary>
    public static string RemoveSpelledHouses(string text) => SpelledHouseNumber().IsMatch(text) ? SpelledHouse().Replace(text, " ") : text;

    /// <summary>A square of three metres, without any digit.</summary>
    public static string RemoveThreeWords(string text) => text.Contains("///", StringComparison.Ordinal) ? ThreeWords().Replace(text, " ") : text;

    public static string Remove(string text)
    {
        text = Coordinates().Replace(text, " ");
        text = EnglishAddress().Replace(text, KeepLead);
        text = TypedEnglishAddress().Replace(text, " ");
        text = ColombianAddress().Replace(text, " ");
        text = SpanishAddress().Replace(text, " ");
        text = TypedSpanishAddress().Replace(text, " ");
        text = StateAndPostcode().Replace(text, KeepLead);
        if (HouseNumber().IsMatch(text))
        {
            text = ChineseAddress().Replace(text, address => LargeCity().Match(address.Value).Value + " ");
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
              |view|croft|fold|garth|wynd|brae|vale|villas|cottages|bank(?=,|\.?\s*$)|circle|cir|trail|trl|loop|alley|esplanade|green|park|wharf|bypass|circuit|cct|turnpike|pike
          ){{WordEnd}}\.?(,?\ (apt|apartment|suite|flat|unit|floor|\#)\.?\ ?\w{1,5})?{{Postcode}}
        |{{WordStart}}((?-i:[A-Z])-?)?\d{1,5}([/-]\d{1,4}){0,3}(/?[A-Za-z])?,\ (((?-i:[A-Z])[\w'’.-]{1,20}|\d{1,2}(st|nd|rd|th)),?\ ){2,8}(-\ ?)?
          \d{6}(?!\d)
        |{{WordStart}}(h|d|flat|house|door|plot)\.?[ -]?no\.?:?\ ?((?-i:[A-Z])-?)?\d{1,5}([/-]\w{1,4}){0,4}(?!\w)
          (,(\ (?-i:[A-Z])[\w'’.]{1,20}){1,3}(\ \d{1,3}(?!\w)|(?<=\ (road|rd|street|st|lane|marg|nagar|colony|layout)\.?))){0,2}{{Postcode}}
        |{{WordStart}}(plot|house|flat)\ \d{1,5}[A-Za-z]?,?\ (sector|phase|block)[ -]?\d{1,3}[A-Za-z]?(?!\w)
        |{{WordStart}}no\.?\ ?\d{1,4}[A-Za-z]?(,\ \d{1,2}(st|nd|rd|th)\ (cross|main|block|stage|phase|sector|street)(\ (road|street))?){1,3}(?!\w)
        |{{WordStart}}(?-i:[A-Z])-?\d{1,4},?\ ((?-i:[A-Z])[\w'’.]{1,20}\ ){1,3}(heights|towers?|apartments?|residency|enclave|society|nagar|colony|complex)(?!\w)
        |{{WordStart}}\d{1,5}[A-Za-z]?,?\ (rue|chemin|boul\.?|boulevard)\ (de\ la\ |de\ |du\ |des\ )?(?-i:\p{Lu})[\w'’-]{1,20}
          (\ (?-i:\p{Lu})[\w'’-]{1,20}){0,2}(,\ (?-i:\p{Lu})[\w-]{1,20})?(\ (?-i:[A-Z]{2}))?
        |{{WordStart}}(?-i:[A-Z]\d[A-Z]\ ?\d[A-Z]\d){{WordEnd}}
        |{{WordStart}}p\.?\ ?o\.?\ box\ \d{1,8}{{Postcode}}
        |{{WordStart}}(?-i:[A-Z]{1,2}\d[A-Z\d]?\ \d[A-Z]{2}){{WordEnd}}
        |{{WordStart}}(?-i:[a-z]{1,2}\d[a-z\d]?\ \d(?!st|nd|rd|th|er|da|ra|ta|gb|tb|hs|hr|ft|lb|xl|yr|px|ps)[abd-hjlnp-uw-z]{2}){{WordEnd}}
        """,
        Loose | Lines)]
    private static partial Regex EnglishAddress();

    private const string TypedHouse = """
        (?<![\w./:,\#$€£-])((?<=(flat|apt|apartment|unit|suite)\.?\ )\d{1,4}[a-z]?,?\ )?\d{1,5}[a-z]?,?
        """;

    /// <summary>A word of a street's name: "12 years down the road" and "a 5 minute drive" hold none.</summary>
    private const string StreetNameWord = """
        \ (?!(
              (year|month|week|day|hour|min(ute)?|mile|km|kilomet(er|re)|block|met(er|re)|car|house|time|kid|lane|bed(room)?|room|stor(e?y|ie)|floor)s?
              |feet|foot|people|persons?|more|other|different|i|we|you|my|your|his|her|our|their|about|than|of|the|an?|in|on|at|into|down|up|off|from|to|and|or|for|with|is|was|across|along|per|away|way|star
              |wheel|busy|dead|long|big|side|bus|subway
            )\b)[a-z][a-z'’.-]{1,20}
        """;

    // As it is typed on a phone, all small: behind what introduces an address, or with a word that is a street and nothing else.
    [GeneratedRegex(
        $$"""
        {{TypedHouse}}
          (?<=
              {{WordStart}}
                (
                    (live|lives|lived|living|stay|staying|stays|moved|reside|resides|located|based)\ (at|on|in|to)
                    |(meet\ me|come|i['’]?m|we['’]?re)\ (over\ )?(at|to)
                    |address('s|\ is|\ was)?|home\ is|house\ is|(deliver|send|ship|mail|post)(\ it|\ this|\ them)?\ to
                )[:,]?\ (the\ )?((flat|apt|apartment|unit|suite)\.?\ )?(\d{1,4}[a-z]?,?\ )?\d{1,5}[a-z]?,?
          )({{StreetNameWord}}){1,3}
          \ (
              street|str|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|square|sq|terrace|place|pl|close
              |crescent|cres|highway|hwy|parkway|pkwy|gardens|gdns|grove|parade|mews|row|hill|circle|trail|loop|alley|park
          )(?!\w)(,?\ (apt|apartment|suite|flat|unit|floor|\#)\.?\ ?\d\w{0,4})?((,?({{StreetNameWord}})){1,3},?\ \d{5}(-\d{4})?(?!\w|[.,]\d))?
        |{{TypedHouse}}(?<!(?<!\d)1|(?<!\w)(an?|the|this|that|every|each|like|chapter|in|since|by)\ \d{1,5})({{StreetNameWord}}){1,2}
          \ (street|avenue|road|lane|boulevard|blvd|terrace|crescent)(?!\w)
          (?=\s*($|[,.;:!?)\#]|(apt|apartment|suite|flat|unit|in|near|and|but|where|please|thanks)(?!\w)))
          (,?\ (apt|apartment|suite|flat|unit|\#)\.?\ ?\d\w{0,4})?
        """,
        Loose | Lines)]
    private static partial Regex TypedEnglishAddress();

    [GeneratedRegex(
        $$"""
        {{WordStart}}
          (
              calle|c/|carrer|passeig|avinguda|rúa|avenida|(avda|av|cra|cl)(\.|(?=\s(?!\d{3,5}(?!\w))))|carrera(?!\ de\ \d)|diagonal|transversal
              |(
                    paseo|plaza|pza\.?|carretera|camino|ronda|travesía|callejón|urbanización|glorieta|pasaje|psje\.?|bulevar
                    |blvd\.?|bv[dr]?\.?|calzada|privada|prolongación|jirón|jr\.?|rambla|alameda|cerrada|circuito|andador|barrio|colonia
                )(?=\s{0,2}((de|del|la|las|los|el|y)\ ){0,3}((?-i:\p{Lu})|\d{1,2}\ de\ (?-i:\p{Lu})))
          )\s{0,2}((de|del|la|las|los|el|y)\ ){0,3}(?-i:[\p{Lu}\d])[\w'.]{0,20}
          (\ (de\ |del\ |la\ |las\ |los\ |el\ |y\ ){0,2}(?-i:\p{Lu})[\w'.]{1,20}){0,4},?\ {0,2}(\d{1,4}[A-Za-z]?\ ?)?
          (n[º°.o]?\.?\ ?|\#\ ?|núm\.?\ ?|número\ )?\d{1,5}(\ ?-\ ?\d{1,4})?{{WordEnd}}
          (,?\ ?\d{1,2}(\.?[º°ª]|\.?(?-i:[oa](?=[\ A-Z])))\ ?(-?\ ?[A-Za-z]{1,4}{{WordEnd}})?)?
          (,?\ (piso|puerta|bajo|portal|esc\.?|((apto|depto|dpto|int)\.?|interior|local|oficina)(?=\ ?\d))\ ?\w{0,4})?
          (,?\ \d{5}(?!\d))?
        |{{WordStart}}(?-i:\p{Lu})\w{2,20}(\ (?-i:\p{Lu})\w{2,20})?\ \d{1,5},?
          \ (
              (piso|depto\.?|dpto\.?|departamento|timbre|puerta|portal|local)\ ?\d{1,3}(\ ?(?-i:[A-Z])(?!\w))?
              |\d{1,2}([º°ª]|o(?=\ ?[A-Z]))\ ?(?-i:[A-Z])?(?!\w)
          )
        |(?<!\w)(cdla\.?|ciudadela|urb\.?|urbanización)\ (?-i:\p{Lu})[\w ]{2,40},\ (mz\.?|manzana)\ ?\d{1,4}
          (,?\ (villa|solar|lote|lt\.?|casa)\ ?\d{1,4})?
        |(?<=(?<!\w)(estoy|estamos|atiende|trabajo|trabaja|me\ mud[eé]|te\ espero|nos\ vemos|paso|la\ oficina|el\ consultorio)\ (es\ |est[aá]\ )?(en|a|por)\ )
          (?!(Boeing|Airbus|Ruta|Sala|Aula|Nivel|Piso|Grupo)\ )(?-i:\p{Lu})\w{2,20}(\ (?-i:\p{Lu})\.)?(\ (de\ |del\ |la\ |las\ |los\ ){0,2}(?-i:\p{Lu})\w{2,20}){0,3}
          \ (?!(19|20)\d\d(?!\d))\d{3,5}(?=\s*($|[,.;!?)](?!\d)))(,\ (?-i:\p{Lu})\w{2,20})?
        |(?<=(?<!\w)(vivo|vive|vivimos|viven|está|queda|casa|domicilio|dirección|alquiler)\ (es\ )?(en|de|a|es):?\ )
          (?!\w{2,20}\ (19|20)\d\d(?!\d))(?-i:\p{Lu})\w{2,20}(\ (de\ |del\ |la\ |las\ |los\ ){0,2}(?-i:\p{Lu})\w{2,20}){0,3}
          \ (\d{2,5}(?!\w|[.,]\d)|\d(?=\s*($|[,.;!?)](?!\d))))(,\ (?-i:\p{Lu})\w{2,20})?
        """,
        Loose | Lines)]
    private static partial Regex SpanishAddress();

    // "Cll 127 No. 15B-41 apto 502": a street, the street that crosses it, and the metres from there.
    [GeneratedRegex(
        """
        (?<!\w)(calle|cll?|carrera|cra|kra?|cr|diagonal|diag|dg|transversal|transv|tv|avenida|av)\.?\ ?\d{1,3}\ ?[a-z]?(\ bis)?(\ (sur|norte|este|oeste))?
          \ ?(\#|n[º°o]\.?|nro\.?|n[uú]m\.?|n[uú]mero)\ ?\d{1,3}\ ?[a-z]?(\ bis)?\ ?-\ ?\d{1,3}(?!\d)(\ (sur|norte|este|oeste)(?!\w))?
          (,?\ (apto|apartamento|casa|torre|interior|int|piso|oficina|of|local|bloque|bl)\.?\ ?\d{1,5}[a-z]?(?!\w)){0,3}
        """,
        Loose | Lines)]
    private static partial Regex ColombianAddress();

    // As it is typed on a phone, all small: "la calle mayor 5", not "la calle tiene 5 casas".
    [GeneratedRegex(
        """
        (?<!\w)(calle|c/|carrer|avenida|avda\.?|av\.|plaza|pza\.?|paseo|bulevar|glorieta)
          (
              \ ((de|del|la|las|los|el|y)\ ){0,3}
              (?!(
                    de|del|las?|los|el|y|en|a|con|sin|desde|hasta|hace|hay|había|tiene|tenía|tengo|tenemos|tienen|sobre|para|por|como|casi|unas?|unos?|vez|veces
                    |cada|durante|entre|tras|estaba|estaban|está|están|era|eran|fue|fueron|es|son|ya|más|mas|menos|que|cuando|donde|porque|pero|vi|número|numero
                    |núm|solo|sólo|otra|otros?|otras|llevo|lleva|llevamos|cuesta|cierra|abre|mide|pasan?|pasaron|pasaban|dos|tres
                )\b)\p{L}[\p{L}'.]{1,20}
          ){1,4},?\ (n[º°.o]\.?\ ?|\#\ ?|núm\.?\ ?|n[uú]mero\ )?\d{1,4}(?![\w]|[.,:/-]\d)
          (?=\s*($|[,.;:!?)]|(en|y|pero|piso|puerta|portal|bajo|bloque|escalera|esc)(?!\w)|\d{1,2}\ ?[º°ª]))
          (,?\ \d{1,2}\ ?([º°ª]\ ?)?[a-z]?(?!\w))?(,?\ (piso|puerta|portal|bajo|bloque|esc(alera)?)\.?\ ?\w{0,3}(?!\w))?(,?\ \d{5}(?!\d))?
        """,
        Loose | Lines)]
    private static partial Regex TypedSpanishAddress();

    [GeneratedRegex(@"[0-9] ?[号號栋棟幢座弄楼樓]", Exact)]
    private static partial Regex HouseNumber();

    [GeneratedRegex(
        """
        ([\u4e00-\u9fff]{2,8}?(省|自治区))?(?:(?<![\u4e00-\u9fff])|(?<=[在到是于於喺:：往去])|(?<=[省区]))[\u4e00-\u9fff]{2,8}?[市州县縣]
          (?:[\u4e00-\u9fff]{1,8}?[区區县縣镇鎮乡鄉])?[\u4e00-\u9fff]{1,12}?([一二三四五六七八九十\d]{1,3}段)?(\d{1,4}巷)?(\d{1,4}弄)?
          (\d{1,3}[组組])?\ ?\d{1,5}\ ?([号號栋棟幢座]|弄)([\u4e00-\u9fff\dA-Za-z-]{0,6}?\d{1,5}([号號栋棟幢座楼樓层層室]|单元|單元)){0,4}(\d{2,5}(?!\d))?
          (之\d{1,3})?
        |(?:(?<![\u4e00-\u9fff])|(?<=[在到是于於喺住寄往去]))[\u4e00-\u9fff]{2,4}?[区區县縣][\u4e00-\u9fff]{2,10}?\ ?\d{1,5}\ ?[号號栋棟幢座楼樓]
          ([\u4e00-\u9fffA-Za-z]{0,4}?\d{1,4}([号號栋棟幢座楼樓层層室]|单元|單元)){0,3}
        |[\u4e00-\u9fff-[在到于於喺]]{1,8}?[路街道巷里村]([东東西南北中]段|[一二三四五六七八九十\d]{1,3}段)?(\d{1,3}[组組])?(\d{1,4}巷)?(\d{1,4}弄)?\ ?\d{1,5}\ ?[号號](院|之\d{1,3})?
          ([\u4e00-\u9fffA-Za-z]{0,8}?\d{1,4}([号號栋棟幢座楼樓层層室]|单元|單元)){0,4}(之\d{1,3})?
        |[\u4e00-\u9fff]{2,10}?(小区|花园|公寓|大厦|家园|苑|城|里|新村|社区|大廈|花園|邨|村)[A-Za-z]?\d{1,4}([号號栋棟幢座])
          ([\dA-Za-z-]{0,4}?\d{1,4}([号號楼樓层層室]|单元|單元)?){0,4}
        """,
        Exact | Lines)]
    private static partial Regex ChineseAddress();

    /// <summary>At the beginning of an address, with what leads to it: a place where millions live says little, and much about what weighs on somebody.</summary>
    [GeneratedRegex(
        """
        ^([\u4e00-\u9fff]{0,6}?[在到是于於住往去寄])?
          (
              北京|上海|天津|重庆|重慶|广州|廣州|深圳|杭州|苏州|蘇州|南京|成都|武汉|武漢|西安|长沙|長沙|郑州|鄭州|青岛|青島|宁波|寧波|厦门|廈門|福州|合肥|济南
              |濟南|沈阳|瀋陽|大连|大連|哈尔滨|哈爾濱|长春|長春|昆明|贵阳|貴陽|南宁|南寧|南昌|海口|太原|石家庄|兰州|蘭州|无锡|無錫|佛山|东莞|東莞|珠海|中山|惠州|温州|溫州
              |常州|徐州|烟台|泉州|嘉兴|台北|臺北|新北|桃園|桃园|台中|臺中|台南|臺南|高雄|新竹|基隆|香港|澳門|澳门
          )
          市?
        """,
        Exact | Lines)]
    private static partial Regex LargeCity();

    [GeneratedRegex(@"[街道同巷路段][一二三四五六七八九十百零〇]{1,6}[号號]", Exact)]
    private static partial Regex SpelledHouseNumber();

    // 建国路八十八号, not 走上路八号出发: that is a day.
    [GeneratedRegex(
        """
        [\u4e00-\u9fff-[在到于於喺]]{2,8}?(街|大道|胡同|巷|(?<![走上赶趕半一在迷带帶铺鋪跑过過马馬公])路)([东東西南北中]段)?
          [一二三四五六七八九十百零〇]{1,6}[号號](?![线線])([\u4e00-\u9fff]{0,4}?[一二三四五六七八九十百零〇\d]{1,4}([栋棟幢座楼樓层層室]|单元|單元)){0,3}
        """,
        Exact | Lines)]
    private static partial Regex SpelledHouse();

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
