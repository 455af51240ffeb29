using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Model;
using Solacore.Core.Safety;

namespace Solacore.Core.Turns;

/// <summary>
/// Answers one turn of any kind: the model or the offline coach speaks, the stream carries it, one transaction keeps it,
/// and only then the end is told.
/// </summary>
public sealed partial class TurnAnswer(
    SolacoreDb db,
    TurnStore store,
    TurnGate gate,
    ReplyModel model,
    StructuredReader reader,
    ModelLedger ledger,
    TurnCancellations cancellations,
    RedisLink redis,
    StreamBeat beat,
    TurnMetrics metrics,
    TimeProvider time,
    ILogger<TurnAnswer> logger)
{
    /// <summary>
    /// Attempts that may produce a reply; each may have cost money and each makes viewers start anew. A later one only
    /// tells the failure, so that every accepted message gets an end.
    /// </summary>
    public const int MaxReplies = 3;

    /// <summary>Between two words of the offline coach: the pace of a person who reads along.</summary>
    private static readonly TimeSpan CoachPace = TimeSpan.FromMilliseconds(25);

    /// <summary>How long a reply that has been said waits for the reading beside it.</summary>
    private static readonly TimeSpan ReadingPatience = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A job that answers turns. It outlives its replies' attempts by far: with the database away even the failure cannot
    /// be stored.
    /// </summary>
    internal static JobKind<TPayload> Kind<TPayload>(string name) => new(
        name,
        JobLane.Turns,
        new RetryPolicy(100, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30)),
        TimeSpan.FromMinutes(3));

    /// <param name="turnId">Of the turn.</param>
    /// <param name="read">Reads what is needed to answer it; null when there is no such turn, any more or at all, or it has ended.</param>
    /// <param name="failed">The data of the <c>error</c> event.</param>
    /// <exception cref="LeaseLostException">Another worker answers this turn.</exception>
    public async Task GiveAsync(
        Guid turnId, Func<Task<TurnToAnswer?>> read, string failed, JobContext job, CancellationToken cancellationToken)
    {
        TurnToAnswer? open;
        var started = time.GetTimestamp();
        try
        {
            using var place = await gate.EnterAsync(cancellationToken);
            open = await read();
        }
        catch (Exception e) when (job.Attempt > MaxReplies && !Transient.Is(e) && e is not OperationCanceledException)
        {
            // What cannot even be read now cannot be read the next time, and the session waits for an end.
            LogUnreadable(logger, e, turnId);
            await store.GiveUpAsync(turnId, failed, job, cancellationToken);
            metrics.Ended("failed", new ReplyUsage(), time.GetElapsedTime(started));
            return;
        }

        if (open is var (turn, person, reply))
        {
            await GiveAsync(turn, person, reply, job, cancellationToken);
        }
    }

    private async Task GiveAsync(Turn turn, TurnPerson person, ITurnReply reply, JobContext job, CancellationToken cancellationToken)
    {
        Activity.Current?.SetCustomProperty(SystemNames.UserIdProperty, turn.UserId);
        var (started, startedAt) = (time.GetTimestamp(), time.GetUtcNow());
        using var watch = cancellations.Start(turn.Id);

        // A job that a stopping worker has handed back keeps its number; the events of the stream must not start at it again.
        var attempt = Math.Max(job.Attempt, turn.Attempt + 1);
        await using var stream = new TurnStreamWriter(redis.Connection, turn.Id, attempt, beat, time, logger);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(watch.Token, stream.Superseded, cancellationToken);
        var usage = new ReplyUsage();

        try
        {
            if (job.Attempt > MaxReplies)
            {
                throw new ReplyBrokenException("too many attempts");
            }

            if (turn.CancelRequestedAt is not null)
            {
                throw new OperationCanceledException();
            }

            var asker = model.IsConfigured ? await AskerAsync(turn, person, cancellationToken) : null;

            var text = await SpeakAsync(
                turn, reply, asker, stream, usage, () => store.BeginMarking(turn.Id, attempt, startedAt, cancellationToken), stop.Token);
            var spoken = new SpokenReply(Guid.CreateVersion7(), text, time.GetElapsedTime(started), usage.InputTokens + usage.OutputTokens);
            var end = new TurnConclusion(TurnStatus.Completed, attempt, startedAt, spoken.MessageId, Error: null, usage);
            var done = await store.EndAsync(turn, reply, end, now => reply.KeepAsync(spoken, now, cancellationToken), job, cancellationToken);

            // Whoever still watches a session that was deleted meanwhile sees the stream end, too.
            await stream.EndAsync(TurnEvent.DoneName, done ?? reply.Cancelled);
            metrics.Ended("completed", usage, time.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (turn.CancelRequestedAt is not null || watch.Token.IsCancellationRequested)
        {
            var end = new TurnConclusion(TurnStatus.Cancelled, attempt, startedAt, MessageId: null, Error: null, usage);
            await store.EndAsync(turn, reply, end, _ => Task.FromResult(reply.Cancelled), job, cancellationToken);
            await stream.EndAsync(TurnEvent.DoneName, reply.Cancelled);
            metrics.Ended("cancelled", usage, time.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (stream.Superseded.IsCancellationRequested)
        {
            // The job was taken over; and should this run hold it still, the next one comes after what is in the stream.
            throw new RetryLaterException(TimeSpan.FromSeconds(1), "a later attempt writes to the stream");
        }
        catch (ReplyBrokenException e)
        {
            var end = new TurnConclusion(TurnStatus.Failed, attempt, startedAt, MessageId: null, "reply_broken", usage);
            await store.EndAsync(turn, reply, end, _ => Task.FromResult(reply.Failed), job, cancellationToken);

            // Not earlier: what breaks off in a worker that was frozen was given whole by the one that took the turn over.
            LogBroken(logger, turn.Id, e.Message);
            await stream.EndAsync(TurnEvent.ErrorName, reply.Failed);
            metrics.Ended("failed", usage, time.GetElapsedTime(started));
        }
        finally
        {
            // The context goes back to its pool, and with nothing under way.
            await store.EndMarkingAsync();

            // Nothing was stored: another worker has the turn, or this one stops. What was used was used.
            if (usage.Call is { } call)
            {
                await ledger.SettleAsync(call);
            }
        }
    }

    /// <summary>For whom the models are asked: the plan decides how much may be spent, and the names stay here.</summary>
    private async Task<(ModelAsker Asker, AccountNames Names)?> AskerAsync(Turn turn, TurnPerson person, CancellationToken cancellationToken)
    {
        var plan = await Plans.AsOfAsync(db, person.Plan, time.GetUtcNow(), cancellationToken);
        var tier = plan is null ? Tier.Free : Tiers.Parse(plan.Tier);
        return (
            new ModelAsker(turn.UserId, turn.SessionId, turn.Id, tier, tier == Tier.Free ? null : plan?.CurrentPeriodStart),
            AccountNames.Of(person.Email, person.DeviceNames ?? []));
    }

    /// <summary>Streams the reply and returns it whole; what is stored is what was shown, letter by letter.</summary>
    private async Task<string> SpeakAsync(
        Turn turn,
        ITurnReply reply,
        (ModelAsker Asker, AccountNames Names)? asker,
        TurnStreamWriter stream,
        ReplyUsage usage,
        Action begun,
        CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        void Say(string piece)
        {
            if (piece.Length == 0)
            {
                return;
            }

            var isFirst = text.Length == 0;
            text.Append(piece);
            stream.Write(piece);
            if (isFirst)
            {
                metrics.FirstToken(usage.Model, time.GetUtcNow() - turn.CreatedAt);
                begun();
            }
        }

        if (asker is ({ } person, { } names) && reply.Prompt(names) is { } prompt)
        {
            await using var reading = new ReadingBeside(reader, reply.Reading, person, names, time, cancellationToken);
            try
            {
                await foreach (var piece in model.StreamAsync(prompt, person, usage, cancellationToken))
                {
                    Say(reply.Push(piece));

                    // Not earlier: nothing may stand in the way of the first word.
                    reading.Begin();
                }

                Say(reply.Finish());
                await reading.TakeAsync();
                return text.ToString();
            }
            catch (ModelUnavailableException e)
            {
                LogCoachSpeaks(logger, turn.Id, e.Message);
                metrics.FellBack(e.Message);
            }
        }

        foreach (var word in SpokenPieces.Of(reply.Offline))
        {
            Say(word);
            await Task.Delay(CoachPace, time, cancellationToken);
        }

        return text.ToString();
    }

    /// <summary>The reading of what was said, beside the reply to it; leaving ends it.</summary>
    private sealed class ReadingBeside(
        StructuredReader reader, ITurnReading? reading, ModelAsker asker, AccountNames names, TimeProvider time, CancellationToken cancellationToken) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        private Task<string?>? _running;

        public void Begin()
        {
            if (reading is not null)
            {
                _running ??= reader.ReadAsync(reading.Question(names), asker, _stop.Token);
            }
        }

        public async Task TakeAsync()
        {
            if (_running is null)
            {
                return;
            }

            using var patience = new CancellationTokenSource(ReadingPatience, time);
            await using var late = patience.Token.Register(_stop.Cancel);
            if (await _running is { } answer)
            {
                reading?.Take(answer);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            if (_running is not null)
            {
                await _running;
            }

            _stop.Dispose();
        }
    }

    [LoggerMessage(3030, LogLevel.Warning, "The reply of turn {TurnId} broke off: {Reason}")]
    private static partial void LogBroken(ILogger logger, Guid turnId, string reason);

    [LoggerMessage(3032, LogLevel.Error, "Turn {TurnId} cannot be read, and fails")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, Guid turnId);

    [LoggerMessage(3031, LogLevel.Warning, "No model answers turn {TurnId} ({Reason}): the offline coach speaks")]
    private static partial void LogCoachSpeaks(ILogger logger, Guid turnId, string reason);
}
