using System.Data;
using Microsoft.EntityFrameworkCore;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Turns;

namespace Solacore.Core.Solve;

/// <summary>A request to start a session.</summary>
/// <param name="CallerDeviceId">The device of the login, for beta testers whose app sends another fingerprint.</param>
/// <param name="Locale">Set when the client chose the language of the replies.</param>
/// <param name="Language"><c>en</c>, <c>es</c> or <c>zh</c>: of the template's welcome.</param>
/// <param name="TemplateId">The role that the assistant takes; null for none.</param>
public sealed record NewSession(Guid UserId, string DeviceFingerprint, Guid CallerDeviceId, string? Locale, string Language, Guid? TemplateId);

/// <summary>What became of it.</summary>
public abstract record SessionStart
{
    private SessionStart()
    {
    }

    /// <summary>There is no such template, or it is switched off.</summary>
    public sealed record TemplateNotFound : SessionStart;

    /// <summary>No active device of this person has that fingerprint.</summary>
    public sealed record DeviceNotFound : SessionStart;

    public sealed record QuotaExceeded(QuotaReservation Quota, Tier Tier) : SessionStart;

    public sealed record Started(SolveSession Session, QuotaReservation Quota, Tier Tier) : SessionStart;
}

/// <summary>One message as a client sees it.</summary>
public sealed record SessionMessage(Guid Id, MessageRole Role, string Content, string? Step, DateTimeOffset CreatedAt);

/// <summary>A session with what a client asked for beside it.</summary>
public sealed record SessionView(SolveSession Session, IReadOnlyList<SessionMessage>? Messages, UnfinishedTurn? ActiveTurn);

/// <summary>Starting, reading and deleting solve sessions; a session of somebody else does not exist.</summary>
public sealed class SolveSessions(SolacoreDb db, BillingOptions billing, RedisLink redis, TimeProvider time)
{
    /// <summary>The latest messages that a client gets when it does not say how many.</summary>
    public const int DefaultMessages = 100;

