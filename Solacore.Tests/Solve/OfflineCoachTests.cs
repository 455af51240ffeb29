using System.Text.Json;
using System.Text.RegularExpressions;
using Solacore.Core.Language;
using Solacore.Core.Solve;
using Solacore.Core.Turns;

namespace Solacore.Tests.Solve;

public sealed partial class OfflineCoachTests
{
    public static readonly TheoryData<string> Locales = [.. ReplyLocale.Supported];

    private static readonly string[] Emotions = ["anxious", "sad", "confused", "neutral", "calm"];
    private static readonly string[] Answers = ["rent", "a cheaper flat", "no money", "yes", "B"];

    private static readonly string[] AskingKeys =
        ["ask.open", "ask.solved", "ask.constraints", "ask.attempts", "ask.hypotheses", "ask.smallest_action", "reframe.question", "options.question"];

    [Theory]
    [MemberData(nameof(Locales))]
    public void every_language_has_the_same_keys_and_places(string locale) => Assert.Equal(Shape("en"), Shape(locale));

    [Theory]
    [MemberData(nameof(Locales))]
    public void only_questions_ask_and_only_one_thing(string locale)
    {
        foreach (var (key, wordings) in Phrases(locale))
        {
            var expected = AskingKeys.Contains(key) ? 1 : 0;
            Assert.All(wordings, wording => Assert.Equal((wording, expected), (wording, QuestionMarks(wording))));
        }
    }

    [Theory]
    [InlineData("en", "I want to sleep better, but I can't.", "how could I sleep better")]
    [InlineData("en", "We’d like to talk more", "how could I talk more")]
    [InlineData("en", "I want my boss to listen", "how could I get my boss to listen")]
    [InlineData("en", "To find a flat!", "how could I find a flat")]
    [InlineData("en", "less noise", "how could I get closer to “less noise”")]
    [InlineData("en", "Be debt free in two years", "how could I be debt free in two years")]
    [InlineData("es", "Volver a ser yo", "cómo podría volver a ser yo")]
    [InlineData("es", "Que mi directora me conteste", "cómo podría lograr que mi directora me conteste")]
    [InlineData("es", "Lugar tranquilo", "cómo podría acercarme a «Lugar tranquilo»")]
    [InlineData("zh", "写完第二章", "我怎样才能写完第二章")]
    [InlineData("en", "I need money. Soon.", "how could I get money")]
    [InlineData("es", "Quiero dormir mejor, pero no puedo", "cómo podría dormir mejor")]
    [InlineData("es", "Me gustaría que mi jefe me escuche", "cómo podría lograr que mi jefe me escuche")]
    [InlineData("es", "Necesito un piso más barato", "cómo podría conseguir un piso más barato")]
    [InlineData("es", "menos ruido", "cómo podría acercarme a «menos ruido»")]
    [InlineData("zh", "我想睡得好一点，但是做不到", "我怎样才能睡得好一点")]
    [InlineData("zh", "我希望能和老板好好谈谈", "我怎样才能和老板好好谈谈")]
    [InlineData("zh", "我想要更多时间", "我怎样才能离“更多时间”更近一步")]
    [InlineData("zh", "少一点噪音", "我怎样才能离“少一点噪音”更近一步")]
    public void the_goal_goes_on_grammatically_after_how_could_i(string locale, string goal, string expected)
    {
        var profile = ProblemProfile.Empty(SolveWalk.SessionId, SolveWalk.UserId) with { UserGoal = goal };

        var reply = OfflineCoach.Write(SolveEngine.Decide(SolveWalk.Input(SolveStep.Reframe, "go on", profile) with { Locale = locale }).Brief);

        Assert.Contains(expected, reply, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(Locales))]
    public void each_feeling_has_its_own_words(string locale)
    {
        var replies = Emotions
            .Select(emotion => OfflineCoach.Write(new SolveWalk(locale).Say("rent", emotion, 0.9).Brief))
            .ToList();

        Assert.Equal(4, replies.Distinct().Count());
        Assert.Equal(replies[3], replies[4]);
    }

    [Fact]
    public void the_same_turn_always_reads_the_same_and_other_sessions_read_differently()
    {
        var replies = Enumerable.Range(0, 30).Select(number => new SolveWalk(sessionId: new Guid(number, 0, 0, new byte[8])))
            .Select(walk => OfflineCoach.Write(walk.Say("rent").Brief))
            .ToList();

        Assert.InRange(replies.Distinct().Count(), 10, 30);
        Assert.Equal(OfflineCoach.Write(new SolveWalk().Say("rent").Brief), OfflineCoach.Write(new SolveWalk().Say("rent").Brief));
    }

