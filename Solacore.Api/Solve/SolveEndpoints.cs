using System.Diagnostics;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Api.Turns;
using Solacore.Core;
using Solacore.Core.Language;
using Solacore.Core.Solve;
using Solacore.Core.Turns;

namespace Solacore.Api.Solve;

/// <summary>Solve sessions and their messages (contract/http-api.md section 12).</summary>
internal static class SolveEndpoints
{
    public static void MapSolve(this IEndpointRouteBuilder api)
    {
        var sessions = api.MapGroup("/sessions").WithTags("Solve").Authenticated();
        sessions.MapPost("", StartAsync).Limited(LimitName.Api)
            .Fails(ErrorCode.TemplateNotFound)
            .Fails(StatusCodes.Status403Forbidden, ErrorCode.DeviceNotFound, ErrorCode.QuotaExceeded);
        sessions.MapGet("/{session_id}", ReadAsync).Limited(LimitName.Api)
            .Fails(ErrorCode.SessionNotFound);
        sessions.MapMessages();
        sessions.MapTurns(SessionKind.Solve);
        sessions.MapSessionList();
        sessions.MapSessionChanges();
        sessions.MapExports();
    }

    private static async Task<Results<Created<SessionStartAnswer>, ApiError>> StartAsync(
        DeviceFingerprint fingerprint, OptionalBody<StartRequest> body, HttpRequest request, Caller caller, SolveSessions sessions, CancellationToken cancellationToken)
    {
        var language = ReplyLocale.Choose(body.Value?.Locale, request.Headers.AcceptLanguage, message: null, caller.Locale);
        var start = new NewSession(caller.UserId, fingerprint.Value, caller.DeviceId, body.Value?.Chosen, language, body.Value?.TemplateId);
        return await sessions.StartAsync(start, cancellationToken) switch
        {
            SessionStart.Started started => TypedResults.Created((string?)null, SessionStartAnswer.Of(started)),
            SessionStart.QuotaExceeded exceeded => ApiError.Rule(ErrorCode.QuotaExceeded,
                ("usage", new QuotaUsage(exceeded.Quota.Used, exceeded.Quota.Limit ?? 0, exceeded.Tier.Name())),
                ("upgrade_url", "/subscriptions/checkout")),
            SessionStart.TemplateNotFound => ApiError.Rule(ErrorCode.TemplateNotFound),
            SessionStart.DeviceNotFound => ApiError.Rule(StatusCodes.Status403Forbidden, ErrorCode.DeviceNotFound),
            _ => throw new UnreachableException(),
        };
    }

    private static async Task<Results<Ok<SessionAnswer>, ApiError>> ReadAsync(
        PathId sessionId, Query<ReadRequest> query, Caller caller, SolveSessions sessions, CancellationToken cancellationToken)
    {
        var (includeMessages, limit, offset) = query.Value;
        return await sessions.ReadAsync(caller.UserId, sessionId, includeMessages, limit, offset, cancellationToken) is { } view
            ? TypedResults.Ok(SessionAnswer.Of(view))
            : ApiError.Rule(ErrorCode.SessionNotFound);
    }
}

/// <param name="Locale">A blank one counts as none.</param>
internal sealed record StartRequest(Guid? TemplateId, [Length(0, 10)] string? Locale)
{
    public string? Chosen => string.IsNullOrWhiteSpace(Locale) ? null : Locale;
}

internal sealed record ReadRequest(bool IncludeMessages = false, [Range(1, 100)] int? Limit = null, [Range(0)] int? Offset = null);

internal sealed record QuotaUsage(int Used, int Limit, string Tier);

internal sealed record SessionUsage(int SessionsUsed, int SessionsLimit, string Tier);

/// <summary>A new session; clients read <c>session_id</c>. A limit of 0 means none.</summary>
internal sealed record SessionStartAnswer(
    Guid SessionId, Guid Id, string Status, string CurrentStep, DateTimeOffset CreatedAt, SessionUsage Usage)
{
    public static SessionStartAnswer Of(SessionStart.Started started) => new(
        started.Session.Id,
        started.Session.Id,
        started.Session.Status.Name(),
        started.Session.CurrentStep,
        started.Session.CreatedAt,
        new SessionUsage(started.Quota.Used, started.Quota.Limit ?? 0, started.Tier.Name()));
}

/// <summary>A session in full. Members without a value are left out: existing clients test for their presence.</summary>
internal sealed record SessionAnswer(
    Guid Id,
    string Status,
    string CurrentStep,
    DateTimeOffset CreatedAt,
    string Locale,
    IReadOnlyList<string> Tags,
    bool ActionCompleted)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? CompletedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ReminderTime { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FirstStepAction { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ActionCompletedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? TemplateId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SessionMessageAnswer>? Messages { get; init; }

    /// <summary>A reply that is still on its way: its events are at <c>…/turns/{id}/events</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UnfinishedTurn? ActiveTurn { get; init; }

    public static SessionAnswer Of(SessionView view)
    {
        var session = view.Session;
        return new SessionAnswer(
            session.Id, session.Status.Name(), session.CurrentStep, session.CreatedAt,
            session.Locale ?? ReplyLocale.Default, session.Tags, session.ActionCompleted)
        {
            CompletedAt = session.CompletedAt,
            ReminderTime = session.ReminderTime,
            FirstStepAction = session.FirstStepAction,
            ActionCompletedAt = session.ActionCompletedAt,
            TemplateId = session.TemplateId,
            Messages = view.Messages is null ? null : [.. view.Messages.Select(SessionMessageAnswer.Of)],
            ActiveTurn = view.ActiveTurn,
        };
    }
}

internal sealed record SessionMessageAnswer(Guid Id, string Role, string Content, DateTimeOffset CreatedAt)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Step { get; init; }

    public static SessionMessageAnswer Of(SessionMessage message) =>
        new(message.Id, message.Role.Name(), message.Content, message.CreatedAt) { Step = message.Step };
}
