using System.Text.RegularExpressions;
using Solacore.Core.Language;
using Solacore.Core.Words;

namespace Solacore.Core.Solve;

/// <summary>Finds out which of the three options a message picks: by letter, by number word, or by words of its title.</summary>
internal static partial class OptionChoice
{
    // NonBacktracking keeps matching linear on any input.
    private const RegexOptions Options = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    // Fixed words: linear with any engine, and without the tables of the other one.
    private const RegexOptions FixedWords = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    /// <summary>In a longer message (characters) "a" and "1" are words like others.</summary>
    private const int LongestPick = 40;

    // "a", "b)", "option c", "the second one", "I'd go with the first", "C sounds good", "la primera", "第三个", "选b"; not
    // "a friend told me".
    private static readonly Regex Pick = new(
        @"^\W*((well|maybe|probably|perhaps|ok|so|then|actually|hm+|yes|more( like)?|rather|bueno|pues|entonces|quizas?|creo que|en realidad|mas bien|si|嗯|其实|我?觉得)[,.]* ?)*"
        + @"((i think )?(i |i'?d |i would |i'?ll |i will |i want to |let'?s )?(rather )?(choose|pick|take|like|prefer|go (with|for)|do|rather) |(i think |i guess )"
        + @"|(mejor )?(elijo |prefiero |escojo |tomo |hago |hagamos |me quedo con |me gusta (mas )?|(me )?(voy|vamos) (con|a por|por) )|mejor "
        + @"|我?(那|还是|先|就)*(选择|选|要|做|用|试|来|喜欢|觉得)?)?"
        + @"(the |la |el |lo )?((option|opcion|number|numero|选项|方案)\s*)?"
        + @"((?<first>a|1|one|first|primer[ao]?|第?一)|(?<second>b|2|two|second|segund[ao]|第?二)|(?<third>c|3|three|third|tercer[ao]?|第?三))"
        + @"( one| option| opcion|个|项|种|条)?(吧|更?好|挺好|不错|更像|比较好|好了|试试)*"
        + @"( (sounds|looks|seems|feels|fits|is|suena|parece|me parece|encaja|es) (good|best|better|right|fine|closer|bien|mejor|la mejor)( to me)?)?"
        + @"((,? (please|i guess|i think|then|instead|for now|maybe|por favor|supongo|creo|entonces|mejor|pues))*\s*($|[).:,，。、）：!！]))",
        Options);

    private static readonly Regex Declined = new(
        @"^\W*((no|well|honestly|sorry|hm+|pues|la verdad|嗯|其实|我觉得),? )*(neither|none( of (these|those|them|the three))?|not any of|i (don't|do not) (like|want) any|ninguna|ninguno|nada de (esto|eso)|no me (convence|gusta|sirve|ayuda|vale)n? (ninguna|ninguno|nada))\b"
        + @"|都不(想|喜欢|行|好|合适|适合|对|要|选|太)|都没(用|什么用)|没有?一个(合适|适合|喜欢|想|有用)",
        Options);

    /// <summary>The option that a message picks, or null.</summary>
    public static int? In(string text, IReadOnlyList<SolveOption> options)
    {
        var plain = Plain(text);
        for (var index = 0; index < options.Count; index++)
        {
            // Every text contains an empty one.
            if (Title(options[index]) is { Length: > 0 } title && plain.Contains(title, StringComparison.Ordinal))
            {
                return index;
            }
        }

        return Letter(plain) is { } letter ? (letter < options.Count ? letter : null) : Named(plain, options);
    }

    /// <summary>0 for "a", "1" or "the first one", and so on; null when the message says something else.</summary>
    /// <param name="plain">From <see cref="Wording.Plain"/>.</param>
    public static int? Letter(string plain) => Pick.Match(Fold.Plain(plain)) switch
    {
        { Success: false } => null,
        var match when match.Groups["first"].Success => 0,
        var match when match.Groups["second"].Success => 1,
        _ => 2,
    };