    [Theory]
    [InlineData("en", "hello")]
    [InlineData("en", "I don't know")]
    [InlineData("es", "Hola")]
    [InlineData("es", "No sé qué decir")]
    [InlineData("zh", "你好")]
    [InlineData("zh", "我也不知道怎么说")]
    public void what_answers_nothing_is_never_quoted_back(string locale, string nothing)
    {
        var walk = new SolveWalk(locale);

        var replies = Enumerable.Range(0, 6).Select(_ => OfflineCoach.Write(walk.Say(nothing).Brief)).ToList();

        Assert.Equal(SolveStep.Commit, walk.Step);
        Assert.All(replies, reply => Assert.DoesNotMatch("[“«]" + nothing, reply));
        Assert.All(replies, reply => Assert.Equal(1, QuestionMarks(reply)));
    }

    [Theory]
    [InlineData("My boss keeps giving me more work and I can't say no. I'm so stressed that I cannot sleep", "“My boss keeps giving me more work and I can't say no”")]
    [InlineData("I broke up with my girlfriend three months ago and I still cry every night", "“I broke up with my girlfriend three months ago and I…”")]
    [InlineData("I need to find a new flat before the end of the month, because our landlord sells", "“I need to find a new flat before the end of the month…”")]
    [InlineData("Me he peleado con mi amiga y no contesta. ¿Qué hago?", "“Me he peleado con mi amiga y no contesta”")]
    [InlineData("¿Cómo le digo que no?", "“Cómo le digo que no”")]
    [InlineData("老板一直给我加活,我不会拒绝", "“老板一直给我加活，我不会拒绝”")]
    public void a_concern_is_quoted_without_half_words_and_open_marks(string concern, string quoted) =>
        Assert.Contains(quoted, OfflineCoach.Write(new SolveWalk().Say(concern).Brief), StringComparison.Ordinal);

    [Fact]
    public void the_chosen_option_is_what_the_next_question_is_about()
    {
        var walk = new SolveWalk();
        foreach (var text in Answers[..4])
        {
            walk.Say(text);
        }

        var reply = OfflineCoach.Write(walk.Say("I'd go with the second one").Brief);

        Assert.Contains("“Test one assumption”", reply.Split('\n')[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void somebody_who_does_not_know_is_asked_in_other_words_each_time()
    {
        var walk = new SolveWalk();
        foreach (var text in Answers)
        {
            walk.Say(text);
        }

        var replies = Enumerable.Range(0, 3).Select(_ => OfflineCoach.Write(walk.Say("I don't know").Brief)).ToList();

        Assert.Equal(3, replies.Distinct().Count());
        Assert.All(replies, reply => Assert.Contains("a cheaper flat", reply, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("One two\n\nthree  four", "One |two\n\n|three  |four")]
    [InlineData("我们一步一步来，快慢由你定。", "我们|一步|一步|来，快|慢由|你定。")]
    [InlineData("A) 分清：写 two 字", "A) |分清：|写 |two |字")]
    [InlineData(" lead", " |lead")]
    [InlineData("👨‍👩‍👧 é", "👨‍👩‍👧 |é")]
    [InlineData("", "")]
    public void replies_are_streamed_in_words(string reply, string expected) =>
        Assert.Equal(expected, string.Join('|', SpokenPieces.Of(reply)));

    private static int QuestionMarks(string text) => text.Count(letter => letter is '?' or '？');

    private static string Shape(string locale) => string.Join(
        '\n',
        Phrases(locale).Select(phrase => $"{phrase.Key}: {string.Join(" | ", phrase.Value.Select(Places))}")
            .Order(StringComparer.Ordinal));

    private static string Places(string wording) =>
        string.Join(' ', Place().Matches(wording).Select(place => place.Value).Order(StringComparer.Ordinal));

    private static Dictionary<string, string[]> Phrases(string locale)
    {
        using var stream = typeof(OfflineCoach).Assembly.GetManifestResourceStream($"coach/{locale}.json")!;
        return JsonDocument.Parse(stream).RootElement.GetProperty("phrases").Deserialize<Dictionary<string, string[]>>()!;
    }

    [GeneratedRegex(@"\{[a-z0-9]+\}", RegexOptions.None, 1000)]
    private static partial Regex Place();
}
