using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Turns;

namespace Solacore.Core.Solve;

/// <summary>Takes the messages of solve sessions in.</summary>
public sealed class SolveIntake(SolacoreDb db, TurnIntake intake, TimeProvider time)
{
    // One round trip, and compiled: the first token waits for it.
    private static readonly Func<SolacoreDb, Guid, Guid, CancellationToken, Task<OwnSolveSession?>> FindOwnAsync = EF.CompileAsyncQuery(
        (SolacoreDb db, Guid sessionId, Guid userId, CancellationToken _) => (
            from s in db.SolveSessions
            where s.Id == sessionId && s.UserId == userId
            join person in TurnPerson.All(db) on s.UserId equals person.UserId
            join h in db.StepHistory.Where(h => h.CompletedAt == null) on s.Id equals h.SessionId into visits
            from visit in visits.DefaultIfEmpty()
            select new OwnSolveSession(
                s,
                visit,
                db.Turns.Where(t => t.SolveSessionId == s.Id).OrderByDescending(t => t.CreatedAt).Select(t => t.Locale).FirstOrDefault(),
                person)).SingleOrDefault());

    /// <summary>Stores the message, its turn and its job in one transaction, unless <see cref="TurnIntake.AcceptAsync"/> says why not.</summary>
    public Task<MessageOutcome> AcceptAsync(NewMessage message, CancellationToken cancellationToken) => intake.AcceptAsync(
        message,
        () => FindOwnAsync(db, message.SessionId, message.UserId, cancellationToken),
        own => own.Session.Status == SessionStatus.Completed ? new MessageOutcome.SessionCompleted() : null,
        (own, locale) => StoreAsync(own, message, locale, cancellationToken),
        cancellationToken);

    private Task<MessageOutcome?> StoreAsync(
        OwnSolveSession own, NewMessage message, string locale, CancellationToken cancellationToken)
    {
        var (session, visit) = (own.Session, own.Visit);
        var now = time.GetUtcNow();
        var turn = new Turn
        {
            Id = Guid.CreateVersion7(),
            UserId = message.UserId,
            SolveSessionId = session.Id,
            IdempotencyKey = message.IdempotencyKey,
            UserMessageId = Guid.CreateVersion7(),
            Locale = locale,
            CreatedAt = now,
        };
        db.Messages.Add(new Message
        {
            Id = turn.UserMessageId,
            SessionId = session.Id,
            Role = MessageRole.User,
            Content = message.Content,
            Step = session.CurrentStep,
            CreatedAt = now,
        });
        if (visit is null)
        {
            visit = new StepHistory { Id = Guid.CreateVersion7(), SessionId = session.Id, Step = session.CurrentStep, StartedAt = now };
            db.StepHistory.Add(visit);
        }

        visit.MessageCount++;
        if (session.Status == SessionStatus.Abandoned)
        {
            session.Status = SessionStatus.Active;
        }

        return intake.CommitAsync(own, turn, SolveReply.Kind, new SolveReply(turn.Id), cancellationToken);
    }

    /// <param name="Visit">Of the step where the session stands; null when nobody has written there yet.</param>
    private sealed record OwnSolveSession(SolveSession Session, StepHistory? Visit, string? LastLocale, TurnPerson Person)
        : OwnSession(Session.Id, Session.Id, Session.Locale, LastLocale, Person)
    {
        /// <summary>No count of messages.</summary>
        private const int NoVisit = -1;

        // As read: the entities change when the message goes in.
        private readonly string _status = Session.Status.Name();
        private readonly int _messageCount = Visit?.MessageCount ?? NoVisit;

        public override FormattableString LockIfUnchanged =>
            $"""
            select 1 as "Value" from solve_sessions s
            where id = {Session.Id} and status = {_status} and current_step = {Session.CurrentStep}
                and coalesce((select message_count from step_history where session_id = s.id and completed_at is null), {NoVisit}) = {_messageCount}
            for no key update
            """;
    }
}