    /// <summary>True when a text is nothing but the pick of an option: "A", "I'd rather do the first one then".</summary>
    /// <param name="plain">From <see cref="Wording.Plain"/>.</param>
    public static bool IsPick(string plain)
    {
        var bare = Fold.Plain(plain).TrimEnd('.', '!', '。', '！', ' ');
        return Pick.Match(bare) is { Success: true } pick && pick.Length == bare.Length;
    }

    /// <summary>The two options that a message wants together, in their order; none when it does not name exactly two.</summary>
    public static IReadOnlyList<int> Two(string text, IReadOnlyList<SolveOption> options)
    {
        var plain = Plain(text);
        if (plain.Length > LongestPick)
        {
            return [];
        }

        var named = Together().IsMatch(plain)
            ? Letters().Matches(plain).Select(match => IndexOf(match.Groups["letter"].Value)).Where(index => index < options.Count).Distinct().Order().ToList()
            : [];
        return named.Count == 2 ? named : [];
    }

    /// <summary>True for "none of these help me".</summary>
    public static bool IsNone(string text) => Declined.IsMatch(Plain(text));

    /// <summary>"The seven-day one": all that the message says stands in the title of one option only.</summary>
    private static int? Named(string plain, IReadOnlyList<SolveOption> options)
    {
        var words = Words(plain);
        var holders = Enumerable.Range(0, options.Count).Where(index => Holds(Title(options[index]), words)).ToList();
        return words.Exists(word => word.Length >= (Han.Is(word[0]) ? 2 : 4)) && holders.Count == 1 ? holders[0] : null;
    }

    /// <summary>Without the mark of a title that was cut.</summary>
    private static string Title(SolveOption option) => Wording.Plain(option.Title.TrimEnd('…'));

    private static List<string> Words(string plain) => [.. SmallWord().Split(plain).Where(word => word.Length > 0)];

    private static bool Holds(string title, List<string> words)
    {
        var own = Words(title);
        return words.TrueForAll(word => Han.Is(word[0]) ? title.Contains(word, StringComparison.Ordinal) : own.Exists(one => IsSame(word, one)));
    }

    /// <summary>"Testing" is in "Test one assumption", too.</summary>
    private static bool IsSame(string word, string own) => word == own || word == own + "ing";

    private static int IndexOf(string letter) => letter switch
    {
        "a" or "1" or "first" or "primera" or "一" => 0,
        "b" or "2" or "second" or "segunda" or "二" => 1,
        _ => 2,
    };

    /// <summary>A keycap is its digit with two marks behind.</summary>
    private static string Plain(string text) =>
        Wording.Plain(text).Replace("\ufe0f", "", StringComparison.Ordinal).Replace("\u20e3", "", StringComparison.Ordinal);

    // "b and c both", "la a y la c", "a和c", "both".
    [GeneratedRegex(@"\b(?<letter>[abc]|[123]|first|second|third|primera|segunda|tercera)\b|(?<letter>[abc一二三])(和|跟|加|个|$)", FixedWords, 1000)]
    private static partial Regex Letters();

    [GeneratedRegex(@"\b(and|y|both|mix\w*|combin\w*|ambas|las dos|mezcla\w*)\b|[&+]|和|跟|都|一起|结合", FixedWords, 1000)]
    private static partial Regex Together();

    /// <summary>Words of a message that do not say which option is meant.</summary>
    [GeneratedRegex(
        @"\b(the|that|this|one|ones|a|an|i|i'd|i'll|like|take|pick|choose|prefer|want|with|go|for|of|it|option|please|think|maybe|let's|do|make|idea|el|la|lo|los|las|de|del|un|una|que|me|gusta|quedo|con|elijo|prefiero|opcion|esa|ese|mas|hacer|por favor)\b"
        + @"|我|想|要|选|择|喜欢|那个|这个|那|这|个|的|吧|版本|方案|\W",
        FixedWords,
        1000)]
    private static partial Regex SmallWord();
}
