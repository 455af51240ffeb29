using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core.Safety;
using Solacore.Core.Turns;

namespace Solacore.Api.Turns;

/// <summary>What all kinds of session share on the wire: answering a message, resuming and stopping its reply.</summary>
internal static class TurnEndpoints
{
    private const string LastEventId = "Last-Event-ID";

    public static void MapTurns(this IEndpointRouteBuilder sessions, SessionKind kind)
    {
        sessions.MapGet(
            "/{session_id}/turns/{turn_id}/events",
            (PathId sessionId, PathId turnId, Query<ResumeRequest> query, Caller caller, TurnIntake turns, TurnRelay relay, HttpRequest request, CancellationToken cancellationToken) =>
                ResumeAsync(kind, sessionId, turnId, query.Value, caller, turns, relay, request, cancellationToken))
            .ReadsHeader(LastEventId, "The last event that was seen; wins over `after`.")
            .Limited(LimitName.Api)
            .Fails(ErrorCode.TurnNotFound);
        sessions.MapPost(
            "/{session_id}/turns/{turn_id}/cancel",
            (PathId sessionId, PathId turnId, Caller caller, TurnIntake turns, CancellationToken cancellationToken) =>
                CancelAsync(kind, sessionId, turnId, caller, turns, cancellationToken))
            .Limited(LimitName.Api)
            .Fails(ErrorCode.TurnNotFound);
    }

    /// <summary>The message of a request, for whichever kind of session.</summary>
    public static NewMessage Message(HttpRequest request, IdempotencyKey key, Caller caller, Guid sessionId, string content) =>
        new(caller.UserId, sessionId, content, request.Headers.AcceptLanguage, key.Value);

    /// <summary>The answer to a message that broke no rule of its kind of session.</summary>
    public static async Task<Results<EventStream, ApiError>> AnswerAsync(
        MessageOutcome outcome, TurnRelay relay, CrisisResources crisis, HttpRequest request) => outcome switch
        {
            MessageOutcome.Accepted accepted => EventStream.Of(relay, accepted.Viewer, TurnEventId.Start),
            MessageOutcome.Repeated repeated => EventStream.Of(
                relay, await relay.ListenAsync(repeated.Turn, mayHaveEnded: true), TurnEventId.Start),
            MessageOutcome.Crisis found => EventStream.Of(crisis.Answer(found.Locale, Region(request))),
            MessageOutcome.SessionCompleted => ApiError.Rule(ErrorCode.SessionCompleted),
            MessageOutcome.SessionBusy => ApiError.Rule(ErrorCode.SessionBusy),
            MessageOutcome.SessionNotFound => ApiError.Rule(ErrorCode.SessionNotFound),
            _ => throw new UnreachableException(),
        };

    private static async Task<Results<EventStream, NoContent, ApiError>> ResumeAsync(
        SessionKind kind,
        Guid sessionId,
        Guid turnId,
        ResumeRequest query,
        Caller caller,
        TurnIntake turns,
        TurnRelay relay,
        HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (await turns.HasEndedAsync(kind, caller.UserId, sessionId, turnId, cancellationToken) is not { } hasEnded)
        {
            return ApiError.Rule(ErrorCode.TurnNotFound);
        }

        // A place that nobody has written is no error: the client gets everything.
        var last = request.Headers[LastEventId] is [{ Length: > 0 } header] ? header : query.After;
        var after = TurnEventId.TryParse(last, out var id) ? id : TurnEventId.Start;
        if (hasEnded && await relay.WasLastAsync(turnId, after))
        {
            // There is nothing left to tell: browsers that reconnect by themselves stop at this status.
            return TypedResults.NoContent();
        }

        return EventStream.Of(relay, await relay.ListenAsync(turnId, hasEnded), after);
    }

    private static async Task<Results<Accepted, ApiError>> CancelAsync(
        SessionKind kind, Guid sessionId, Guid turnId, Caller caller, TurnIntake turns, CancellationToken cancellationToken) =>
        await turns.CancelAsync(kind, caller.UserId, sessionId, turnId, cancellationToken)
            ? TypedResults.Accepted((string?)null)
            : ApiError.Rule(ErrorCode.TurnNotFound);

    /// <summary>The country of the first language that names one, such as GB of <c>en-GB,en;q=0.8</c>.</summary>
    private static string? Region(HttpRequest request) => request.Headers.AcceptLanguage.ToString().Split(',')
        .Select(range => range.Split(';')[0].Trim().Split('-'))
        .Where(tags => tags.Length > 1)
        .Select(tags => tags[^1])
        .FirstOrDefault(tag => tag.Length == 2);
}

internal sealed record ResumeRequest(string? After = null);
