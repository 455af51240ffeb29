using Solacore.Core;
using Solacore.Core.Data;
using Solacore.Core.Learn;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Safety;

namespace Solacore.Tests.Learn;

public sealed class LearnRulesTests
{
    public static TheoryData<string, string, string?> EveryMethod
    {
        get
        {
            var methods = new TheoryData<string, string, string?>();
            foreach (var locale in (string[])["en", "es", "zh"])
            {
                foreach (var step in Enum.GetValues<LearnStep>())
                {
                    methods.Add(locale, step.Name(), null);
                }

                foreach (var tool in LearnTools.All)
                {
                    methods.Add(locale, "explore", tool.Id);
                }
            }

            return methods;
        }
    }

    [Theory]
    [InlineData(LearnMode.Quick, "pareto feynman grow")]
    [InlineData(LearnMode.Deep, "pareto feynman chunking dual_coding interleaving retrieval spaced grow socratic error_driven")]
    [InlineData(LearnMode.Custom, "")]
    public void each_mode_begins_with_its_plan(LearnMode mode, string plan) => Assert.Equal(plan, string.Join(' ', LearnPlan.Of(mode)));

    [Theory]
    [InlineData(LearnMode.Quick, null, null, "pareto feynman grow", null)]
    [InlineData(LearnMode.Quick, "zzz", "grow", "grow pareto feynman", null)]
    [InlineData(LearnMode.Quick, null, "spaced", null, "InvalidPreferredOrder spaced")]
    [InlineData(LearnMode.Custom, null, null, null, "ToolsRequired ")]
    [InlineData(LearnMode.Custom, "", null, null, "ToolsRequired ")]
    [InlineData(LearnMode.Custom, "zzz grow yyy", null, null, "InvalidTool zzz yyy")]
    [InlineData(LearnMode.Custom, "grow spaced grow", "spaced spaced", "spaced grow", null)]
    [InlineData(LearnMode.Custom, "grow spaced", "zzz pareto grow", null, "InvalidPreferredOrder zzz pareto")]
    public void a_path_holds_each_tool_once_and_preferred_ones_first(
        LearnMode mode, string? selected, string? preferred, string? expected, string? problem)
    {
        var (plan, found) = LearnPlan.Choose(mode, Ids(selected), Ids(preferred));

        Assert.Equal(expected, plan is null ? null : string.Join(' ', plan));
        Assert.Equal(problem, found is null ? null : $"{found.Rule} {string.Join(' ', found.Tools ?? [])}");
    }

    [Theory]
    [InlineData("pareto feynman grow", "feynman", "pareto", 33)]
    [InlineData("pareto feynman grow", "grow", "pareto feynman", 66)]
    [InlineData("pareto feynman grow", "pareto", "", 0)]
    [InlineData("pareto feynman grow", null, "", 0)]
    [InlineData("pareto feynman grow", "spaced", "", 0)]
    [InlineData("", null, "", 0)]
    public void progress_counts_the_tools_before_the_current_one(string plan, string? current, string completed, int percentage)
    {
        var (before, share) = LearnPlan.Progress(Ids(plan)!, current);

        Assert.Equal((completed, percentage), (string.Join(' ', before), share));
    }