    /// <summary>Counts the session against the quota and stores it, in one transaction.</summary>
    public async Task<SessionStart> StartAsync(NewSession request, CancellationToken cancellationToken)
    {
        PromptTemplate? template = null;
        if (request.TemplateId is { } templateId)
        {
            template = await TemplateCatalogue.FindAsync(db, templateId, cancellationToken);
            if (template is null)
            {
                return new SessionStart.TemplateNotFound();
            }
        }

        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await HoldAccountAsync(request.UserId, cancellationToken);
        var device = await DeviceAsync(request, cancellationToken);
        if (device is null)
        {
            return new SessionStart.DeviceNotFound();
        }

        await Plans.EnsureAsync(db, [request.UserId], now, cancellationToken);
        var plan = await Plans.CurrentAsync(db, request.UserId, now, cancellationToken)
            ?? throw new InvalidOperationException("The subscription row was made a moment ago.");
        var quota = await Quota.ReserveAsync(db, plan, billing, now, cancellationToken);
        if (!quota.Granted)
        {
            return new SessionStart.QuotaExceeded(quota, plan.Tier);
        }

        var session = new SolveSession
        {
            Id = Guid.CreateVersion7(),
            UserId = request.UserId,
            DeviceId = device,
            TemplateId = template?.Id,
            Locale = request.Locale,
            CreatedAt = now,
        };
        db.SolveSessions.Add(session);
        db.StepHistory.Add(new StepHistory { Id = Guid.CreateVersion7(), SessionId = session.Id, Step = session.CurrentStep, StartedAt = now });
        db.AnalyticsEvents.Add(SolveAnalytics.SessionStarted(session.Id, request.UserId, device, now));
        await db.SaveChangesAsync(cancellationToken);
        if (template is not null)
        {
            await OpenWithAsync(template, session, TemplateCatalogue.WelcomeIn(template, request.Language), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return new SessionStart.Started(session, quota, plan.Tier);
    }

    /// <summary>The session keeps the texts of its own day: later edits of the template do not reach it.</summary>
    private async Task OpenWithAsync(PromptTemplate template, SolveSession session, string? welcome, CancellationToken cancellationToken)
    {
        Say(MessageRole.System, template.SystemPrompt);

        // One by one: the sequence that orders messages follows the order of the statements, and one batch promises none.
        await db.SaveChangesAsync(cancellationToken);
        if (!string.IsNullOrEmpty(welcome))
        {
            Say(MessageRole.Assistant, welcome);
            await db.SaveChangesAsync(cancellationToken);
        }

        // Last, because everybody who starts with this template waits for this row.
        await db.PromptTemplates.Where(t => t.Id == template.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.UsageCount, t => t.UsageCount + 1), cancellationToken);

        void Say(MessageRole role, string content) => db.Messages.Add(new Message
        {
            Id = Guid.CreateVersion7(),
            SessionId = session.Id,
            Role = role,
            Content = content,
            CreatedAt = session.CreatedAt,
        });
    }

    /// <summary>
    /// Keeps the account from being deleted until the transaction ends. One that is deleted already has no device any more,
    /// and that is how it ends here.
    /// </summary>
    private Task HoldAccountAsync(Guid userId, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"select from users where id = {userId} for key share", cancellationToken);

    private async Task<Guid?> DeviceAsync(NewSession request, CancellationToken cancellationToken)
    {
        var known = await db.Devices
            .Where(d => d.UserId == request.UserId && d.DeviceFingerprint == request.DeviceFingerprint && d.IsActive)
            .Select(d => (Guid?)d.Id)
            .SingleOrDefaultAsync(cancellationToken);

        // The mobile app signs in to the beta account without a fingerprint and sends its own from then on.
        return known ?? (billing.BetaMode ? request.CallerDeviceId : null);
    }

    /// <summary>Null when there is no such session of this person.</summary>
    /// <param name="limit">How many messages, oldest first.</param>
    /// <param name="offset">How many to leave out at the beginning. Without either these are the latest messages.</param>
    public async Task<SessionView?> ReadAsync(
        Guid userId, Guid sessionId, bool includeMessages, int? limit, int? offset, CancellationToken cancellationToken)
    {
        // One instant: a reply that is stored meanwhile is in all of it or in nothing.
        await using var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var session = await db.SolveSessions.AsNoTracking()
            .SingleOrDefaultAsync(s => s.Id == sessionId && s.UserId == userId, cancellationToken);
        if (session is null)
        {
            return null;
        }

        var turn = await UnfinishedTurn.FindAsync(db, sessionId, cancellationToken);
        var messages = includeMessages ? await MessagesAsync(sessionId, limit, offset, cancellationToken) : null;
        return new SessionView(session, messages, turn);
    }

    /// <summary>Templates' prompts are stored as system messages and stay out of what people see.</summary>
    private async Task<IReadOnlyList<SessionMessage>> MessagesAsync(
        Guid sessionId, int? limit, int? offset, CancellationToken cancellationToken)
    {
        var visible = db.Messages.AsNoTracking().Where(m => m.SessionId == sessionId && m.Role != MessageRole.System);
        var latest = limit is null && offset is null;
        var page = (latest ? visible.OrderByDescending(m => m.Sequence) : visible.OrderBy(m => m.Sequence).Skip(offset ?? 0)).Take(limit ?? DefaultMessages);
        var messages = await page
            .Select(m => new SessionMessage(m.Id, m.Role, m.Content, m.Step, m.CreatedAt))
            .ToListAsync(cancellationToken);
        if (latest)
        {
            messages.Reverse();
        }

        return messages;
    }

    /// <summary>Deletes the session with everything in it. A reply that is under way stops.</summary>
    /// <returns>False when there is no such session of this person.</returns>
    public Task<bool> DeleteAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken) => SessionDeletion.DeleteAsync(
        db,
        redis,
        db.SolveSessions.FromSql($"select * from solve_sessions where id = {sessionId} and user_id = {userId} for update"),
        sessionId,
        time.GetUtcNow(),
        cancellationToken);
}
