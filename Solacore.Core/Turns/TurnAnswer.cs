using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Model;

namespace Solacore.Core.Turns;

/// <summary>
/// Answers one turn of any kind: the model or the offline coach speaks, the stream carries it, one transaction keeps it,
/// and only then the end is told.
/// </summary>
public sealed partial class TurnAnswer(
    TurnStore store,
    TurnGate gate,
    ReplySpeaker speaker,
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
        catch (Exception e) when (job.Attempt > MaxReplies && !DatabaseErrors.IsTransient(e) && e is not OperationCanceledException)
        {
            // What cannot even be read now cannot be read the next time, and the session waits for an end.
            LogUnreadable(logger, e, turnId);
            await store.GiveUpAsync(turnId, failed, job, cancellationToken);
            metrics.Ended(TurnStatus.Failed, new ReplyUsage(), time.GetElapsedTime(started));
            return;
        }

        if (open is not null)
        {
            await GiveAsync(open, job, cancellationToken);
        }
    }

    private async Task GiveAsync(TurnToAnswer open, JobContext job, CancellationToken cancellationToken)
    {
        var (turn, _, _, reply) = open;
        Activity.Current?.SetCustomProperty(SystemNames.UserIdProperty, turn.UserId);
        var (started, startedAt) = (time.GetTimestamp(), time.GetUtcNow());
        using var watch = cancellations.Start(turn.Id);

        // A job that a stopping worker has handed back keeps its number; the events of the stream must not start at it again.
        var attempt = Math.Max(job.Attempt, turn.Attempt + 1);
        await using var stream = new TurnStreamWriter(redis.Connection, turn.Id, attempt, beat, time, logger);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(watch.Token, stream.Superseded, cancellationToken);
        var usage = new ReplyUsage();
        var noting = Task.CompletedTask;

        async Task ConcludeAsync(TurnStatus status, Func<DateTimeOffset, Task<string>> keep, Guid? messageId = null, string? error = null)
        {
            var end = new TurnConclusion(status, attempt, startedAt, messageId, error, usage);
            var outcome = await store.EndAsync(turn, reply, end, keep, job, cancellationToken);

            // Whoever still watches a session that was deleted meanwhile sees the stream end, too.
            await (status == TurnStatus.Failed
                ? stream.EndAsync(TurnEvent.ErrorName, reply.Failed)
                : stream.EndAsync(TurnEvent.DoneName, outcome ?? reply.Cancelled));
            if (outcome is null)
            {
                // Of a deleted session nothing is kept.
                await redis.TryDeleteAsync([TurnStream.Key(turn.Id)]);
            }

            metrics.Ended(status, usage, time.GetElapsedTime(started));
        }

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

            var text = await speaker.SpeakAsync(
                open, stream, usage, () => noting = store.NoteBegunAsync(turn.Id, attempt, startedAt, cancellationToken), stop.Token);
            var spoken = new SpokenReply(Guid.CreateVersion7(), text, time.GetElapsedTime(started), usage.InputTokens + usage.OutputTokens);
            await ConcludeAsync(TurnStatus.Completed, now => reply.KeepAsync(spoken, now, cancellationToken), spoken.MessageId);
        }
        catch (OperationCanceledException) when (turn.CancelRequestedAt is not null || watch.Token.IsCancellationRequested)
        {
            await ConcludeAsync(TurnStatus.Cancelled, _ => Task.FromResult(reply.Cancelled));
        }
        catch (OperationCanceledException) when (stream.Superseded.IsCancellationRequested)
        {
            // The job was taken over; and should this run hold it still, the next one comes after what is in the stream.
            throw new RetryLaterException(TimeSpan.FromSeconds(1), "a later attempt writes to the stream");
        }
        catch (ReplyBrokenException e)
        {
            await ConcludeAsync(TurnStatus.Failed, _ => Task.FromResult(reply.Failed), error: "reply_broken");

            // Not earlier: what breaks off in a worker that was frozen was given whole by the one that took the turn over.
            LogBroken(logger, turn.Id, e.Message);
        }
        finally
        {
            await noting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // Nothing was stored: another worker has the turn, or this one stops. What was used was used.
            if (usage.Call is { } call)
            {
                await ledger.SettleAsync(call);
            }
        }
    }

    [LoggerMessage(3030, LogLevel.Warning, "The reply of turn {TurnId} broke off: {Reason}")]
    private static partial void LogBroken(ILogger logger, Guid turnId, string reason);

    [LoggerMessage(3032, LogLevel.Error, "Turn {TurnId} cannot be read, and fails")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, Guid turnId);
}
