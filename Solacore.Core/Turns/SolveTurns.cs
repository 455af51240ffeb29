using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Safety;
using Solacore.Core.Solve;

namespace Solacore.Core.Turns;

/// <summary>A message as the edge hands it in; shape and length are checked.</summary>
/// <param name="Content">As typed.</param>
/// <param name="AcceptLanguage">The header, for the language of the reply.</param>
/// <param name="IdempotencyKey">From newer clients; null without one.</param>
public sealed record NewMessage(Guid UserId, Guid SessionId, string Content, string? AcceptLanguage, string? IdempotencyKey);

/// <summary>Takes the messages of solve sessions in.</summary>
public sealed class SolveTurns(SolacoreDb db, TurnIntake intake, TimeProvider time)
{
    /// <summary>
    /// Stores the message, its turn and its job in one transaction. The raw text of somebody's own session is checked for a
    /// crisis before anything else: a conversation that is over still knows where help is. Then the state, the
    /// second opinion, and whether the session is free.
    /// </summary>
    public async Task<MessageOutcome> AcceptAsync(NewMessage message, CancellationToken cancellationToken)
    {
        // One round trip: the first token waits for it.
        var known = await (
            from s in db.SolveSessions
            where s.Id == message.SessionId && s.UserId == message.UserId
            join u in db.Users on s.UserId equals u.Id
            join h in db.StepHistory.Where(h => h.CompletedAt == null) on s.Id equals h.SessionId into visits
            from visit in visits.DefaultIfEmpty()
            join d in db.Devices on u.Id equals d.UserId into devices
            from device in devices.DefaultIfEmpty()
            select new { Session = s, u.Email, UserLocale = u.Locale, Visit = visit, DeviceName = device == null ? null : device.DeviceName })
            .ToListAsync(cancellationToken);
        if (known is not [var own, ..])
        {
            return new MessageOutcome.SessionNotFound();
        }

        var session = own.Session;
        var locale = ReplyLocale.Choose(session.Locale, message.AcceptLanguage, message.Content, own.UserLocale, session.FirstMessage);
        if (CrisisDetector.Detect(message.Content) is { } crisis)
        {
            await intake.NoteCrisisAsync(Analytics.CrisisDetected(session.Id, crisis, time.GetUtcNow()), cancellationToken);
            return new MessageOutcome.Crisis(locale);
        }

        // Before the status check: the repeated message may be the one that completed the session.
        if (await intake.FindRepeatedAsync(session.Id, message.IdempotencyKey, cancellationToken) is { } repeated)
        {
            return repeated;
        }

        if (session.Status == SolveStatus.Completed.ToWire())
        {
            return new MessageOutcome.SessionCompleted();
        }

        if (await intake.SoundsDangerousAsync(own.Email, known.Select(row => row.DeviceName), message.Content, cancellationToken))
        {
            await intake.NoteCrisisAsync(Analytics.CrisisSuspected(session.Id, time.GetUtcNow()), cancellationToken);
            return new MessageOutcome.Crisis(locale);
        }

        return await StoreAsync(session, own.Visit, message, locale, cancellationToken);
    }

    private async Task<MessageOutcome> StoreAsync(
        SolveSession session, StepHistory? visit, NewMessage message, string locale, CancellationToken cancellationToken)
    {
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
        if (session.Status == SolveStatus.Abandoned.ToWire())
        {
            session.Status = SolveStatus.Active.ToWire();
        }

        return await intake.CommitAsync(turn, session.Id, SolveReply.Kind, new SolveReply(turn.Id), cancellationToken);
    }
}
