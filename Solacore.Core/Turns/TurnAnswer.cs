using System.Diagnostics;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Model;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Solve;

namespace Solacore.Core.Turns;

/// <summary>What a kind of session decides about one reply: what is said, and what is kept of it.</summary>
public interface ITurnReply
{
    /// <summary>The messages for the model; null when the offline coach is to speak in any case.</summary>
    IReadOnlyList<PromptMessage>? Prompt(AccountNames names);

    /// <summary>The messages by which a model reads what was said, while another call speaks; null when there is nothing to read.</summary>
    IReadOnlyList<PromptMessage>? ReadingPrompt(AccountNames names);

    /// <summary>Takes what was read, before the reply is kept.</summary>
    void Take(ProfileUpdate reading);

    /// <summary>The reply of the offline coach.</summary>
    string Offline { get; }

    /// <summary>What may be shown now, given one more piece of the model's text.</summary>
    string Push(string piece);

    /// <summary>What is left to show when the model has ended.</summary>
    string Finish();

    /// <summary>
    /// Locks and reads the session inside the transaction that ends the turn. The session first, as its deletion does: two
    /// that wait for each other would be a deadlock.
    /// </summary>
    /// <returns>False when the session has been deleted: then there is nothing to keep.</returns>
    Task<bool> LockSessionAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Adds the reply and all that follows from it to the context, after the lock. Both may be called again when storing
    /// failed, with a fresh context.
    /// </summary>
    /// <returns>The data of the <c>done</c> event.</returns>
    Task<string> KeepAsync(SpokenReply reply, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The data of the <c>done</c> event of a reply that the person stopped.</summary>
    string Cancelled { get; }

    /// <summary>The data of the <c>error</c> event.</summary>
    string Failed { get; }
}

/// <summary>A reply that has been said to its end.</summary>
/// <param name="MessageId">The id that it is stored with.</param>
/// <param name="Took">From the claim of the turn to the last word.</param>
/// <param name="Tokens">Input and output together; 0 for the offline coach.</param>
public sealed record SpokenReply(Guid MessageId, string Text, TimeSpan Took, int Tokens);

/// <summary>
/// Answers one turn of any kind: the model or the offline coach speaks, the stream carries it, one transaction keeps it,
/// and only then the end is told.
/// </summary>
public sealed partial class TurnAnswer(
    SolacoreDb db,
    ReplyModel model,
    ProfileReader reader,
    ModelLedger ledger,
    TurnCancellations cancellations,
    TurnGate gate,
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

    /// <summary>How long an end waits for a database that is away for moments.</summary>
    private static readonly TimeSpan StorePatience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A job that answers turns. It outlives its replies' attempts by far: with the database away even the failure cannot
    /// be stored.
    /// </summary>
    internal static JobKind<TPayload> Kind<TPayload>(string name) => new(
        name,
        JobLane.Turns,
        new RetryPolicy(100, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30)),
        TimeSpan.FromMinutes(3));

