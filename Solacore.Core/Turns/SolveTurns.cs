using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Model;
using Solacore.Core.Safety;
using Solacore.Core.Solve;

namespace Solacore.Core.Turns;

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
        if (await FindOwnAsync(message, cancellationToken) is not { } own)
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

        var opinion = await intake.SecondOpinionAsync(own.Email, own.DeviceNames, message.Content, cancellationToken);
        if (opinion == SecondOpinion.NotAsked)
        {
            return await StoreAsync(own, message, locale, cancellationToken);
        }

        if (opinion == SecondOpinion.Danger)
        {
            await intake.NoteCrisisAsync(Analytics.CrisisSuspected(session.Id, time.GetUtcNow()), cancellationToken);
            return new MessageOutcome.Crisis(locale);
        }

        // Meanwhile the client or the reply to another message may have moved or ended the session.
        db.ChangeTracker.Clear();
        return await FindOwnAsync(message, cancellationToken) switch
        {
            null => new MessageOutcome.SessionNotFound(),
            { Session.Status: var status } when status == SolveStatus.Completed.ToWire() => new MessageOutcome.SessionCompleted(),
            var now => await StoreAsync(now, message, locale, cancellationToken),
        };
    }

    /// <summary>One round trip: the first token waits for it.</summary>
    private async Task<OwnSession?> FindOwnAsync(NewMessage message, CancellationToken cancellationToken)
    {
        var rows = await (
            from s in db.SolveSessions
            where s.Id == message.SessionId && s.UserId == message.UserId
            join u in db.Users on s.UserId equals u.Id
            join h in db.StepHistory.Where(h => h.CompletedAt == null) on s.Id equals h.SessionId into visits
            from visit in visits.DefaultIfEmpty()
            join d in db.Devices on u.Id equals d.UserId into devices
            from device in devices.DefaultIfEmpty()
            select new { Session = s, u.Email, UserLocale = u.Locale, Visit = visit, DeviceName = device == null ? null : device.DeviceName })
            .ToListAsync(cancellationToken);
        return rows is [var own, ..]
            ? new OwnSession(own.Session, own.Visit, own.Email, own.UserLocale, [.. rows.Select(row => row.DeviceName)])
            : null;
    }

    private async Task<MessageOutcome> StoreAsync(
        OwnSession own, NewMessage message, string locale, CancellationToken cancellationToken)
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
        if (session.Status == SolveStatus.Abandoned.ToWire())
        {
            session.Status = SolveStatus.Active.ToWire();
        }

        return await intake.CommitAsync(turn, session.Id, SolveReply.Kind, new SolveReply(turn.Id), cancellationToken);
    }

    /// <param name="Visit">Of the step where the session stands; null when nobody has written there yet.</param>
    private sealed record OwnSession(SolveSession Session, StepHistory? Visit, string Email, string? UserLocale, IReadOnlyList<string?> DeviceNames);
}
