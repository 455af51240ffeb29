using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Language;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Safety;
using Solacore.Core.Turns;

namespace Solacore.Core.Learn;

/// <summary>Answers one message of a learn session with the method of its tool or step.</summary>
public sealed class LearnReplyHandler(SolacoreDb db, TurnAnswer answer) : IJobHandler<LearnReply>
{
    // Not tracked: minutes can pass until the end, which looks at the session again. One round trip, and compiled: the first token waits for it.
    private static readonly Func<SolacoreDb, Guid, CancellationToken, Task<Known?>> Query = EF.CompileAsyncQuery(
        (SolacoreDb db, Guid turnId, CancellationToken _) => (
            from t in db.Turns
            where t.Id == turnId && t.FinishedAt == null
            join person in TurnPerson.All(db) on t.UserId equals person.UserId
            join plan in db.Subscriptions on t.UserId equals plan.UserId into plans
            from plan in plans.DefaultIfEmpty()
            join s in db.LearnSessions on t.SessionId equals s.Id
            join m in db.LearnMessages on t.UserMessageId equals m.Id
            select new Known
            {
                Turn = t,
                Topic = s.Topic,
                TopicText = db.LearnMessages
                    .Where(other => other.SessionId == s.Id && other.Role == MessageRole.User && s.Topic != null && other.Content.StartsWith(s.Topic.TrimEnd('.')))
                    .OrderBy(other => other.Sequence)
                    .Select(other => other.Content)
                    .FirstOrDefault(),
                Said = m,
                Person = person,
                Plan = plan,
                Rounds = db.LearnMessages.Count(other => other.SessionId == s.Id && other.Role == MessageRole.Assistant && other.Step == m.Step && other.Tool == m.Tool),
                Recent = db.LearnMessages
                    .Where(other => other.SessionId == s.Id && other.Id != m.Id)
                    .OrderByDescending(other => other.Sequence)
                    .Take(LearnPrompt.MaxRecentMessages)
                    .GroupBy(other => other.SessionId)
                    .Select(own => new RecentMessages
                    {
                        Roles = EF.Functions.ArrayAgg(own.OrderBy(other => other.Sequence).Select(other => other.Role)),
                        Texts = EF.Functions.ArrayAgg(own.OrderBy(other => other.Sequence).Select(other => other.Content)),
                    })
                    .FirstOrDefault(),
            }).AsNoTracking().SingleOrDefault());

    public Task HandleAsync(LearnReply payload, JobContext job, CancellationToken cancellationToken) =>
        answer.GiveAsync(payload.TurnId, () => ReadAsync(payload.TurnId, cancellationToken), LearnDone.FailedData, job, cancellationToken);

    private async Task<TurnToAnswer?> ReadAsync(Guid turnId, CancellationToken cancellationToken)
    {
        if (await Query(db, turnId, cancellationToken) is not { } known)
        {
            return null;
        }

        var (turn, said) = (known.Turn, known.Said);
        var brief = new LearnBrief
        {
            Step = EnumNames.TryParse(said.Step, out LearnStep step) ? step : LearnStep.Start,
            Tool = said.Tool,
            Topic = LearnRules.NamesSomething(known.TopicText ?? known.Topic ?? "") ? known.Topic : null,
            TopicText = known.TopicText,
            UserText = Wording.OneLine(said.Content),
            Locale = turn.Locale,
            Round = known.Rounds,
            Recent = known.Recent?.ToPrompt(text => text) ?? [],
        };
        return new TurnToAnswer(turn, known.Person, known.Plan, new Reply(db, turn, brief));
    }

    private sealed class Known
    {
        public required Turn Turn { get; init; }
        public required string? Topic { get; init; }

        /// <summary>The message that the topic is the beginning of, perhaps with three dots behind it.</summary>
        public required string? TopicText { get; init; }

        public required LearnMessage Said { get; init; }
        public required TurnPerson Person { get; init; }
        public required Subscription? Plan { get; init; }

        /// <summary>Replies so far of the same step and tool.</summary>
        public required int Rounds { get; init; }

        public required RecentMessages? Recent { get; init; }
    }

    private sealed class Reply(SolacoreDb db, Turn turn, LearnBrief brief) : ITurnReply
    {
        private LearnSession? _session;

        public IReadOnlyList<PromptMessage> Prompt(AccountNames names) => LearnPrompt.Compose(brief, names);

        public ITurnReading? Reading => null;

        public string Offline => LearnCoach.Write(brief);

        public string Cancelled => LearnDone.CancelledData;

        public string Failed => LearnDone.FailedData;

        public string Push(string piece) => piece;

        public string Finish() => "";

        public async Task<bool> LockSessionAsync(CancellationToken cancellationToken)
        {
            _session = await db.LearnSessions
                .FromSqlRaw("select * from learn_sessions where id = {0} and " + TurnStore.WaitsBriefly + " for no key update", turn.SessionId)
                .SingleOrDefaultAsync(cancellationToken);
            return _session is not null;
        }

        public Task<string> KeepAsync(SpokenReply reply, DateTimeOffset now, CancellationToken cancellationToken)
        {
            var session = _session ?? throw new InvalidOperationException("The session is kept after it was locked.");
            db.LearnMessages.Add(new LearnMessage
            {
                Id = reply.MessageId,
                SessionId = session.Id,
                Role = MessageRole.Assistant,
                Content = reply.Text,
                Step = brief.Step.Name(),
                Tool = brief.Tool,
                CreatedAt = now,
            });
            var next = brief.Step.Next();
            if (next is null)
            {
                session.Status = SessionStatus.Completed;
                session.CompletedAt = now;
                session.ReviewSchedule = ReviewSchedule.From(now).ToJson();
            }

            var completed = session.Status == SessionStatus.Completed;
            return Task.FromResult(new LearnDone(reply.MessageId, next?.Name(), LearnRules.IsLesson(reply.Text), completed).ToJson());
        }
    }
}
