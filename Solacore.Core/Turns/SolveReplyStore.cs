using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Safety;
using Solacore.Core.Solve;

namespace Solacore.Core.Turns;

/// <summary>A turn with all that is needed to answer it.</summary>
/// <param name="Recent">Earlier messages, oldest first, cleaned.</param>
public sealed record OpenTurn(
    Turn Turn, SolveSession Session, string Text, ProblemProfile Profile, IReadOnlyList<PromptMessage> Recent);

/// <summary>What a worker reads at the start of a turn, and what it keeps of the reply.</summary>
public sealed class SolveReplyStore(SolacoreDb db)
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
            select new { Turn = t, Session = s, Profile = p == null ? null : p.Profile }).AsNoTracking().SingleOrDefaultAsync(cancellationToken);
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

    /// <summary>The session as it is now, held until the transaction ends; null when it has been deleted.</summary>
    public Task<SolveSession?> LockAsync(Guid sessionId, CancellationToken cancellationToken) =>
        db.SolveSessions.FromSql($"select * from solve_sessions where id = {sessionId} for update").SingleOrDefaultAsync(cancellationToken);

    /// <summary>Adds the reply and everything that follows from it, inside the transaction that ends the turn.</summary>
    public async Task KeepAsync(
        OpenTurn open, SolveSession session, SolveDecision decision, Guid messageId, string text, DateTimeOffset now, CancellationToken cancellationToken)
    {
        db.Messages.Add(new Message
        {
            Id = messageId,
            SessionId = session.Id,
            Role = "assistant",
            Content = text,
            Step = decision.ReplyStep.ToWire(),
            CreatedAt = now,
        });
        await SaveProfileAsync(session.Id, decision.Profile, now, cancellationToken);
        await MoveAsync(open, session, decision, now, cancellationToken);
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

    private async Task MoveAsync(OpenTurn turn, SolveSession session, SolveDecision decision, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var from = SolveWire.TryParse(session.CurrentStep, out SolveStep step) ? step : SolveStep.Receive;
        if (decision.Status.ToWire() != turn.Session.Status)
        {
            // Only what the decision changes: the client may have changed the status while the reply was under way.
            session.Status = decision.Status.ToWire();
        }

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
