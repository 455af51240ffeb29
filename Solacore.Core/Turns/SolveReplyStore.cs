using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Model;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Safety;
using Solacore.Core.Solve;

namespace Solacore.Core.Turns;

/// <summary>A turn with all that is needed to answer it.</summary>
/// <param name="Recent">Earlier messages, oldest first, cleaned.</param>
public sealed record OpenTurn(
    Turn Turn, SolveSession Session, string Text, ProblemProfile Profile, IReadOnlyList<PromptMessage> Recent);

/// <summary>What a worker reads at the start of a turn, and the one transaction that ends it.</summary>
public sealed class SolveReplyStore(SolacoreDb db, TimeProvider time)
{
    /// <summary>Null when there is no such turn or it has ended already.</summary>
    public async Task<OpenTurn?> ReadAsync(Guid turnId, CancellationToken cancellationToken)
    {
        // Two round trips: the first token waits for them.
        var known = await (
            from t in db.Turns
            where t.Id == turnId && t.FinishedAt == null
            join s in db.SolveSessions on t.SessionId equals s.Id
            join p in db.SolveProfiles on s.Id equals p.SessionId into profiles
            from p in profiles.DefaultIfEmpty()
            select new { Turn = t, Session = s, Profile = p == null ? null : p.Profile }).SingleOrDefaultAsync(cancellationToken);
        if (known is null)
        {
            return null;
        }

        var (turn, session) = (known.Turn, known.Session);
        var messages = await db.Messages.AsNoTracking()
            .Where(m => m.SessionId == session.Id && (m.Role == "user" || m.Role == "assistant"))
            .OrderByDescending(m => m.Sequence)
            .Take(ReplyPrompt.MaxRecentMessages + 1)
            .Select(m => new { m.Id, m.Role, m.Content })
            .ToListAsync(cancellationToken);
        var said = messages.Single(m => m.Id == turn.UserMessageId);
        messages.Remove(said);
        messages.Reverse();
        return new OpenTurn(
            turn,
            session,
            said.Content,
            ProblemProfile.Parse(known.Profile, session.Id, session.UserId),
            [.. messages.Select(m => new PromptMessage(
                m.Role == "user" ? PromptRole.User : PromptRole.Assistant,
                InputCleaning.Clean(m.Content)))]);
    }

    /// <summary>Notes that an attempt has begun. Apart from the reply's transaction, so that nothing waits for it.</summary>
    public Task<int> MarkRunningAsync(Guid turnId, int attempt, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return db.Turns.Where(t => t.Id == turnId && t.FinishedAt == null).ExecuteUpdateAsync(
            set => set
                .SetProperty(t => t.Status, TurnStatus.Running)
                .SetProperty(t => t.Attempt, attempt)
                .SetProperty(t => t.StartedAt, t => t.StartedAt ?? now),
            cancellationToken);
    }

    /// <summary>
    /// Stores the reply and everything that follows from it, ends the turn and the job: all or nothing, and nothing when
    /// another worker has taken the job over.
    /// </summary>
    /// <exception cref="LeaseLostException">Another worker answers this turn.</exception>
    public async Task CompleteAsync(
        OpenTurn open, SolveDecision decision, string reply, SolveDone done, ReplyUsage usage, JobContext job, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (turn, session) = (open.Turn, open.Session);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var message = new Message
        {
            Id = Guid.CreateVersion7(),
            SessionId = session.Id,
            Role = "assistant",
            Content = reply,
            Step = decision.ReplyStep.ToWire(),
            CreatedAt = now,
        };
        db.Messages.Add(message);
        await SaveProfileAsync(session.Id, decision.Profile, now, cancellationToken);
        await MoveAsync(session, decision, now, cancellationToken);
        turn.Status = TurnStatus.Completed;
        turn.Attempt = job.Attempt;
        turn.AssistantMessageId = message.Id;
        turn.Outcome = done.ToJson();
        turn.FinishedAt = now;
        turn.Model = usage.Model ?? "offline";
        turn.InputTokens = usage.InputTokens;
        turn.OutputTokens = usage.OutputTokens;
        await EndAsync(transaction, job, cancellationToken);
    }

    /// <summary>Ends a turn without a reply: cancelled by the person, or failed.</summary>
    /// <param name="open">The turn.</param>
    /// <param name="done">Data of the final event of a cancelled turn; null for a failed one.</param>
    /// <param name="error">Class of the failure; null for a cancelled one.</param>
    /// <exception cref="LeaseLostException">Another worker answers this turn.</exception>
    public async Task GiveUpAsync(
        OpenTurn open, SolveDone? done, string? error, ReplyUsage usage, JobContext job, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var turn = open.Turn;
        turn.Status = error is null ? TurnStatus.Cancelled : TurnStatus.Failed;
        turn.Attempt = job.Attempt;
        turn.Outcome = done?.ToJson();
        turn.Error = error;
        turn.FinishedAt = now;
        turn.Model = usage.Model;
        turn.InputTokens = usage.InputTokens;
        turn.OutputTokens = usage.OutputTokens;
        if (error is not null)
        {
            db.AnalyticsEvents.Add(Analytics.StreamFailed(open.Session.Id, error, now));
        }

        await EndAsync(transaction, job, cancellationToken);
    }

    private async Task EndAsync(
        Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction transaction, JobContext job, CancellationToken cancellationToken)
    {
        await job.CompleteAsync(db, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task SaveProfileAsync(Guid sessionId, ProblemProfile profile, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var json = profile.ToJson();
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into solve_profiles (id, session_id, schema_version, profile, created_at, updated_at)
            values ({Guid.CreateVersion7()}, {sessionId}, {ProblemProfile.CurrentSchema}, {json}::jsonb, {now}, {now})
            on conflict (session_id) do update
            set schema_version = excluded.schema_version, profile = excluded.profile, updated_at = excluded.updated_at
            """,
            cancellationToken);
    }

    private async Task MoveAsync(SolveSession session, SolveDecision decision, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var from = SolveWire.TryParse(session.CurrentStep, out SolveStep step) ? step : SolveStep.Receive;
        session.Status = decision.Status.ToWire();
        session.FirstStepAction = decision.FirstStepAction ?? session.FirstStepAction;
        if (!decision.Moved && !decision.Completes)
        {
            return;
        }

        var open = await db.StepHistory.SingleOrDefaultAsync(h => h.SessionId == session.Id && h.CompletedAt == null, cancellationToken);
        if (open is not null)
        {
            open.CompletedAt = now;

            // Before the next visit opens: the index allows one open visit at a time.
            await db.SaveChangesAsync(cancellationToken);
        }

        if (decision.Completes)
        {
            session.CompletedAt = now;
            db.AnalyticsEvents.Add(Analytics.LastStepCompleted(session.Id, from, now));
            db.AnalyticsEvents.Add(Analytics.SessionCompleted(session.Id, from, now));
            return;
        }

        session.CurrentStep = decision.NextStep.ToWire();
        db.StepHistory.Add(new StepHistory { Id = Guid.CreateVersion7(), SessionId = session.Id, Step = session.CurrentStep, StartedAt = now });
        db.AnalyticsEvents.Add(Analytics.StepCompleted(session.Id, from, decision.NextStep, now));
    }
}
