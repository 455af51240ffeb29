using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core;
using Solacore.Core.Data;
using Solacore.Core.Solve;

namespace Solacore.Api.Solve;

/// <summary>Changing and deleting a session (contract/http-api.md 12.6 and 12.7).</summary>
internal static class SessionChangeEndpoints
{
    public static void MapSessionChanges(this IEndpointRouteBuilder sessions)
    {
        sessions.MapPatch("/{session_id}", ChangeAsync).Limited(LimitName.Api)
            .Fails(ErrorCode.SessionNotFound, ErrorCode.InvalidStatus, ErrorCode.InvalidStep, ErrorCode.InvalidCurrentStep, ErrorCode.InvalidStepTransition);
        sessions.MapDelete("/{session_id}", DeleteAsync).Limited(LimitName.Api)
            .Fails(ErrorCode.SessionNotFound);
    }

    private static async Task<Results<Ok<SessionChangeAnswer>, ApiError>> ChangeAsync(
        PathId sessionId, Body<ChangeRequest> body, Caller caller, SolacoreDb db, TimeProvider time, CancellationToken cancellationToken) =>
        await SessionChanges.ApplyAsync(db, caller.UserId, sessionId, body.Value.ToChange(), time.GetUtcNow(), cancellationToken) switch
        {
            SessionChangeOutcome.Changed changed => TypedResults.Ok(SessionChangeAnswer.Of(changed.Session, changed.At)),
            SessionChangeOutcome.InvalidStatus => ApiError.Rule(ErrorCode.InvalidStatus),
            SessionChangeOutcome.InvalidStep => ApiError.Rule(ErrorCode.InvalidStep),
            SessionChangeOutcome.InvalidCurrentStep => ApiError.Rule(ErrorCode.InvalidCurrentStep),
            SessionChangeOutcome.InvalidStepTransition => ApiError.Rule(ErrorCode.InvalidStepTransition),
            SessionChangeOutcome.SessionNotFound => ApiError.Rule(ErrorCode.SessionNotFound),
            _ => throw new UnreachableException(),
        };

    private static async Task<Results<NoContent, ApiError>> DeleteAsync(
        PathId sessionId, Caller caller, SolveSessions sessions, CancellationToken cancellationToken) =>
        await sessions.DeleteAsync(caller.UserId, sessionId, cancellationToken)
            ? TypedResults.NoContent()
            : ApiError.Rule(ErrorCode.SessionNotFound);
}

/// <summary>Status and step are texts here: an unknown one has a code of its own instead of a 422.</summary>
/// <param name="Locale">A blank one leaves it as it is.</param>
/// <param name="ReminderTime">The web client cancels a reminder with an explicit null.</param>
internal sealed record ChangeRequest(
    string? Status,
    string? CurrentStep,
    [Length(0, 10)] string? Locale,
    [Length(0, 4000), Private] string? FirstStepAction,
    Optional<DateTimeOffset?> ReminderTime,
    [TagList] IReadOnlyList<string>? Tags)
{
    public SessionChange ToChange() =>
        new(Status, CurrentStep, string.IsNullOrWhiteSpace(Locale) ? null : Locale, FirstStepAction, ReminderTime.IsGiven, ReminderTime.Value, Tags);
}

/// <param name="UpdatedAt">The time of this answer; it is not stored.</param>
internal sealed record SessionChangeAnswer(
    Guid Id,
    string Status,
    string CurrentStep,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? ReminderTime,
    IReadOnlyList<string> Tags,
    string? FirstStepAction)
{
    public static SessionChangeAnswer Of(SolveSession session, DateTimeOffset at) => new(
        session.Id, session.Status.Name(), session.CurrentStep, at, session.ReminderTime, session.Tags, session.FirstStepAction);
}

/// <summary>At most so many tags, as <see cref="SessionTags"/> leaves them.</summary>
internal sealed class TagListAttribute : RuleAttribute
{
    private static readonly AtMostAttribute Most = new(20);

    public override Problem? Check(object value) => Most.Check(SessionTags.Clean((IReadOnlyList<string>)value));

    public override void Describe(OpenApiSchema schema) => Most.Describe(schema);
}
