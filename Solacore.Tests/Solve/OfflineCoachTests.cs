using System.Text.Json;
using System.Text.RegularExpressions;
using Solacore.Core.Language;
using Solacore.Core.Safety;
using Solacore.Core.Solve;
using Solacore.Core.Turns;

namespace Solacore.Tests.Solve;

public sealed partial class OfflineCoachTests
{
    public static readonly TheoryData<string> Locales = [.. ReplyLocale.Supported];

    private static readonly string[] Emotions = ["anxious", "sad", "confused", "neutral", "calm"];
    private static readonly string[] Answers = ["rent", "a cheaper flat", "no money", "yes", "B"];

    private static readonly string[] AskingKeys =
        ["ask.open", "ask.solved", "ask.constraints", "ask.attempts", "ask.hypotheses", "ask.smallest_action", "reframe.question", "options.question", "options.question.none", "options.question.action"];

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
    [InlineData("zh", "猫好了；房租不涨；能睡着", "离“猫好了；房租不涨；能睡着”更近一步")]
    [InlineData("en", "I want to sleep; my cat wakes me", "how could I sleep")]
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
    [InlineData("en", "I'd finally have time to read", "how could I have time to read")]
    [InlineData("en", "I wish I could sleep again", "how could I sleep again")]
    [InlineData("en", "I wish my boss would listen to me", "how could I get my boss to listen to me")]
    [InlineData("en", "My daughter would talk to me", "how could I get my daughter to talk to me")]
    [InlineData("en", "being able to say no", "how could I say no")]
    [InlineData("en", "I want to be able to say no", "how could I say no")]
    [InlineData("en", "I want that my husband helps me", "how could I see to it that my husband helps me")]
    [InlineData("en", "How can I sleep better?", "how could I sleep better")]
    [InlineData("en", "I can not sleep", "how could I get closer to “I can not sleep”")]
    [InlineData("es", "Dormiría toda la noche", "cómo podría dormir toda la noche")]
    [InlineData("en", "if it was solved i would go to the gym", "how could I go to the gym")]
    [InlineData("es", "Dormiría ocho horas y no estaría tan enfadado", "cómo podría dormir ocho horas")]
    [InlineData("es", "me sentiría mejor", "cómo podría sentirme mejor")]
    [InlineData("es", "Tendría tiempo para mí", "cómo podría tener tiempo para mí")]
    [InlineData("es", "Poder dormir otra vez", "cómo podría dormir otra vez")]
    [InlineData("es", "Quiero poder decir que no", "cómo podría decir que no")]
    [InlineData("es", "Ojalá pudiera descansar", "cómo podría descansar")]
    [InlineData("es", "María", "cómo podría acercarme a «María»")]
    [InlineData("zh", "想早点下班陪孩子", "我怎样才能早点下班陪孩子")]
    [InlineData("zh", "我想睡眠质量提高", "我怎样才能让睡眠质量提高")]
    [InlineData("zh", "希望老板听我说", "我怎样才能让老板听我说")]
    [InlineData("zh", "我会有时间陪孩子", "我怎样才能有时间陪孩子")]
    [InlineData("zh", "睡眠质量提高", "我怎样才能离“睡眠质量提高”更近一步")]
    [InlineData("zh", "我想我妈", "我怎样才能离“我想我妈”更近一步")]
    public void wishes_worded_in_other_ways_go_on_as_well(string locale, string goal, string expected) =>
        the_goal_goes_on_grammatically_after_how_could_i(locale, goal, expected);

