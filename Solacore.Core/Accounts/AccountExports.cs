using System.Data;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Language;

namespace Solacore.Core.Accounts;

/// <summary>
/// Everything we hold about a person, as one document (contract/http-api.md section 17.1). Hashes of passwords and
/// tokens and the fingerprints of devices stay out: they are proofs, and this document gets mailed and printed.
/// </summary>
public sealed record AccountExport(
    DateTimeOffset ExportedAt,
    ExportedUser User,
    IReadOnlyList<ExportedIdentity> Identities,
    ExportedSubscription? Subscription,
    IReadOnlyList<ExportedDevice> Devices,
    IReadOnlyList<ExportedLogin> ActiveSessions,
    IReadOnlyList<ExportedPasswordReset> PasswordResets,
    IReadOnlyList<ExportedSolveSession> SolveSessions,
    IReadOnlyList<ExportedStep> StepHistory,
    IReadOnlyList<ExportedProfile> Profiles,
    IReadOnlyList<ExportedLearnSession> LearnSessions,
    IReadOnlyList<ExportedTurn> Turns,
    IReadOnlyList<ExportedUsage> Usage,
    IReadOnlyList<ExportedEntitlement> Entitlements,
    IReadOnlyList<ExportedPlanChange> PlanChanges,
    IReadOnlyList<ExportedNotification> Notifications,
    IReadOnlyList<ExportedEvent> AnalyticsEvents);

public sealed record ExportedUser(
    Guid Id, string Email, string AuthProvider, string? AuthProviderId, string Locale, bool IsActive, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    DateTimeOffset? EmailVerifiedAt, DateTimeOffset? ReminderMailsStoppedAt);

public sealed record ExportedIdentity(string Provider, string Subject, DateTimeOffset CreatedAt);