    [Theory]
    [InlineData(null, null, "start", "", "StepOrToolRequired ")]
    [InlineData(null, "zzz", "start", "grow", "InvalidTool zzz")]
    [InlineData("zzz", "zzz", "start", "grow", "InvalidTool zzz")]
    [InlineData("zzz", "spaced", "start", "grow", "ToolNotInPlan spaced")]
    [InlineData("zzz", "grow", "start", "grow", "InvalidStep ")]
    [InlineData("zzz", "spaced", "start", "", "InvalidStep ")]
    [InlineData("Start", null, "start", "", "InvalidStep ")]
    [InlineData(null, "grow", "practice", "grow", "Practice")]
    [InlineData("plan", null, "start", "grow", "Plan")]
    public void a_message_names_a_known_step_or_a_tool_of_the_plan(string? step, string? tool, string sessionStep, string plan, string expected)
    {
        var (found, problem) = LearnRules.Check(step, tool, sessionStep, Ids(plan)!);

        Assert.Equal(expected, problem is null ? found.ToString() : $"{problem.Rule} {problem.Tool}");
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567890")]
    [InlineData("1234567890123456789012345678901", "123456789012345678901234567890...")]
    [InlineData("hello", "hello")]
    [InlineData("🎈", "🎈")]
    public void the_topic_is_the_beginning_of_the_first_message(string text, string? topic) => Assert.Equal(topic, LearnRules.TopicAfter(null, text));

    [Theory]
    [InlineData("hello", "black holes", "black holes")]
    [InlineData("hello", "ok", "hello")]
    [InlineData("hello", "", "hello")]
    [InlineData("你好", "黑洞", "黑洞")]
    [InlineData("C", "pointers", "C")]
    [InlineData("black holes", "white holes", "black holes")]
    public void a_topic_that_names_nothing_gives_way_to_the_next_message_that_does(string topic, string text, string expected) =>
        Assert.Equal(expected, LearnRules.TopicAfter(topic, text));

    [Fact]
    public void reviews_come_after_1_3_7_15_and_30_days()
    {
        var schedule = ReviewSchedule.From(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));

        Assert.Equal(
            """{"day_1":"2026-11-24T08:00:00+00:00","day_3":"2026-11-26T08:00:00+00:00","day_7":"2026-11-30T08:00:00+00:00","day_15":"2026-12-08T08:00:00+00:00","day_30":"2026-12-23T08:00:00+00:00"}""",
            schedule.ToJson().Replace("\\u002B", "+", StringComparison.Ordinal));
        Assert.Equal(schedule, ReviewSchedule.Parse(schedule.ToJson()));
    }

    [Theory]
    [MemberData(nameof(EveryMethod))]
    public void the_coach_gives_a_lesson_on_the_topic_with_every_method_and_goes_on_each_round(string locale, string step, string? tool)
    {
        var brief = Brief(locale, step, tool) with { Topic = "{said} {x}", UserText = "it is {topic}" };
        var replies = Enumerable.Range(0, 5).Select(round => LearnCoach.Write(brief with { Round = round })).ToList();

        Assert.All(replies, reply => Assert.True(LearnRules.IsLesson(reply), reply));
        Assert.All(replies, reply => Assert.Contains("{said} {x}", reply, StringComparison.Ordinal));
        Assert.All(replies, reply => Assert.Contains("it is {topic}", reply, StringComparison.Ordinal));
        Assert.NotEqual(replies[0], replies[1]);
        Assert.True(LearnRules.IsLesson(LearnCoach.Write(brief with { Topic = null, UserText = "" })));
    }

