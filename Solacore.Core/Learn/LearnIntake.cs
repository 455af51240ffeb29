using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Language;
using Solacore.Core.Safety;
using Solacore.Core.Turns;

namespace Solacore.Core.Learn;

/// <summary>A message breaks a rule of learn.</summary>
public sealed record LearnRefused(LearnProblem Problem) : MessageOutcome;

/// <summary>Takes the messages of learn sessions in.</summary>
public sealed class LearnIntake(SolacoreDb db, TurnIntake intake, TimeProvider time)
{
    // One round trip, and compiled: the first token waits for it.
    private static readonly Func<SolacoreDb, Guid, Guid, CancellationToken, Task<OwnLearnSession?>> FindOwnAsync = EF.CompileAsyncQuery(
        (SolacoreDb db, Guid sessionId, Guid userId, CancellationToken _) => (
            from s in db.LearnSessions
            where s.Id == sessionId && s.UserId == userId
            join person in TurnPerson.All(db) on s.UserId equals person.UserId
            select new OwnLearnSession(
                s,
                db.Turns.Where(t => t.LearnSessionId == s.Id).OrderByDescending(t => t.CreatedAt).Select(t => t.Locale).FirstOrDefault(),
                person)).SingleOrDefault());

    /// <summary>
    /// Stores the message, cleaned, its turn and its job in one transaction, unless <see cref="TurnIntake.AcceptAsync"/> says
    /// why not.
    /// </summary>
    /// <param name="message">As the edge hands it in.</param>
    /// <param name="step">Null: the session's own.</param>
    /// <param name="tool">Null: the methods of the step.</param>
    public Task<MessageOutcome> AcceptAsync(NewMessage message, string? step, string? tool, CancellationToken cancellationToken)
    {
        var at = default(LearnStep);
        return intake.AcceptAsync(
            message,
            () => FindOwnAsync(db, message.SessionId, message.UserId, cancellationToken),
            own => Refuse(own.Session, step, tool, out at),
            (own, locale) => StoreAsync(own, message, at, tool, locale, cancellationToken),
            cancellationToken);
    }

    private static LearnRefused? Refuse(LearnSession session, string? step, string? tool, out LearnStep at)
    {
        at = default;
        if (session.Status != SessionStatus.Active)
        {
            return new LearnRefused(new LearnProblem(LearnRule.SessionNotActive));
        }

        var (checkedStep, problem) = LearnRules.Check(step, tool, session.CurrentStep, session.ToolPlan);
        at = checkedStep ?? default;
        return problem is null ? null : new LearnRefused(problem);
    }

    private Task<MessageOutcome?> StoreAsync(
        OwnLearnSession own, NewMessage message, LearnStep step, string? tool, string locale, CancellationToken cancellationToken)
    {
        var session = own.Session;
        var now = time.GetUtcNow();
        var cleaned = InputCleaning.Clean(message.Content);
        var turn = new Turn
        {
            Id = Guid.CreateVersion7(),
            UserId = message.UserId,
            LearnSessionId = session.Id,
            IdempotencyKey = message.IdempotencyKey,
            UserMessageId = Guid.CreateVersion7(),
            Locale = locale,
            CreatedAt = now,
        };
        db.LearnMessages.Add(new LearnMessage
        {
            Id = turn.UserMessageId,
            SessionId = session.Id,
            Role = MessageRole.User,
            Content = cleaned,
            Step = step.Name(),
            Tool = tool,
            CreatedAt = now,
        });
        if (session.Topic is not null && LearnCoach.OtherTopic(cleaned) is { } other)
        {
            session.Topic = Wording.Shorten(other, LearnRules.TopicLength);
        }
        else if (step == LearnStep.Start)
        {
            session.Topic = LearnRules.TopicAfter(session.Topic, cleaned);
        }

        return intake.CommitAsync(own, turn, LearnReply.Kind, new LearnReply(turn.Id), cancellationToken);
    }

    private sealed record OwnLearnSession(LearnSession Session, string? LastLocale, TurnPerson Person)
        : OwnSession(Session.Id, AnalyticsId: null, Session.Locale, LastLocale, Person)
    {
        // As read: the first message gives the entity its topic.
        private readonly string _topic = Session.Topic ?? "";

        public override FormattableString LockIfUnchanged =>
            $"""
            select 1 as "Value" from learn_sessions
            where id = {Session.Id} and status = {Session.Status.Name()} and current_step = {Session.CurrentStep} and coalesce(topic, '') = {_topic}
            for no key update
            """;
    }
}
