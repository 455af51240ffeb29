using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Model;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Safety;
using Solacore.Core.Turns;

namespace Solacore.Core.Solve;

/// <summary>Answers one message of a solve session: the engine decides what the reply is and what follows from it.</summary>
public sealed class SolveReplyHandler(SolveReplyStore store, TurnAnswer answer, SolveOptions options, TimeProvider time) : IJobHandler<SolveReply>
{
    public Task HandleAsync(SolveReply payload, JobContext job, CancellationToken cancellationToken) =>
        answer.GiveAsync(payload.TurnId, () => ReadAsync(payload.TurnId, cancellationToken), SolveDone.FailedData, job, cancellationToken);

    private async Task<TurnToAnswer?> ReadAsync(Guid turn, CancellationToken cancellationToken) =>
        await store.ReadAsync(turn, cancellationToken) is { } open
            ? new TurnToAnswer(open.Turn, open.Person, open.Plan, new Reply(store, open, Decide(open, InputCleaning.Clean(open.Text))))
            : null;

    private SolveDecision Decide(OpenTurn open, string clean)
    {
        var injected = InjectionGuard.LooksLikeInjection(open.Text);
        IReadOnlyList<string> flags = injected ? ["prompt_injection", .. PersonalData.Flags(open.Text)] : PersonalData.Flags(open.Text);
        var input = new SolveInput
        {
            Step = SolveSteps.Of(open.Session),
            Status = open.Session.Status,
            Profile = open.Profile,
            Text = clean,
            Emotion = EmotionDetector.Detect(clean),
            Locale = open.Turn.Locale,
            Now = time.GetUtcNow(),
            Flags = flags,
            InjectionRefused = injected && options.BlockInjection,
            FirstStepAction = open.Session.FirstStepAction,
        };
        return options.Orchestrated ? SolveEngine.Decide(input) : PlainEngine.Decide(input);
    }

    private sealed class Reply(SolveReplyStore store, OpenTurn open, SolveDecision decision) : ITurnReply, ITurnReading
    {
        // Phones make cards of the option lines: they are held back until their form is right.
        private readonly OptionsStream _shaped = new(decision.Brief);
        private readonly Emotion _emotion = EmotionDetector.Detect(open.Text);
        private ProblemProfile _profile = decision.Profile;
        private SolveSession? _session;

        public IReadOnlyList<PromptMessage>? Prompt(AccountNames names) => decision.Brief.Kind == ReplyKind.Refusal
            ? null
            : SolvePrompt.Compose(decision.Brief, decision.Profile, open.Recent, open.TemplatePrompt, names);

        /// <summary>
        /// Up to the reply before the options the profile grows. That one needs them, and they stay the same once they are
        /// shown; so they are worked out with the last message of clarify.
        /// </summary>
        public ITurnReading? Reading => decision.Brief.Kind is ReplyKind.Empathy or ReplyKind.Question && decision.Brief.UserText.Length > 0 ? this : null;

        public StructuredQuestion Question(AccountNames names) => new(
            SolvePrompt.ComposeProfileReading(
                open.Profile, decision.Brief.UserText, decision.Brief.Locale, withOptions: decision is { Moved: true, NextStep: SolveStep.Reframe }, names),
            "profile",
            ProfileUpdate.Schema);

        public void Take(string answer)
        {
            if (ProfileUpdate.Parse(answer) is { } reading)
            {
                _profile = decision.Profile.WithReading(
                    open.Profile, decision.Brief.Kind == ReplyKind.Empathy ? SolveStep.Receive : SolveStep.Clarify, reading);
            }
        }

        public string Offline => OfflineCoach.Write(decision.Brief);

        public string Cancelled =>
            new SolveDone((_session ?? open.Session).CurrentStep, null, _emotion.Label, _emotion.Confidence, Cancelled: true).ToJson();

        public string Failed => SolveDone.FailedData;

        public string Push(string piece) => _shaped.Push(piece);

        public string Finish() => _shaped.Finish();

        public async Task<bool> LockSessionAsync(CancellationToken cancellationToken)
        {
            _session = await store.LockAsync(open.Session.Id, cancellationToken);
            return _session is not null;
        }

        public async Task<string> KeepAsync(SpokenReply reply, DateTimeOffset now, CancellationToken cancellationToken)
        {
            var session = _session ?? throw new InvalidOperationException("The session is kept after it was locked.");
            var profile = _profile.WithLastRunMeasured((int)reply.Took.TotalMilliseconds, reply.Tokens);
            if (decision.Brief is { MovesIntoOptions: true, Options: var offered })
            {
                profile = profile.WithShown(OptionsText.Shown(reply.Text, offered), offered);
            }

            var kept = decision with { Profile = profile };
            await store.KeepAsync(open, session, kept, reply, now, cancellationToken);
            return new SolveDone(session.CurrentStep, decision.Agent?.Name(), _emotion.Label, _emotion.Confidence).ToJson();
        }
    }
}