    [Theory]
    [InlineData("en", "I want to learn Spanish", "It's good that you want to learn about “Spanish”.")]
    [InlineData("en", "How plants make sugar out of light", "It's good that you want to learn about “How plants make sugar out of light”.")]
    [InlineData("en", "I want to learn how compound interest works because I never understood my loan", "It's good that you want to learn about “how compound interest works”.")]
    [InlineData("en", "How do vaccines work?", "“How do vaccines work?” is a good question to begin with.")]
    [InlineData("en", "Can you explain accounting? I have an exam on Monday", "It's good that you want to learn about “accounting”.")]
    [InlineData("en", "I want to learn... Spanish, because I move to Madrid in May", "It's good that you want to learn about “Spanish”.")]
    [InlineData("es", "Quiero aprender... español porque me mudo en mayo", "Qué bien que te animes con «español».")]
    [InlineData("zh", "我想学...西班牙语，五月要搬家", "很高兴你愿意学习“西班牙语”。")]
    [InlineData("es", "Quiero aprender a nadar", "Qué bien que te animes con «nadar».")]
    [InlineData("es", "Me gustaría mucho aprender a tocar la guitarra", "Qué bien que te animes con «tocar la guitarra».")]
    [InlineData("en", "So I've got this new job as a nurse in a hospital far away and I feel lost", "It's good that you want to learn about this topic.")]
    [InlineData("en", "I want to learn how the engines of old aeroplanes are taken apart and cleaned", "It's good that you want to learn about “how the engines of old aeroplanes are…”.")]
    [InlineData("en", "Quiero aprender sobre la bolsa", "It's good that you want to learn about “la bolsa”.")]
    [InlineData("es", "Quiero aprender a tocar la guitarra", "Qué bien que te animes con «tocar la guitarra».")]
    [InlineData("es", "Quiero aprender a tocar la guitarra, no sé nada", "Qué bien que te animes con «tocar la guitarra».")]
    [InlineData("es", "¿Me puedes explicar la contabilidad? tengo examen el lunes", "Qué bien que te animes con «la contabilidad».")]
    [InlineData("es", "¿Cómo funcionan las vacunas?", "«¿Cómo funcionan las vacunas?» es una buena pregunta para empezar.")]
    [InlineData("es", "Quiero aprender sobre la bolsa", "Qué bien que te animes con «la bolsa».")]
    [InlineData("zh", "我想学习摄影", "很高兴你愿意学习“摄影”。")]
    [InlineData("zh", "我想学做红烧肉，从来没做过", "很高兴你愿意学习“做红烧肉”。")]
    [InlineData("zh", "能教我英语语法吗?下周一考试，我很慌", "很高兴你愿意学习“英语语法”。")]
    public void the_topic_is_called_by_its_name(string locale, string said, string opening) =>
        Assert.StartsWith(opening, LearnCoach.Write(Brief(locale, "start", null) with { Topic = LearnRules.TopicAfter(null, said), UserText = said }), StringComparison.Ordinal);

    [Theory]
    [InlineData("actually I'd rather learn the endgame, king and pawn", "the endgame")]
    [InlineData("Can we do Italian instead?", "Italian")]
    [InlineData("En realidad prefiero aprender a nadar", "nadar")]
    [InlineData("其实我想学西班牙语", "西班牙语")]
    [InlineData("我还是学摄影吧", "摄影")]
    [InlineData("I want to learn Spanish", null)]
    [InlineData("I'd rather not", null)]
    [InlineData("the knight moves like an L", null)]
    public void who_asks_for_another_topic_is_heard(string said, string? topic) => Assert.Equal(topic, LearnCoach.OtherTopic(said));

    [Fact]
    public void another_topic_is_welcomed_and_gets_its_exercise()
    {
        var reply = LearnCoach.Write(Brief("en", "explore", null) with { Topic = "the endgame", UserText = "actually I'd rather learn the endgame" });

        Assert.StartsWith("It's good that you want to learn about “the endgame”. Take one core idea of “the endgame”", reply, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(EveryMethod))]
    public void no_reply_is_given_twice_word_for_word(string locale, string step, string? tool)
    {
        var brief = Brief(locale, step, tool) with { Topic = "chess", UserText = locale switch { "es" => "vale", "zh" => "好的", _ => "ok" } };

        Assert.Equal(3, Enumerable.Range(0, 3).Select(round => LearnCoach.Write(brief with { Round = round })).Distinct().Count());
    }