public sealed record ExportedSubscription(
    Guid Id, string Tier, string Status, DateTimeOffset? CurrentPeriodStart, DateTimeOffset? CurrentPeriodEnd, bool CancelAtPeriodEnd,
    string? StripeCustomerId, string? StripeSubscriptionId, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

public sealed record ExportedDevice(
    Guid Id, string? DeviceName, string? Platform, bool IsActive, DateTimeOffset CreatedAt, DateTimeOffset? LastActiveAt, DateTimeOffset? LastRemovalAt,
    string? PushToken, DateTimeOffset? PushTokenAt);

public sealed record ExportedLogin(
    Guid Id, Guid DeviceId, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, [property: JsonPropertyName("refreshed_at")] DateTimeOffset? RotatedAt);

public sealed record ExportedPasswordReset(DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt);

public sealed record ExportedSolveSession(
    Guid Id, string Status, string CurrentStep, string? Locale, string? FirstStepAction, DateTimeOffset? ReminderTime, DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt, IReadOnlyList<string> Tags, bool ActionCompleted, DateTimeOffset? ActionCompletedAt,
    Guid? DeviceId, Guid? TemplateId, bool ReminderSent, DateTimeOffset? ReminderSentAt, IReadOnlyList<ExportedMessage> Messages);

public sealed record ExportedMessage(Guid Id, string Role, string Content, string? Step, DateTimeOffset CreatedAt);

public sealed record ExportedStep(
    Guid Id, Guid SessionId, string Step, DateTimeOffset StartedAt, DateTimeOffset? CompletedAt, int MessageCount);

public sealed record ExportedProfile(Guid SessionId, JsonElement Profile, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

public sealed record ExportedLearnSession(
    Guid Id, string Status, string CurrentStep, string LearningMode, string? CurrentTool, IReadOnlyList<string> ToolPlan, string? Locale, string? Topic,
    IReadOnlyList<string>? KeyConcepts, JsonElement? ReviewSchedule, string? LearningSummary, Guid? DeviceId, DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt, IReadOnlyList<ExportedLearnMessage> Messages);

public sealed record ExportedLearnMessage(Guid Id, string Role, string Content, string? Step, string? Tool, DateTimeOffset CreatedAt);

public sealed record ExportedNotification(
    Guid SessionId, Guid DeviceId, DateTimeOffset ReminderTime, string TicketId, DateTimeOffset SentAt, string? Receipt, DateTimeOffset? ReceiptAt);

public sealed record ExportedTurn(
    Guid Id, Guid SessionId, string Status, string Locale, string? IdempotencyKey, Guid UserMessageId, Guid? AssistantMessageId, JsonElement? Outcome,
    string? Error, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? CancelRequestedAt, DateTimeOffset? FinishedAt, string? Model,
    int InputTokens, int OutputTokens);

public sealed record ExportedUsage(DateTimeOffset PeriodStart, int SessionCount, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

public sealed record ExportedEntitlement(
    string Source, string? CustomerId, string ExternalSubscriptionId, EntitlementState State, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

public sealed record ExportedPlanChange(
    DateTimeOffset At, string Cause, string TierBefore, string TierAfter, string StatusBefore, string StatusAfter, DateTimeOffset? PeriodEndAfter,
    bool CancelAtPeriodEndAfter);

public sealed record ExportedEvent(Guid Id, Guid? SessionId, string EventType, JsonElement? Payload, DateTimeOffset CreatedAt);

/// <summary>Collects a person's data for themselves.</summary>
public sealed partial class AccountExports(SolacoreDb db, TimeProvider time)
{
    /// <summary>All tables as of one instant; null when the account is gone.</summary>
    public async Task<AccountExport?> MakeAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var user = await db.Users
            .Where(u => u.Id == userId)
            .Select(u => new ExportedUser(
                u.Id, u.Email, u.AuthProvider, u.AuthProviderId, u.Locale, u.IsActive, u.CreatedAt, u.UpdatedAt, u.EmailVerifiedAt, u.ReminderMailsStoppedAt))
            .SingleOrDefaultAsync(cancellationToken);
        if (user is null)
        {
            return null;
        }

        var sessions = db.SolveSessions.Where(s => s.UserId == userId);
        return new AccountExport(
            time.GetUtcNow(),
            user,
            await db.Identities
                .Where(i => i.UserId == userId)
                .OrderBy(i => i.CreatedAt)
                .Select(i => new ExportedIdentity(i.Provider, i.Subject, i.CreatedAt))
                .ToListAsync(cancellationToken),
            await db.Subscriptions
                .Where(s => s.UserId == userId)
                .Select(s => new ExportedSubscription(
                    s.Id, s.Tier.Name(), s.Status.Name(), s.CurrentPeriodStart, s.CurrentPeriodEnd, s.CancelAtPeriodEnd,
                    s.StripeCustomerId, s.StripeSubscriptionId, s.CreatedAt, s.UpdatedAt))
                .SingleOrDefaultAsync(cancellationToken),
            await db.Devices
                .Where(d => d.UserId == userId)
                .OrderBy(d => d.CreatedAt)
                .Select(d => new ExportedDevice(d.Id, d.DeviceName, d.Platform, d.IsActive, d.CreatedAt, d.LastActiveAt, d.LastRemovalAt, d.PushToken, d.PushTokenAt))
                .ToListAsync(cancellationToken),
            await db.ActiveSessions
                .Where(s => s.UserId == userId)
                .OrderBy(s => s.CreatedAt)
                .Select(s => new ExportedLogin(s.Id, s.DeviceId, s.CreatedAt, s.ExpiresAt, s.RotatedAt))
                .ToListAsync(cancellationToken),
            await db.PasswordResetTokens
                .Where(t => t.UserId == userId)
                .OrderBy(t => t.CreatedAt)
                .Select(t => new ExportedPasswordReset(t.CreatedAt, t.ExpiresAt, t.UsedAt))
                .ToListAsync(cancellationToken),
            await ReadSolveSessionsAsync(sessions, cancellationToken),
            await db.StepHistory
                .Where(h => sessions.Any(s => s.Id == h.SessionId))
                .OrderBy(h => h.StartedAt)
                .Select(h => new ExportedStep(h.Id, h.SessionId, h.Step, h.StartedAt, h.CompletedAt, h.MessageCount))
                .ToListAsync(cancellationToken),
            [.. (await db.SolveProfiles.AsNoTracking().Where(p => sessions.Any(s => s.Id == p.SessionId)).ToListAsync(cancellationToken))
                .Select(p => new ExportedProfile(p.SessionId, Json(p.Profile), p.CreatedAt, p.UpdatedAt))],
            await ReadLearnSessionsAsync(userId, cancellationToken),
            [.. (await db.Turns.AsNoTracking().Where(t => t.UserId == userId).OrderBy(t => t.CreatedAt).ToListAsync(cancellationToken))
                .Select(t => new ExportedTurn(
                    t.Id, t.SessionId, t.Status.Name(), t.Locale, t.IdempotencyKey, t.UserMessageId, t.AssistantMessageId,
                    JsonOrNull(t.Outcome), t.Error, t.CreatedAt, t.StartedAt, t.CancelRequestedAt, t.FinishedAt, t.Model, t.InputTokens, t.OutputTokens))],
            await db.Usage
                .Where(u => u.UserId == userId)
                .OrderBy(u => u.PeriodStart)
                .Select(u => new ExportedUsage(u.PeriodStart, u.SessionCount, u.CreatedAt, u.UpdatedAt))
                .ToListAsync(cancellationToken),
            [.. (await db.Entitlements.AsNoTracking().Where(e => e.UserId == userId).OrderBy(e => e.CreatedAt).ToListAsync(cancellationToken))
                .Select(e => new ExportedEntitlement(
                    e.Source.Name(), e.CustomerId, e.ExternalSubscriptionId, WithoutOthers(e.State), e.CreatedAt, e.UpdatedAt))],
            await db.EntitlementChanges
                .Where(c => c.UserId == userId)
                .OrderBy(c => c.Id)
                .Select(c => new ExportedPlanChange(
                    c.At, c.Cause, c.TierBefore.Name(), c.TierAfter.Name(), c.StatusBefore.Name(), c.StatusAfter.Name(), c.PeriodEndAfter, c.CancelAtPeriodEndAfter))
                .ToListAsync(cancellationToken),
            await db.PushDeliveries
                .Where(d => sessions.Any(s => s.Id == d.SessionId))
                .OrderBy(d => d.SentAt)
                .Select(d => new ExportedNotification(d.SessionId, d.DeviceId, d.ReminderTime, d.TicketId, d.SentAt, d.Receipt, d.ReceiptAt))
                .ToListAsync(cancellationToken),
            [.. (await db.AnalyticsEvents.AsNoTracking()
                    .Where(e => sessions.Any(s => s.Id == e.SessionId))
                    .OrderBy(e => e.CreatedAt)
                    .ToListAsync(cancellationToken))
                .Select(e => new ExportedEvent(e.Id, e.SessionId, e.EventType, JsonOrNull(e.Payload), e.CreatedAt))]);
    }

    private async Task<List<ExportedSolveSession>> ReadSolveSessionsAsync(IQueryable<SolveSession> sessions, CancellationToken cancellationToken)
    {
        var messages = (await db.Messages.AsNoTracking()
                .Where(m => sessions.Any(s => s.Id == m.SessionId))
                .OrderBy(m => m.Sequence)
                .ToListAsync(cancellationToken))
            .ToLookup(m => m.SessionId, m => new ExportedMessage(m.Id, m.Role.Name(), m.Content, m.Step, m.CreatedAt));
        var rows = await sessions.AsNoTracking().OrderBy(s => s.CreatedAt).ToListAsync(cancellationToken);
        return rows.ConvertAll(s => new ExportedSolveSession(
            s.Id, s.Status.Name(), s.CurrentStep, s.Locale ?? ReplyLocale.Default, s.FirstStepAction, s.ReminderTime, s.CreatedAt,
            s.CompletedAt, s.Tags, s.ActionCompleted, s.ActionCompletedAt, s.DeviceId, s.TemplateId, s.ReminderSent, s.ReminderSentAt, [.. messages[s.Id]]));
    }

    private async Task<List<ExportedLearnSession>> ReadLearnSessionsAsync(Guid userId, CancellationToken cancellationToken)
    {
        var sessions = db.LearnSessions.Where(s => s.UserId == userId);
        var messages = (await db.LearnMessages.AsNoTracking()
                .Where(m => sessions.Any(s => s.Id == m.SessionId))
                .OrderBy(m => m.Sequence)
                .ToListAsync(cancellationToken))
            .ToLookup(m => m.SessionId, m => new ExportedLearnMessage(m.Id, m.Role.Name(), m.Content, m.Step, m.Tool, m.CreatedAt));
        var rows = await sessions.AsNoTracking().OrderBy(s => s.CreatedAt).ToListAsync(cancellationToken);
        return rows.ConvertAll(s => new ExportedLearnSession(
            s.Id, s.Status.Name(), s.CurrentStep, s.LearningMode, s.CurrentTool, s.ToolPlan, s.Locale, s.Topic, s.KeyConcepts, JsonOrNull(s.ReviewSchedule),
            s.LearningSummary, s.DeviceId, s.CreatedAt, s.CompletedAt, [.. messages[s.Id]]));
    }

    /// <summary>Who bought it, and to whom it went, are other people as soon as a store has moved something.</summary>
    private static EntitlementState WithoutOthers(EntitlementState state) => state with { Owner = null, Transfers = null };

    private static JsonElement? JsonOrNull(string? text) => text is null ? null : Json(text);

    /// <summary>As it is stored, but for instants, which have one form in all that leaves the service.</summary>
    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(StoredInstant().Replace(text, stored =>
            DateTimeOffset.TryParse(stored.Value, CultureInfo.InvariantCulture, out var instant) ? instant.ToWire() : stored.Value));
        return document.RootElement.Clone();
    }

    // 2026-12-01T08:45:46.5273532+00:00
    [GeneratedRegex("""(?<=")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)(?=")""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex StoredInstant();
}
