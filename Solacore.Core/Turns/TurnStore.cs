using Microsoft.EntityFrameworkCore;
using Npgsql;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Model;
using Solacore.Core.Telemetry;

namespace Solacore.Core.Turns;

/// <summary>How a turn ends.</summary>
/// <param name="Attempt">The attempt of the stream.</param>
/// <param name="MessageId">The stored reply; null without one.</param>
/// <param name="Error">Class of the failure; null without one.</param>
public sealed record TurnConclusion(TurnStatus Status, int Attempt, DateTimeOffset StartedAt, Guid? MessageId, string? Error, ReplyUsage Usage)
{
    public string? Speaker => Usage.Model ?? (Status == TurnStatus.Completed ? "offline" : null);
}

/// <summary>What the database keeps of one turn that is being answered: that it runs, and how it ended.</summary>
public sealed class TurnStore(SolacoreDb db, NpgsqlDataSource database, ModelLedger ledger, TurnGate gate, TimeProvider time)
{
    /// <summary>How long an end waits for a database that is away for moments, or for the locks of a worker that is frozen.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Condition of the statement that locks a session: whoever waits for a lock keeps a place of the gate, which others need,
    /// so in this transaction nobody waits for long.
    /// </summary>
    internal const string WaitsBriefly = "set_config('lock_timeout', '500ms', true) is not null";

    /// <summary>
    /// Notes that an attempt has begun, on a connection of its own: the first token waits for nothing. Whoever starts it may
    /// ignore its failure, for the end writes the same columns.
    /// </summary>
    public async Task NoteBegunAsync(Guid turnId, int attempt, DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "update turns set status = $4, attempt = $2, started_at = coalesce(started_at, $3) where id = $1 and finished_at is null");
        command.Parameters.AddWithValue(turnId);
        command.Parameters.AddWithValue(attempt);
        command.Parameters.AddWithValue(startedAt);
        command.Parameters.AddWithValue(TurnStatus.Running.Name());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A database that is away for moments does not cost the reply that has been shown already.</summary>
    /// <returns>The data of the final event as stored; null when the session has been deleted.</returns>
    public async Task<string?> EndAsync(
        Turn turn,
        ITurnReply reply,
        TurnConclusion end,
        Func<DateTimeOffset, Task<string>> keep,
        JobContext job,
        CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            try
            {
                var outcome = await EndOnceAsync(turn, reply, end, keep, job, cancellationToken);
                if (end.Usage.Call is { } call)
                {
                    call.IsSettled = true;
                }

                return outcome;
            }
            catch (Exception e) when (DatabaseErrors.IsTransient(e) && time.GetElapsedTime(since) < Patience)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Fails a turn of which nothing can be read but its ids.</summary>
    /// <exception cref="LeaseLostException">Another worker has the turn.</exception>
    public async Task GiveUpAsync(Guid turnId, string outcome, JobContext job, CancellationToken cancellationToken)
    {
        const string error = "unreadable";
        db.ChangeTracker.Clear();
        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var failed = await db.Turns.Where(t => t.Id == turnId && t.FinishedAt == null).ExecuteUpdateAsync(
            set => set
                .SetProperty(t => t.Status, TurnStatus.Failed)
                .SetProperty(t => t.Outcome, outcome)
                .SetProperty(t => t.Error, error)
                .SetProperty(t => t.FinishedAt, now),
            cancellationToken);
        if (failed > 0)
        {
            var session = await db.Turns.Where(t => t.Id == turnId).Select(t => t.SolveSessionId).SingleAsync(cancellationToken);
            db.AnalyticsEvents.Add(Analytics.StreamFailed(session, error, now));
        }

        await job.CompleteAsync(db, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>All or nothing, and nothing when another worker has taken the job over.</summary>
    private async Task<string?> EndOnceAsync(
        Turn turn,
        ITurnReply reply,
        TurnConclusion end,
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
            await db.Database.ExecuteSqlAsync(
                $"""
                update turns
                set status = {end.Status.Name()}, attempt = {end.Attempt}, started_at = coalesce(started_at, {end.StartedAt}), finished_at = {now},
                    assistant_message_id = {end.MessageId}, outcome = {outcome}::jsonb, error = {end.Error}, model = {end.Speaker},
                    input_tokens = {end.Usage.InputTokens}, output_tokens = {end.Usage.OutputTokens}
                where id = {turn.Id}
                """,
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
}