    [Theory]
    [MemberData(nameof(Locales))]
    public void the_places_of_a_wish_are_groups_of_its_opening(string locale)
    {
        foreach (var wish in Read(locale).GetProperty("wishes").EnumerateArray())
        {
            var groups = WrittenPattern.Of(wish.GetProperty("opening").GetString()!).GetGroupNames().Append("goal").Select(name => $"{{{name}}}");
            var aim = wish.TryGetProperty("aim", out var written) ? written.GetString() : "{rest}";

            Assert.Subset(groups.ToHashSet(), Place().Matches(wish.GetProperty("phrase").GetString() + aim).Select(place => place.Value).ToHashSet());
        }
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
    [InlineData("¿Cómo le digo que no?", "“¿Cómo le digo que no?”")]
    [InlineData("Hi, my cat died", "“my cat died”")]
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

    [Theory]
    [InlineData("en", "hi", "I'm stressed because of my final exams")]
    [InlineData("en", "good morning", "my cat died")]
    [InlineData("en", "hey there, how are you?", "my cat died")]
    [InlineData("en", "I need help", "with my marriage")]
    [InlineData("es", "buenas tardes", "Estoy agobiado con la mudanza")]
    [InlineData("es", "Ayuda por favor", "mi matrimonio")]
    [InlineData("zh", "在吗", "我跟男朋友分手了")]
    [InlineData("zh", "早上好", "工作压力很大")]
    [InlineData("zh", "怎么办", "工作压力很大")]
    [InlineData("en", "what should I do?", "my cat died")]
    public void after_a_mere_greeting_the_problem_is_no_goal(string locale, string greeting, string problem)
    {
        var walk = new SolveWalk(locale);

        var first = OfflineCoach.Write(walk.Say(greeting).Brief);
        var told = walk.Say(problem, "sad", 0.85);
        var reframe = SolveEngine.Decide(SolveWalk.Input(SolveStep.Reframe, "hm", walk.Profile) with { Locale = locale });

        Assert.DoesNotMatch("[“«]" + greeting, first);
        Assert.Equal((problem, null, Heard.Concern, Feeling.Sad), (told.Brief.Concern, told.Brief.Goal, told.Brief.Heard, told.Brief.Feeling));
        Assert.Contains(problem.Replace("with ", "", StringComparison.Ordinal), OfflineCoach.Write(told.Brief), StringComparison.Ordinal);
        Assert.Equal((problem, null), (reframe.Brief.Concern, reframe.Brief.Goal));
        Assert.Equal(problem, walk.Profile.UserGoal);
    }

    [Fact]
    public void after_a_mere_greeting_a_goal_is_still_a_goal()
    {
        var walk = new SolveWalk();
        walk.Say("hi");

        Assert.Equal((Heard.Goal, "I want to sleep better"), (walk.Say("I want to sleep better").Brief.Heard, walk.Profile.UserGoal));
    }

    [Theory]
    [InlineData("en", "hi", "My boss shouts at me every day", "I'd like to work in peace")]
    [InlineData("es", "Hola", "Mi jefe me grita todos los días y no sé qué hacer", "Quiero poder trabajar tranquila sin gritos")]
    [InlineData("zh", "你好", "老板天天骂我", "我想安心上班")]
    public void after_a_greeting_and_the_problem_a_goal_is_no_obstacle(string locale, string greeting, string problem, string goal)
    {
        var walk = new SolveWalk(locale);
        walk.Say(greeting);
        walk.Say(problem);

        var told = walk.Say(goal).Brief;
        var reframe = SolveEngine.Decide(SolveWalk.Input(SolveStep.Reframe, "hm", walk.Profile) with { Locale = locale }).Brief;

        Assert.Equal((problem, goal, Heard.Goal), (told.Concern, told.Goal, told.Heard));
        Assert.Equal((problem, goal), (reframe.Concern, reframe.Goal));
        Assert.Empty(reframe.Constraints);
        Assert.DoesNotMatch("(aun|even) (con|with) ", OfflineCoach.Write(reframe));
    }

    [Theory]
    [InlineData("en", "I need the money")]
    [InlineData("en", "work too much")]
    [InlineData("es", "necesito el dinero")]
    [InlineData("es", "quiero a mi marido")]
    [InlineData("zh", "有两个孩子")]
    [InlineData("zh", "我想太多")]
    public void after_a_greeting_and_the_problem_an_obstacle_stays_one(string locale, string obstacle)
    {
        var walk = new SolveWalk(locale);
        walk.Say("hi");
        walk.Say(locale switch { "es" => "Mi jefe me grita", "zh" => "老板天天骂我", _ => "My boss shouts at me" });

        var told = walk.Say(obstacle).Brief;

        Assert.Equal((null, Heard.Constraints, obstacle), (told.Goal, told.Heard, Assert.Single(told.Constraints)));
    }

    [Theory]
    [InlineData("en", "what would you do?", "“what would")]
    [InlineData("en", "I don't know, you tell me", "you tell me")]
    [InlineData("es", "¿Tú qué harías?", "Tú qué")]
    [InlineData("es", "¿qué hago?", "¿qué hago")]
    [InlineData("zh", "你觉得呢？", "你觉得")]
    public void a_question_back_is_answered_and_never_quoted(string locale, string question, string quoted)
    {
        var walk = new SolveWalk(locale);
        walk.Say("rent");

        var asGoal = walk.Say(question).Brief;
        var replies = new[] { asGoal, walk.Say(question).Brief, walk.Say(question).Brief, walk.Say(question).Brief, walk.Say(question).Brief }
            .Select(OfflineCoach.Write).ToList();

        Assert.All(replies, reply => Assert.DoesNotContain(quoted, reply, StringComparison.Ordinal));
        Assert.All(replies, reply => Assert.Equal(1, QuestionMarks(reply)));
        if (!question.Contains("know", StringComparison.Ordinal))
        {
            Assert.Contains(Phrases(locale)["lead.question"], lead => replies[0].StartsWith(lead, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("en", "Sorry, can we switch to English? I'd like him to stop interrupting me in meetings.", "I'd like him to stop interrupting me in meetings")]
    [InlineData("es", "Es complicado. Me gustaría dormir mejor.", "Me gustaría dormir mejor")]
    [InlineData("zh", "这事说来话长。我想安心上班。", "我想安心上班")]
    [InlineData("en", "I want to sleep better. My cat wakes me", "I want to sleep better. My cat wakes me")]
    [InlineData("en", "less noise. fewer calls", "less noise. fewer calls")]
    public void the_goal_is_the_first_sentence_that_says_what_is_wanted(string locale, string said, string goal)
    {
        var walk = new SolveWalk(locale);
        walk.Say("rent");

        var brief = walk.Say(said).Brief;

        Assert.Equal(("rent", goal, Heard.Goal), (brief.Concern, brief.Goal, brief.Heard));
    }

    [Theory]
    [InlineData("en", "I want to quit smoking", "Actually no, it's not about smoking. I want to stop fighting with my girlfriend.", "I want to stop fighting with my girlfriend.")]
    [InlineData("en", "I smoke too much", "wait, it isn't really about smoking, I want to sleep", "I want to sleep")]
    [InlineData("es", "Quiero dejar de fumar", "en realidad no es fumar, quiero dejar de pelear con mi novia", "quiero dejar de pelear con mi novia")]
    [InlineData("zh", "我想减肥", "其实不是减肥，我想跟我妈和好", "我想跟我妈和好")]
    public void who_takes_back_what_it_was_about_is_heard(string locale, string first, string correction, string instead)
    {
        foreach (var before in (string[][])[[first], [first, locale == "zh" ? "少抽烟" : "less of it"]])
        {
            var walk = new SolveWalk(locale);
            foreach (var text in before)
            {
                walk.Say(text);
            }

            var decision = walk.Say(correction);

            Assert.Equal((instead, instead, Heard.Goal), (decision.Brief.Concern, decision.Brief.Goal, decision.Brief.Heard));
            Assert.Equal(instead, decision.Profile.CoreConcernSummary);
        }
    }

    [Theory]
    [InlineData("en", "it's not about money, it's my boss")]
    [InlineData("es", "no es el dinero, es mi jefe")]
    [InlineData("zh", "不是钱的问题，是老板")]
    public void what_was_never_told_is_not_taken_back(string locale, string said)
    {
        var walk = new SolveWalk(locale);
        walk.Say("rent");
        walk.Say("a cheaper flat");

        var brief = walk.Say(said).Brief;

        Assert.Equal(("rent", "a cheaper flat", Heard.Constraints), (brief.Concern, brief.Goal, brief.Heard));
    }

    [Theory]
    [InlineData("en", "Actually no, my boss", "my boss")]
    [InlineData("es", "En realidad no, mi jefe", "mi jefe")]
    [InlineData("zh", "其实不，老板", "老板")]
    public void a_no_in_front_is_not_quoted(string locale, string text, string quoted) =>
        Assert.Equal(quoted, CoachPhrases.For(locale).Quoted(text));

    [Theory]
    [InlineData("en", "I don't want to say")]
    [InlineData("en", "stop asking!")]
    [InlineData("es", "que no")]
    [InlineData("es", "No quiero contarlo")]
    [InlineData("zh", "不想说")]
    [InlineData("zh", "别问了")]
    public void who_does_not_want_to_say_is_not_pressed(string locale, string refusal)
    {
        var walk = new SolveWalk(locale);
        walk.Say("rent");

        var brief = walk.Say(refusal).Brief;

        Assert.Null(brief.Goal);
        Assert.Contains(Phrases(locale)["lead.declined"], lead => OfflineCoach.Write(brief).StartsWith(lead, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("en", "haha you're boring. who won the world cup in 2018?")]
    [InlineData("en", "Why do you ask me that? I want your opinion")]
    [InlineData("es", "¿Por qué me preguntas eso? Quiero tu opinión.")]
    [InlineData("zh", "你为什么问这个？我想听听你的意见")]
    public void a_question_to_the_coach_with_a_remark_is_no_goal(string locale, string said)
    {
        var walk = new SolveWalk(locale);
        walk.Say("rent");

        var brief = walk.Say(said).Brief;

        Assert.Null(brief.Goal);
        Assert.Contains(Phrases(locale)["lead.question"], lead => OfflineCoach.Write(brief).StartsWith(lead, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ok, thanks", true)]
    [InlineData("ok thanks", true)]
    [InlineData("let's do this in English please", true)]
    [InlineData("¿podemos hablar en español?", true)]
    [InlineData("请用中文", true)]
    [InlineData("说英语", false)]
    [InlineData("English", false)]
    [InlineData("ok, my boss", false)]
    [InlineData("I don't want to talk to him", false)]
    [InlineData("我不想说谎", false)]
    public void thanks_and_the_wish_for_another_language_answer_nothing(string text, bool expected) => Assert.Equal(expected, NoAnswer.Is(text));

    [Theory]
    [InlineData("en", "😭😭😭")]
    [InlineData("zh", "😭")]
    public void an_emoji_that_tells_a_feeling_is_no_greeting(string locale, string text)
    {
        var emotion = EmotionDetector.Detect(text);

        var reply = OfflineCoach.Write(new SolveWalk(locale).Say(text, emotion.Label, emotion.Confidence).Brief);

        Assert.Contains(Phrases(locale)["feeling.sad"], feeling => reply.StartsWith(feeling, StringComparison.Ordinal));
        Assert.DoesNotContain("😭", reply, StringComparison.Ordinal);
        Assert.Equal(1, QuestionMarks(reply));
    }

    [Theory]
    [InlineData("en", "are you even a human?", "a program")]
    [InlineData("es", "¿eres un robot?", "un programa")]
    [InlineData("zh", "你是真人吗？", "一个程序")]
    public void who_asks_whether_somebody_is_there_is_told_the_truth(string locale, string question, string answer)
    {
        foreach (var step in (SolveStep[])[SolveStep.Receive, SolveStep.Clarify, SolveStep.Reframe, SolveStep.Options, SolveStep.Commit])
        {
            var reply = OfflineCoach.Write(SolveEngine.Decide(SolveWalk.Input(step, question) with { Locale = locale }).Brief);

            Assert.Contains(answer, reply, StringComparison.Ordinal);
            Assert.DoesNotContain(question.Trim('¿', '?', '？'), reply, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("en", "money problems, I think", "“money problems”", "“I think”")]
    [InlineData("en", "Actually no, my boss", "“my boss”", "Actually")]
    [InlineData("en", "I only have $8,000, you know", "“I only have $8,000”", "you know")]
    [InlineData("en", "her, because I am shy", "“I am shy”", "“her”")]
    [InlineData("es", "1,5 horas de tren, ya sabes", "«1,5 horas de tren»", "sabes")]
    [InlineData("es", "el dinero, y tengo miedo", "«tengo miedo»", "«y tengo")]
    [InlineData("zh", "说实话，老板", "“老板”", "说实话")]
    [InlineData("zh", "而且我一紧张就想抽", "“我一紧张就想抽”", "而且")]
    public void obstacles_are_quoted_whole_and_without_fillers(string locale, string said, string quoted, string never)
    {
        var walk = new SolveWalk(locale);
        walk.Say("rent");
        walk.Say("a cheaper flat");

        var reply = OfflineCoach.Write(walk.Say(said).Brief);

        Assert.Contains(quoted, reply, StringComparison.Ordinal);
        Assert.DoesNotContain(never, reply, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "I can't say no to my boss", false)]
    [InlineData("en", "no time", true)]
    [InlineData("en", "my landlord", true)]
    [InlineData("en", "my phone", false)]
    [InlineData("es", "Me distraigo con el móvil", false)]
    [InlineData("es", "no puedo decir que no a mi jefe", false)]
    [InlineData("es", "no tengo dinero", true)]
    [InlineData("zh", "手机老让我分心", false)]
    [InlineData("zh", "没时间", true)]
    public void only_limits_from_outside_are_called_out_of_reach(string locale, string obstacle, bool isOutside)
    {
        var profile = ProblemProfile.Empty(SolveWalk.SessionId, SolveWalk.UserId) with { UserGoal = "sleep", Constraints = [obstacle] };

        var options = SolveEngine.Decide(SolveWalk.Input(SolveStep.Reframe, "go on", profile) with { Locale = locale }).Brief.Options;

        Assert.Equal(isOutside, options[0].Description.Contains(obstacle, StringComparison.Ordinal));
        Assert.DoesNotContain(obstacle, options[1].Description + options[2].Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "the feeling", "emotional_load")]
    [InlineData("en", "both", "goal_unclear hard_constraint")]
    [InlineData("en", "the second one, I think", "hard_constraint")]
    [InlineData("en", "C", "")]
    [InlineData("en", "neither", "")]
    [InlineData("zh", "都是别人的错", "hard_constraint")]
    [InlineData("es", "las dos", "goal_unclear hard_constraint")]
    [InlineData("es", "lo que siento", "emotional_load")]
    [InlineData("es", "más bien algo de fuera", "hard_constraint")]
    [InlineData("zh", "都有", "goal_unclear hard_constraint")]
    [InlineData("zh", "情绪", "emotional_load")]
    [InlineData("zh", "第一个", "goal_unclear")]
    [InlineData("en", "hmm, more the second i guess", "hard_constraint")]
    [InlineData("en", "the former", "goal_unclear")]
    [InlineData("zh", "后者", "hard_constraint")]
    [InlineData("zh", "前者", "goal_unclear")]
    public void the_answer_to_the_question_what_holds_back_is_taken_up(string locale, string answer, string suspected)
    {
        var walk = new SolveWalk(locale);
        walk.Say("rent");
        walk.Say("a cheaper flat");
        Assert.Equal(SolveQuestion.Hypotheses, walk.Say("no money").Brief.Question);

        var brief = walk.Say(answer).Brief;
        var reply = OfflineCoach.Write(brief);

        Assert.Equal(suspected, string.Join(' ', brief.Suspected));
        Assert.All(brief.Suspected, id => Assert.Contains(Phrases(locale)["suspect." + id][0], reply, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("en", "neither really. none of these help me", "options.lead.none")]
    [InlineData("en", "hmm none of those really", "options.lead.none")]
    [InlineData("en", "I like B and C both", "options.lead.two")]
    [InlineData("en", "I will call her on Sunday at five", "options.lead.action")]
    [InlineData("en", "I will think about it", "options.lead")]
    [InlineData("es", "pensaré en ello", "options.lead")]
    [InlineData("es", "ninguna me sirve", "options.lead.none")]
    [InlineData("es", "la B y la C", "options.lead.two")]
    [InlineData("es", "Voy a llamarla el domingo", "options.lead.action")]
    [InlineData("zh", "都不合适", "options.lead.none")]
    [InlineData("zh", "B和C", "options.lead.two")]
    [InlineData("zh", "我周日五点给她打电话", "options.lead.action")]
    public void whatever_is_said_to_the_three_options_is_heard(string locale, string said, string lead)
    {
        var reply = OfflineCoach.Write(SolveEngine.Decide(SolveWalk.Input(SolveStep.Options, said) with { Locale = locale }).Brief);

        Assert.Contains(Phrases(locale)[lead], beginning =>
            WrittenPattern.Of("^" + Place().Replace(Regex.Escape(beginning).Replace("\\{", "{", StringComparison.Ordinal), ".+")).IsMatch(reply.Split('\n')[0]));
        Assert.Equal(1, QuestionMarks(reply));
    }

    [Fact]
    public void somebody_whose_answer_is_too_long_to_keep_is_told_so()
    {
        var walk = new SolveWalk();
        walk.Say("work");

        var brief = walk.Say(string.Join(' ', Enumerable.Repeat("everything", 13))).Brief;

        Assert.Equal(Heard.TooMuch, brief.Heard);
        Assert.Contains("“everything everything everything everything everything…”", OfflineCoach.Write(brief), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.74, Feeling.Neutral)]
    [InlineData(0.75, Feeling.Sad)]
    public void only_a_feeling_that_is_sure_is_named(double confidence, Feeling expected) =>
        Assert.Equal(expected, new SolveWalk().Say("I dream of a bakery", "sad", confidence).Brief.Feeling);

    [Theory]
    [InlineData("en", "fine. I'll update my CV tomorrow", "“I'll update my CV tomorrow”")]
    [InlineData("es", "bueno, voy a llamarla hoy", "«voy a llamarla hoy»")]
    [InlineData("zh", "好吧，我今晚十点关手机", "“我今晚十点关手机”")]
    public void the_closing_quotes_the_action_without_what_leads_to_it(string locale, string said, string quoted)
    {
        var decision = SolveEngine.Decide(SolveWalk.Input(SolveStep.Commit, said) with { Locale = locale });

        Assert.Equal(said, decision.FirstStepAction);
        Assert.Contains(quoted, OfflineCoach.Write(decision.Brief), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "As I said: the boss", "the boss")]
    [InlineData("es", "ya lo he dicho: el jefe", "el jefe")]
    [InlineData("zh", "我说过了：老板", "老板")]
    public void what_leads_to_the_matter_is_not_quoted(string locale, string text, string quoted) =>
        Assert.Equal(quoted, CoachPhrases.For(locale).Quoted(text));

    [Theory]
    [InlineData("刚才说了:星期天", "刚才说了：星期天")]
    [InlineData("能教我英语语法吗?下周", "能教我英语语法吗？下周")]
    [InlineData("要不要辞职?", "要不要辞职？")]
    [InlineData("¿Dejo mi trabajo?", "¿Dejo mi trabajo?")]
    [InlineData("no sé, ¿importa?", "no sé, ¿importa?")]
    [InlineData("¿Cómo le digo a mi jefe que no puedo trabajar más los fines...", "Cómo le digo a mi jefe que no puedo trabajar más los…")]
    [InlineData("???", "")]
    public void quotations_keep_their_marks_in_balance(string text, string quoted) => Assert.Equal(quoted, Quotation.Of(text));

    private static int QuestionMarks(string text) => text.Count(letter => letter is '?' or '？');

    private static string Shape(string locale) => string.Join(
        '\n',
        Phrases(locale).Select(phrase => $"{phrase.Key}: {string.Join(" | ", phrase.Value.Select(Places))}")
            .Order(StringComparer.Ordinal));

    private static string Places(string wording) =>
        string.Join(' ', Place().Matches(wording).Select(place => place.Value).Order(StringComparer.Ordinal));

    private static Dictionary<string, string[]> Phrases(string locale) =>
        Read(locale).GetProperty("phrases").Deserialize<Dictionary<string, string[]>>()!;

    private static JsonElement Read(string locale)
    {
        using var stream = typeof(OfflineCoach).Assembly.GetManifestResourceStream($"coach/{locale}.json")!;
        return JsonDocument.Parse(stream).RootElement;
    }

    [GeneratedRegex(@"\{[a-z0-9]+\}", RegexOptions.None, 1000)]
    private static partial Regex Place();
}