    /// <exception cref="LeaseLostException">Another worker answers this turn.</exception>
    public async Task GiveAsync(Turn turn, TurnPerson person, ITurnReply reply, JobContext job, CancellationToken cancellationToken)
    {
        Activity.Current?.SetCustomProperty(SystemNames.UserIdProperty, turn.UserId);
        var (started, startedAt) = (time.GetTimestamp(), time.GetUtcNow());
        using var watch = cancellations.Start(turn.Id);

        // A job that a stopping worker has handed back keeps its number; the events of the stream must not start at it again.
        var attempt = Math.Max(job.Attempt, turn.Attempt + 1);
        await using var stream = new TurnStreamWriter(redis.Connection, turn.Id, attempt, beat, time, logger);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(watch.Token, stream.Superseded, cancellationToken);
        var usage = new ReplyUsage();

        var asker = model.IsConfigured ? await AskerAsync(turn, person, cancellationToken) : null;
        var marking = Task.CompletedTask;
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

            // Not awaited: the first token must not wait for this update, and the context is unused until the end.
            var text = await SpeakAsync(
                turn, reply, asker, stream, usage, () => marking = MarkRunningAsync(turn.Id, attempt, startedAt, cancellationToken), stop.Token);
            var spoken = new SpokenReply(Guid.CreateVersion7(), text, time.GetElapsedTime(started), usage.InputTokens + usage.OutputTokens);
            var end = new End(TurnStatus.Completed, attempt, startedAt, spoken.MessageId, Error: null, usage);
            var done = await StoreAsync(turn, reply, end, now => reply.KeepAsync(spoken, now, cancellationToken), marking, job, cancellationToken);

            // Whoever still watches a session that was deleted meanwhile sees the stream end, too.
            await stream.EndAsync(TurnEvent.DoneName, done ?? reply.Cancelled);
            metrics.Ended("completed", usage, time.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (turn.CancelRequestedAt is not null || watch.Token.IsCancellationRequested)
        {
            var end = new End(TurnStatus.Cancelled, attempt, startedAt, MessageId: null, Error: null, usage);
            await StoreAsync(turn, reply, end, _ => Task.FromResult(reply.Cancelled), marking, job, cancellationToken);
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
            LogBroken(logger, turn.Id, e.Message);
            var end = new End(TurnStatus.Failed, attempt, startedAt, MessageId: null, "reply_broken", usage);
            await StoreAsync(turn, reply, end, _ => Task.FromResult(reply.Failed), marking, job, cancellationToken);
            await stream.EndAsync(TurnEvent.ErrorName, reply.Failed);
            metrics.Ended("failed", usage, time.GetElapsedTime(started));
        }
        finally
        {
            // The context goes back to its pool, and with nothing under way.
            await marking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

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

    /// <summary>Notes that an attempt has begun. Apart from the reply's transaction, so that nothing waits for it.</summary>
    private Task<int> MarkRunningAsync(Guid turnId, int attempt, DateTimeOffset startedAt, CancellationToken cancellationToken) =>
        db.Turns.Where(t => t.Id == turnId && t.FinishedAt == null).ExecuteUpdateAsync(
            set => set
                .SetProperty(t => t.Status, TurnStatus.Running)
                .SetProperty(t => t.Attempt, attempt)
                .SetProperty(t => t.StartedAt, t => t.StartedAt ?? startedAt),
            cancellationToken);

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
            await using var reading = new Reading(reader, reply, person, names, time, cancellationToken);
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

        foreach (var word in OfflineCoach.Words(reply.Offline))
        {
            Say(word);
            await Task.Delay(CoachPace, time, cancellationToken);
        }

        return text.ToString();
    }

    /// <summary>A database that is away for moments does not cost the reply that has been shown already.</summary>
    /// <returns>The data of the final event as stored; null when the session has been deleted.</returns>
    private async Task<string?> StoreAsync(
        Turn turn,
        ITurnReply reply,
        End end,
        Func<DateTimeOffset, Task<string>> keep,
        Task marking,
        JobContext job,
        CancellationToken cancellationToken)
    {
        await marking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var since = time.GetTimestamp();
        while (true)
        {
            try
            {
                var outcome = await StoreOnceAsync(turn, reply, end, keep, job, cancellationToken);
                if (end.Usage.Call is { } call)
                {
                    call.IsSettled = true;
                }

                return outcome;
            }
            catch (Exception e) when (Transient.Is(e) && time.GetElapsedTime(since) < StorePatience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancellationToken);
            }
        }
    }

    /// <summary>All or nothing, and nothing when another worker has taken the job over.</summary>
    private async Task<string?> StoreOnceAsync(
        Turn turn,
        ITurnReply reply,
        End end,
        Func<DateTimeOffset, Task<string>> keep,
        JobContext job,
        CancellationToken cancellationToken)
    {
        using var place = await gate.EnterAsync(cancellationToken);

        // A failed attempt must leave no tracked changes.
        db.ChangeTracker.Clear();

        // No savepoints: the transaction is all or nothing.
        db.Database.AutoSavepointsEnabled = false;
        string? outcome = null;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await reply.LockSessionAsync(cancellationToken))
        {
            var now = time.GetUtcNow();
            outcome = await keep(now);
            await db.Turns.Where(t => t.Id == turn.Id).ExecuteUpdateAsync(
                set => set
                    .SetProperty(t => t.Status, end.Status)
                    .SetProperty(t => t.Attempt, end.Attempt)
                    .SetProperty(t => t.StartedAt, t => t.StartedAt ?? end.StartedAt)
                    .SetProperty(t => t.AssistantMessageId, end.MessageId)
                    .SetProperty(t => t.Outcome, outcome)
                    .SetProperty(t => t.Error, end.Error)
                    .SetProperty(t => t.FinishedAt, now)
                    .SetProperty(t => t.Model, end.Speaker)
                    .SetProperty(t => t.InputTokens, end.Usage.InputTokens)
                    .SetProperty(t => t.OutputTokens, end.Usage.OutputTokens),
                cancellationToken);
            if (end.Error is not null)
            {
                db.AnalyticsEvents.Add(Analytics.StreamFailed(turn.SolveSessionId, end.Error, now));
            }
        }

        if (end.Usage.Call is { } call)
        {
            await ledger.SettleAsync(db, call, cancellationToken);
        }

        await job.CompleteAsync(db, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return outcome;
    }

    /// <summary>How a turn ends.</summary>
    /// <param name="Attempt">The attempt of the stream.</param>
    /// <param name="MessageId">The stored reply; null without one.</param>
    /// <param name="Error">Class of the failure; null without one.</param>
    private sealed record End(TurnStatus Status, int Attempt, DateTimeOffset StartedAt, Guid? MessageId, string? Error, ReplyUsage Usage)
    {
        public string? Speaker => Usage.Model ?? (Status == TurnStatus.Completed ? "offline" : null);
    }

    /// <summary>The reading of what was said, beside the reply to it; leaving ends it.</summary>
    private sealed class Reading(
        ProfileReader reader, ITurnReply reply, ModelAsker asker, AccountNames names, TimeProvider time, CancellationToken cancellationToken) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        private Task<ProfileUpdate?>? _running;

        public void Begin() => _running ??= reply.ReadingPrompt(names) is { } prompt
            ? reader.ReadAsync(prompt, asker, _stop.Token)
            : Task.FromResult<ProfileUpdate?>(null);

        public async Task TakeAsync()
        {
            if (_running is null)
            {
                return;
            }

            using var patience = new CancellationTokenSource(ReadingPatience, time);
            await using var late = patience.Token.Register(_stop.Cancel);
            if (await _running is { } read)
            {
                reply.Take(read);
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

    [LoggerMessage(3031, LogLevel.Warning, "No model answers turn {TurnId} ({Reason}): the offline coach speaks")]
    private static partial void LogCoachSpeaks(ILogger logger, Guid turnId, string reason);
}
