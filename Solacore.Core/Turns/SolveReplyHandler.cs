using System.Data.Common;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Model;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Safety;
using Solacore.Core.Solve;

namespace Solacore.Core.Turns;

/// <summary>
/// Answers one message: the engine decides, the model or the offline coach speaks, the stream carries it, one
/// transaction keeps it, and only then the end is told.
/// </summary>
public sealed partial class SolveReplyHandler(
    SolveReplyStore store,
    ReplyModel model,
    SolveOptions options,
    TurnCancellations cancellations,
    RedisLink redis,
    TurnMetrics metrics,
    TimeProvider time,
    ILogger<SolveReplyHandler> logger) : IJobHandler<SolveReply>
{
    /// <summary>Between two words of the offline coach: the pace of a person who reads along.</summary>
    private static readonly TimeSpan CoachPace = TimeSpan.FromMilliseconds(25);

    public async Task HandleAsync(SolveReply payload, JobContext job, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        if (await store.ReadAsync(payload.TurnId, cancellationToken) is not { } open)
        {
            return;
        }

        using var watch = cancellations.Start(open.Turn.Id);
        await using var stream = new TurnStreamWriter(redis.Connection, open.Turn.Id, job.Attempt, time, logger);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(watch.Token, stream.Superseded, cancellationToken);
        var usage = new ReplyUsage();
        var clean = InputCleaning.Clean(open.Text);
        var decision = Decide(open, clean);
        var emotion = EmotionDetector.Detect(open.Text);

        // The context is free until the end, and nobody waits for this note.
        var marking = store.MarkRunningAsync(open.Turn.Id, job.Attempt, cancellationToken);
        try
        {
            if (job.Attempt > SolveReply.MaxReplies)
            {
                throw new ReplyBrokenException("too many attempts");
            }

            if (open.Turn.CancelRequestedAt is not null)
            {
                throw new OperationCanceledException();
            }

            var reply = await SpeakAsync(open, decision, stream, usage, started, stop.Token);
            var done = new SolveDone(decision.NextStep.ToWire(), decision.Agent?.ToWire(), emotion.Label, emotion.Confidence);
            await StoreAsync(marking, () => store.CompleteAsync(open, decision, reply, done, usage, job, cancellationToken), cancellationToken);
            await stream.EndAsync(TurnEvent.DoneName, done.ToJson());
            metrics.Ended("completed", usage, time.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (open.Turn.CancelRequestedAt is not null || watch.Token.IsCancellationRequested)
        {
            var done = new SolveDone(open.Session.CurrentStep, null, emotion.Label, emotion.Confidence, Cancelled: true);
            await StoreAsync(marking, () => store.GiveUpAsync(open, done, error: null, usage, job, cancellationToken), cancellationToken);
            await stream.EndAsync(TurnEvent.DoneName, done.ToJson());
            metrics.Ended("cancelled", usage, time.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (stream.Superseded.IsCancellationRequested)
        {
            throw new LeaseLostException(job.Id);
        }
        catch (ReplyBrokenException e)
        {
            LogBroken(logger, open.Turn.Id, e.Message);
            await StoreAsync(marking, () => store.GiveUpAsync(open, done: null, "reply_broken", usage, job, cancellationToken), cancellationToken);
            await stream.EndAsync(TurnEvent.ErrorName, TurnEvent.ErrorData);
            metrics.Ended("failed", usage, time.GetElapsedTime(started));
        }
    }

    private SolveDecision Decide(OpenTurn open, string clean)
    {
        var injected = InjectionGuard.LooksLikeInjection(open.Text);
        IReadOnlyList<string> flags = injected ? ["prompt_injection", .. PersonalData.Flags(open.Text)] : PersonalData.Flags(open.Text);
        var input = new SolveInput
        {
            Step = SolveWire.TryParse(open.Session.CurrentStep, out SolveStep step) ? step : SolveStep.Receive,
            Status = SolveWire.TryParse(open.Session.Status, out SolveStatus status) ? status : SolveStatus.Active,
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

    /// <summary>Streams the reply and returns it whole; what is stored is what was shown, letter by letter.</summary>
    private async Task<string> SpeakAsync(
        OpenTurn open, SolveDecision decision, TurnStreamWriter stream, ReplyUsage usage, long started, CancellationToken cancellationToken)
    {
        var reply = new StringBuilder();
        void Say(string piece)
        {
            if (piece.Length == 0)
            {
                return;
            }

            if (reply.Length == 0)
            {
                metrics.FirstToken(usage.Model, time.GetElapsedTime(started));
            }

            reply.Append(piece);
            stream.Write(piece);
        }

        if (model.IsConfigured && decision.Brief.Kind != ReplyKind.Refusal)
        {
            try
            {
                var prompt = ReplyPrompt.Compose(decision.Brief, decision.Profile, open.Recent, templatePrompt: null);

                // Phones make cards of the option lines: they are held back until their form is right.
                var shaped = new OptionsStream(decision.Brief);
                await foreach (var piece in model.StreamAsync(prompt, usage, cancellationToken))
                {
                    Say(shaped.Push(piece));
                }

                Say(shaped.Finish());

                return reply.ToString();
            }
            catch (ModelUnavailableException)
            {
                LogCoachSpeaks(logger, open.Turn.Id);
                metrics.FellBack();
            }
        }

        foreach (var word in OfflineCoach.Words(OfflineCoach.Write(decision.Brief)))
        {
            Say(word);
            await Task.Delay(CoachPace, time, cancellationToken);
        }

        return reply.ToString();
    }

    /// <summary>A database that is away for moments does not cost the reply that has been shown already.</summary>
    private async Task StoreAsync(Task marking, Func<Task> storing, CancellationToken cancellationToken)
    {
        await marking.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var since = time.GetTimestamp();
        while (true)
        {
            try
            {
                await storing();
                return;
            }
            catch (Exception e) when (e is DbException { IsTransient: true } or DbUpdateException { InnerException: DbException { IsTransient: true } }
                && time.GetElapsedTime(since) < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancellationToken);
            }
        }
    }

    [LoggerMessage(3030, LogLevel.Warning, "The reply of turn {TurnId} broke off: {Reason}")]
    private static partial void LogBroken(ILogger logger, Guid turnId, string reason);

    [LoggerMessage(3031, LogLevel.Warning, "No model answered turn {TurnId}: the offline coach speaks")]
    private static partial void LogCoachSpeaks(ILogger logger, Guid turnId);
}
