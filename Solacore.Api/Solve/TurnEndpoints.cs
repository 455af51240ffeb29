using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core.Safety;
using Solacore.Core.Turns;

namespace Solacore.Api.Solve;

/// <summary>Messages, their streamed replies, resuming and stopping them (contract/http-api.md 12.4 and 21).</summary>
internal static class TurnEndpoints
{
    private const string IdempotencyKey = "Idempotency-Key";

    public static void MapTurns(this IEndpointRouteBuilder sessions)
    {
        sessions.MapPost("/{session_id}/messages", SendAsync).Limited(LimitName.Sse)
            .Fails(StatusCodes.Status404NotFound, ErrorCode.SessionNotFound)
            .Fails(StatusCodes.Status400BadRequest, ErrorCode.SessionCompleted)
            .Fails(StatusCodes.Status409Conflict, ErrorCode.SessionBusy);
        sessions.MapGet("/{session_id}/turns/{turn_id}/events", ResumeAsync).Limited(LimitName.Api)
            .Fails(StatusCodes.Status404NotFound, ErrorCode.TurnNotFound);
        sessions.MapPost("/{session_id}/turns/{turn_id}/cancel", CancelAsync).Limited(LimitName.Api)
            .Fails(StatusCodes.Status404NotFound, ErrorCode.TurnNotFound);
    }

    private static async Task<Results<EventStream, ApiError>> SendAsync(
        PathId sessionId,
        Body<SendRequest> body,
        Caller caller,
        SolveTurns turns,
        TurnRelay relay,
        CrisisResources crisis,
        HttpRequest request,
        CancellationToken cancellationToken)
    {
        var message = new NewMessage(
            caller.UserId,
            sessionId,
            body.Value.Content.Trim(),
            request.Headers.AcceptLanguage,
            request.Headers[IdempotencyKey] is [{ Length: > 0 and <= 255 } key] ? key : null);
        return await turns.AcceptAsync(message, cancellationToken) switch
        {
            MessageOutcome.Accepted accepted => EventStream.Of(relay, accepted.Viewer, TurnEventId.Start),
            MessageOutcome.Repeated repeated => EventStream.Of(
                relay, await relay.ListenAsync(repeated.Turn, isNew: false), TurnEventId.Start),
            MessageOutcome.Crisis found => EventStream.Of(crisis.Answer(found.Locale, Region(request))),
            MessageOutcome.SessionCompleted => ApiError.Rule(StatusCodes.Status400BadRequest, ErrorCode.SessionCompleted),
            MessageOutcome.SessionBusy => ApiError.Rule(StatusCodes.Status409Conflict, ErrorCode.SessionBusy),
            _ => ApiError.Rule(StatusCodes.Status404NotFound, ErrorCode.SessionNotFound),
        };
    }

    private static async Task<Results<EventStream, ApiError>> ResumeAsync(
        PathId sessionId,
        PathId turnId,
        Query<ResumeRequest> query,
        Caller caller,
        SolveTurns turns,
        TurnRelay relay,
        HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (!await turns.ExistsAsync(caller.UserId, sessionId, turnId, cancellationToken))
        {
            return ApiError.Rule(StatusCodes.Status404NotFound, ErrorCode.TurnNotFound);
        }

        // A place that nobody has written is no error: the client gets everything.
        var last = request.Headers["Last-Event-ID"] is [{ Length: > 0 } header] ? header : query.Value.After;
        var after = TurnEventId.TryParse(last, out var id) ? id : TurnEventId.Start;
        return EventStream.Of(relay, await relay.ListenAsync(turnId, isNew: false), after);
    }

    private static async Task<Results<Accepted, ApiError>> CancelAsync(
        PathId sessionId, PathId turnId, Caller caller, SolveTurns turns, CancellationToken cancellationToken) =>
        await turns.CancelAsync(caller.UserId, sessionId, turnId, cancellationToken)
            ? TypedResults.Accepted((string?)null)
            : ApiError.Rule(StatusCodes.Status404NotFound, ErrorCode.TurnNotFound);

    /// <summary>The country of the first language that names one, such as GB of <c>en-GB,en;q=0.8</c>.</summary>
    private static string? Region(HttpRequest request) => request.Headers.AcceptLanguage.ToString().Split(',')
        .Select(range => range.Split(';')[0].Trim().Split('-'))
        .Where(tags => tags.Length > 1)
        .Select(tags => tags[^1])
        .FirstOrDefault(tag => tag.Length == 2);
}

/// <summary>
/// A message. <c>step</c> is what the client displays; the session's own step counts.
/// </summary>
internal sealed record SendRequest(
    [Length(1, 4000, Trimmed = true), Private] string Content,
    [OneOf("receive", "clarify", "reframe", "options", "commit")] string Step);

internal sealed record ResumeRequest(string? After = null);