    [Theory]
    [InlineData("en", "tocar", "I know nothing yet")]
    [InlineData("es", "Quiero aprender a tocar la guitarra, no sé nada", "los acordes son varias notas")]
    public void the_topic_keeps_its_name_in_later_rounds(string locale, string first, string said)
    {
        var brief = Brief(locale, "explore", null) with { Topic = LearnRules.TopicAfter(null, first), TopicText = first, UserText = said };

        Assert.Contains("tocar", LearnCoach.Write(brief), StringComparison.Ordinal);
        Assert.Contains(said, LearnCoach.Write(brief), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "hi")]
    [InlineData("en", "can you help me?")]
    [InlineData("es", "hola")]
    [InlineData("zh", "你好")]
    public void a_greeting_names_no_topic_and_gets_no_lesson(string locale, string greeting)
    {
        var reply = LearnCoach.Write(Brief(locale, "start", null) with { Topic = null, UserText = greeting });

        Assert.False(LearnRules.NamesSomething(greeting));
        Assert.False(LearnRules.IsLesson(reply), reply);
        Assert.EndsWith(locale == "zh" ? "？" : "?", reply, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "ok", "Good, let's go on. ")]
    [InlineData("en", "👍", "Good, let's go on. ")]
    [InlineData("en", "ok, thanks", "Good, let's go on. ")]
    [InlineData("en", "let's do this in English please", "Good, let's go on. ")]
    [InlineData("en", "this is boring", "That can happen. ")]
    [InlineData("en", "what should I do first?", "Good question; ")]
    [InlineData("es", "vale", "Bien, seguimos. ")]
    [InlineData("es", "qué rollo", "A veces pasa. ")]
    [InlineData("es", "¿qué hago primero?", "Buena pregunta; ")]
    [InlineData("zh", "好的", "好，我们继续。")]
    [InlineData("zh", "好无聊", "有时候会这样。")]
    [InlineData("zh", "我先做什么？", "这是个好问题，")]
    public void small_talk_questions_and_boredom_are_not_built_on(string locale, string said, string opening)
    {
        var reply = LearnCoach.Write(Brief(locale, "explore", null) with { UserText = said });

        Assert.StartsWith(opening, reply, StringComparison.Ordinal);
        Assert.DoesNotMatch("[“«]" + said[..^1], reply);
    }

    [Theory]
    [MemberData(nameof(EveryMethod))]
    public void a_lesson_asks_one_question_at_most(string locale, string step, string? tool) => Assert.All(
        Enumerable.Range(0, 5).Select(round => LearnCoach.Write(Brief(locale, step, tool) with { Round = round })),
        reply => Assert.InRange(reply.Count(letter => letter is '?' or '？'), 0, 1));

    [Theory]
    [InlineData("en", "I don't know")]
    [InlineData("es", "ni idea")]
    [InlineData("zh", "不知道")]
    public void nobody_is_praised_for_not_knowing(string locale, string said) =>
        Assert.DoesNotMatch("[“«]" + said, LearnCoach.Write(Brief(locale, "explore", null) with { UserText = said }));

    [Theory]
    [MemberData(nameof(EveryMethod))]
    public void the_model_is_told_one_method_and_the_last_six_messages(string locale, string step, string? tool)
    {
        var recent = Enumerable.Range(0, 8).Select(n => new PromptMessage(n % 2 == 0 ? MessageRole.User : MessageRole.Assistant, $"m{n}"));
        var prompt = LearnPrompt.Compose(Brief(locale, step, tool) with { Topic = "a\"b", Recent = [.. recent] }, AccountNames.Of("", []));

        Assert.Contains("""one topic: "a\"b".""", prompt[0].Text.Replace("\\u0022", "\\\"", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(1, prompt[0].Text.Split("Task for this reply:").Length - 1);
        Assert.DoesNotContain("{{", prompt[0].Text, StringComparison.Ordinal);
        Assert.Equal(["m2", "m3", "m4", "m5", "m6", "m7", "I know nothing yet"], prompt.Skip(1).Select(message => message.Text));
    }

    private static LearnBrief Brief(string locale, string step, string? tool) => new()
    {
        Step = EnumNames.TryParse(step, out LearnStep known) ? known : throw new ArgumentException(step, nameof(step)),
        Tool = tool,
        Topic = "photosynthesis",
        UserText = "I know nothing yet",
        Locale = locale,
    };

    private static IReadOnlyList<string>? Ids(string? text) => text?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
