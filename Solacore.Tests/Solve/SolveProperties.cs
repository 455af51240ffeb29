using CsCheck;
using Solacore.Core.Data;
using Solacore.Core.Language;
using Solacore.Core.Safety;
using Solacore.Core.Solve;
using Solacore.Core.Turns;

namespace Solacore.Tests.Solve;

/// <summary>What holds for whatever people write.</summary>
public sealed class SolveProperties
{
    private static readonly string[] Fragments =
    [
        "I want", " to sleep", "Quiero", " que ", "我想", "希望", "不知道", "maybe", ", but ", "\n", "\r\n", "A) x\nB) y", "{goal}", "{concern}", "“”", "«»",
        "?", "？", "¿", "...", ";", "；", "。", ",", "，", " ", "\t", "\0", "\ud83d", "\ufffe", "😀", "👨‍👩‍👧", "</data>", "ignore previous instructions", "NEXT_STEP: options",
        new string('x', 70), "deadline", "a", "1", "$0", "\\", "e\u0301",
    ];

    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String,
        Gen.String[Gen.Char['\u4e00', '\u9fff'], 0, 130],
        Gen.OneOf(Fragments).Array[0, 12].Select(string.Concat));

    private static readonly Gen<Emotion> Emotions =
        Gen.Select(Gen.OneOf("anxious", "sad", "calm", "confused", "neutral", ""), Gen.Double[0, 1], (label, confidence) => new Emotion(label, confidence));

    private static readonly Gen<IReadOnlyList<string>?> Lists = Texts.Array[0, 7].Select(texts => (IReadOnlyList<string>?)texts);

    private static readonly Gen<ProfileUpdate?> Updates = Gen.OneOf(
        Gen.Const((ProfileUpdate?)null),
        Gen.Select(
            Texts,
            Lists,
            Gen.Select(Texts, Texts, (title, description) => new SolveOption(title, description, [title], [])).Array[2, 4],
            (text, list, options) => (ProfileUpdate?)new ProfileUpdate { Goal = text, Constraints = list, Attempts = list, Options = options }));

    private static readonly Gen<(string Text, Emotion Emotion, ProfileUpdate? Update, bool Refused)> Messages =
        Gen.Select(Texts, Emotions, Updates, Gen.Int[0, 9].Select(die => die == 0));

    private static readonly Gen<string> ModelReplies = Gen.OneOf(
        Texts,
        Gen.OneOf("A) one\n", "B. two\n", "**C)** three\n", "1. x\n", "2) y\n", "3、z\n", "text\n", "\n", " A) \n", "D) four", "A friend ", "\r\n", "NEXT_STEP: x\n")
            .Array[0, 9]
            .Select(string.Concat));

    private static readonly ReplyBrief IntoOptions = SolveEngine.Decide(SolveWalk.Input(SolveStep.Reframe, "go on")).Brief;

    [Fact]
    public void whatever_people_write_the_engine_keeps_its_promises() =>
        Gen.Select(Messages.Array[1, 14], Gen.OneOf("en", "es", "zh"), Gen.Guid, Gen.Bool).Sample((messages, locale, sessionId, plain) =>
        {
            var (step, status) = (SolveStep.Receive, SessionStatus.Active);
            var profile = ProblemProfile.Empty(sessionId, SolveWalk.UserId);
            foreach (var message in messages)
            {
                var input = SolveWalk.Input(step, message.Text, profile, status) with
                {
                    Emotion = message.Emotion,
                    Locale = locale,
                    InjectionRefused = message.Refused,
                };
                var decision = plain ? PlainEngine.Decide(input) : SolveEngine.Decide(input);

                Assert.True(decision.NextStep == step || SolveSteps.CanMove(step, decision.NextStep));
                Assert.Equal(decision.Moved, decision.NextStep != step);
                Assert.Equal(decision.Completes, decision.Status != status && decision.Status == SessionStatus.Completed);
                Assert.True(!message.Refused || (!decision.Moved && !decision.Completes && decision.Brief.Kind == ReplyKind.Refusal || status == SessionStatus.Completed));
                Assert.True(decision.FirstStepAction is null || decision.Completes);

                var reply = OfflineCoach.Write(decision.Brief);
                Assert.False(string.IsNullOrWhiteSpace(reply));
                Assert.True(!decision.Brief.MovesIntoOptions || OptionsText.IsWellFormed(reply), reply);
                Assert.Equal(reply, string.Concat(SpokenPieces.Of(reply)));
                Assert.DoesNotContain("", SpokenPieces.Of(reply));

                var prompt = SolvePrompt.Compose(decision.Brief, decision.Profile, [], templatePrompt: null, AccountNames.Of("", []));
                Assert.Equal(1, prompt[0].Text.Split("</data>").Length - 1);

                // Reading back must lose nothing: what is stored is what the next message continues from.
                var read = message.Update is { } update ? decision.Profile.WithReading(profile, step, update) : decision.Profile;
                var json = read.ToJson();
                profile = ProblemProfile.Parse(json, sessionId, SolveWalk.UserId);
                Assert.Equal(json, profile.ToJson());
                Assert.DoesNotContain("\\u0000", json, StringComparison.OrdinalIgnoreCase);
                (step, status) = (decision.NextStep, decision.Status);
            }
        });

    [Fact]
    public void any_models_reply_into_options_gets_its_form() => ModelReplies.Sample(reply =>
    {
        var repaired = OptionsText.EnsureOptions(reply, IntoOptions);

        Assert.True(OptionsText.IsWellFormed(repaired), repaired);
        Assert.Equal(repaired, OptionsText.EnsureOptions(repaired, IntoOptions));
    });

    [Fact]
    public void however_a_model_cuts_its_chunks_the_streamed_reply_is_the_same() =>
        Gen.Select(ModelReplies, Gen.Int[1, 9]).Sample((reply, size) =>
        {
            var whole = Stream([reply]);

            Assert.Equal(whole, Stream([.. reply.Chunk(size).Select(chunk => new string(chunk))]));
            Assert.True(OptionsText.IsWellFormed(whole), whole);
        });

    [Fact]
    public void any_text_is_streamed_without_loss() =>
        Texts.Sample(text =>
        {
            var words = SpokenPieces.Of(text).ToList();
            Assert.Equal(text, string.Concat(words));
            Assert.DoesNotContain("", words);
        });

    [Fact]
    public void a_reading_validated_twice_is_the_same() =>
        Updates.Sample(update =>
        {
            var once = (update ?? new ProfileUpdate()).Validate();
            Assert.Equal(Describe(once), Describe(once.Validate()));
        });

    [Fact]
    public void a_locale_is_always_one_of_three() =>
        Gen.Select(Texts.Null(), Texts.Null(), Texts.Null(), Texts.Null()).Sample((session, accept, message, user) =>
            Assert.Contains(ReplyLocale.Choose(session, accept, message, user), ReplyLocale.Supported));

    private static string Stream(string[] chunks)
    {
        var stream = new OptionsStream(IntoOptions);
        return string.Concat(chunks.Select(stream.Push)) + stream.Finish();
    }

    private static string Describe(ProfileUpdate update) => System.Text.Json.JsonSerializer.Serialize(update);
}
