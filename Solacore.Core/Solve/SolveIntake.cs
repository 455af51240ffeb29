using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Turns;

namespace Solacore.Core.Solve;

/// <summary>Takes the messages of solve sessions in.</summary>
public sealed class SolveIntake(SolacoreDb db, TurnIntake intake, TimeProvider time)
{
    // One round trip, and compiled: the first token waits for it. A row for each device.
    private static readonly Func<SolacoreDb, Guid, Guid, IAsyncEnumerable<Row>> Query = EF.CompileAsyncQuery(
        (SolacoreDb db, Guid sessionId, Guid userId) =>
            from s in db.SolveSessions
            where s.Id == sessionId && s.UserId == userId
            join u in db.Users on s.UserId equals u.Id
            join h in db.StepHistory.Where(h => h.CompletedAt == null) on s.Id equals h.SessionId into visits
            from visit in visits.DefaultIfEmpty()
            join d in db.Devices on u.Id equals d.UserId into devices
            from device in devices.DefaultIfEmpty()
            select new Row
            {
                Session = s,
                LastLocale = db.Turns.Where(t => t.SolveSessionId == s.Id).OrderByDescending(t => t.CreatedAt).Select(t => t.Locale).FirstOrDefault(),
                Email = u.Email,
                UserLocale = u.Locale,
                Visit = visit,
                DeviceName = device == null ? null : device.DeviceName,
            });

    /// <summary>Stores the message, its turn and its job in one transaction, unless <see cref="TurnIntake.AcceptAsync"/> says why not.</summary>
    public Task<MessageOutcome> AcceptAsync(NewMessage message, CancellationToken cancellationToken) => intake.AcceptAsync(
        message,
        () => FindOwnAsync(message, cancellationToken),
        own => own.Session.Status == SessionStatus.Completed ? new MessageOutcome.SessionCompleted() : null,
        (own, locale) => StoreAsync(own, message, locale, cancellationToken),
        cancellationToken);

    private async Task<OwnSolveSession?> FindOwnAsync(NewMessage message, CancellationToken cancellationToken)
    {
        var rows = await Query(db, message.SessionId, message.UserId).ToListAsync(cancellationToken);
        return rows is [var own, ..]
            ? new OwnSolveSession(own.Session, own.Visit, own.LastLocale, own.Email, own.UserLocale, [.. rows.Select(row => row.DeviceName)])
            : null;
    }

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
            Role = "user",
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

    private sealed class Row
    {
        public required SolveSession Session { get; init; }
        public required string? LastLocale { get; init; }
        public required string Email { get; init; }
        public required string? UserLocale { get; init; }
        public required StepHistory? Visit { get; init; }
        public required string? DeviceName { get; init; }
    }

    /// <param name="Visit">Of the step where the session stands; null when nobody has written there yet.</param>
    private sealed record OwnSolveSession(
        SolveSession Session, StepHistory? Visit, string? LastLocale, string Email, string? UserLocale, IReadOnlyList<string?> DeviceNames)
        : OwnSession(Session.Id, Session.Id, Session.Locale, LastLocale, Email, UserLocale, DeviceNames)
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
