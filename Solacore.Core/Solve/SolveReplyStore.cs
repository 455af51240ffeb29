using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Safety;
using Solacore.Core.Turns;

namespace Solacore.Core.Solve;

/// <summary>A turn with all that is needed to answer it.</summary>
/// <param name="Plan">The person's, as stored; null without a row.</param>
/// <param name="Recent">Earlier messages, oldest first, cleaned.</param>
/// <param name="TemplatePrompt">The role that the session began with; null without a template.</param>
public sealed record OpenTurn(
    Turn Turn,
    TurnPerson Person,
    Subscription? Plan,
    SolveSession Session,
    string Text,
    ProblemProfile Profile,
    IReadOnlyList<PromptMessage> Recent,
    string? TemplatePrompt);

/// <summary>What a worker reads at the start of a turn, and what it keeps of the reply.</summary>
public sealed class SolveReplyStore(SolacoreDb db)
{
    // One round trip, and compiled: the first token waits for it, and to compose it anew took as long as to ask it.
    private static readonly Func<SolacoreDb, Guid, CancellationToken, Task<Known?>> Query = EF.CompileAsyncQuery(
        (SolacoreDb db, Guid turnId, CancellationToken _) => (
            from t in db.Turns
            where t.Id == turnId && t.FinishedAt == null
            join person in TurnPerson.All(db) on t.UserId equals person.UserId
            join plan in db.Subscriptions on t.UserId equals plan.UserId into plans
            from plan in plans.DefaultIfEmpty()
            join s in db.SolveSessions on t.SessionId equals s.Id
            join said in db.Messages on t.UserMessageId equals said.Id
            join p in db.SolveProfiles on s.Id equals p.SessionId into profiles
            from p in profiles.DefaultIfEmpty()
            select new Known
            {
                Turn = t,
                Session = s,
                Said = said.Content,
                Person = person,
                Plan = plan,
                Profile = p == null ? null : p.Profile,
                TemplatePrompt = s.TemplateId == null
                    ? null
                    : db.Messages.Where(m => m.SessionId == s.Id && m.Role == MessageRole.System).OrderBy(m => m.Sequence).Select(m => m.Content).FirstOrDefault(),
                Recent = db.Messages
                    .Where(m => m.SessionId == s.Id && m.Id != t.UserMessageId && (m.Role == MessageRole.User || m.Role == MessageRole.Assistant))
                    .OrderByDescending(m => m.Sequence)
                    .Take(SolvePrompt.MaxRecentMessages)
                    .GroupBy(m => m.SessionId)
                    .Select(own => new RecentMessages
                    {
                        Roles = EF.Functions.ArrayAgg(own.OrderBy(m => m.Sequence).Select(m => m.Role)),
                        Texts = EF.Functions.ArrayAgg(own.OrderBy(m => m.Sequence).Select(m => m.Content)),
                    })
                    .FirstOrDefault(),
            }).AsNoTracking().SingleOrDefault());

    /// <summary>Null when there is no such turn, any more or at all, or it has ended already.</summary>
    public async Task<OpenTurn?> ReadAsync(Guid turnId, CancellationToken cancellationToken)
    {
        if (await Query(db, turnId, cancellationToken) is not { } known)
        {
            return null;
        }

        var session = known.Session;
        return new OpenTurn(
            known.Turn,
            known.Person,
            known.Plan,
            session,
            known.Said,
            ProblemProfile.Parse(known.Profile, session.Id, session.UserId),
            known.Recent?.ToPrompt(InputCleaning.Clean) ?? [],
            known.TemplatePrompt);
    }

    /// <summary>The session as it is now, held until the transaction ends; null when it has been deleted.</summary>
    public Task<SolveSession?> LockAsync(Guid sessionId, CancellationToken cancellationToken) => db.SolveSessions
        .FromSqlRaw("select * from solve_sessions where id = {0} and " + TurnStore.WaitsBriefly + " for no key update", sessionId)
        .SingleOrDefaultAsync(cancellationToken);

    /// <summary>Adds the reply and everything that follows from it, inside the transaction that ends the turn.</summary>
    public async Task KeepAsync(
        OpenTurn open, SolveSession session, SolveDecision decision, SpokenReply reply, DateTimeOffset now, CancellationToken cancellationToken)
    {
        db.Messages.Add(new Message
        {
            Id = reply.MessageId,
            SessionId = session.Id,
            Role = MessageRole.Assistant,
            Content = reply.Text,
            Step = decision.ReplyStep.Name(),
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

    /// <summary>
    /// What the decision does to the session as it is now. The client may have moved or ended it while the reply was
    /// under way: then that stands, and the decision, which knew an older session, moves nothing.
    /// </summary>
    private async Task MoveAsync(
        OpenTurn open, SolveSession session, SolveDecision decision, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (decision.FirstStepAction is not null)
        {
            // As typed: whom to call at which number is the person's own business, and nobody else reads it.
            session.FirstStepAction ??= StatedAction.Line(open.Text);
        }

        if (session.CurrentStep != open.Session.CurrentStep || session.Status == SessionStatus.Completed)
        {
            return;
        }

        if (decision.Completes)
        {
            await StepMoves.CompleteAsync(db, session, now, cancellationToken);
        }
        else if (decision.Moved)
        {
            await StepMoves.MoveAsync(db, session, SolveSteps.Of(open.Session), decision.NextStep, now, cancellationToken);
        }
    }

    private sealed class Known
    {
        public required Turn Turn { get; init; }
        public required SolveSession Session { get; init; }
        public required string Said { get; init; }
        public required TurnPerson Person { get; init; }
        public required Subscription? Plan { get; init; }
        public required string? Profile { get; init; }
        public required string? TemplatePrompt { get; init; }
        public required RecentMessages? Recent { get; init; }
    }
}
