using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Api.Turns;
using Solacore.Core.Safety;
using Solacore.Core.Solve;
using Solacore.Core.Turns;

namespace Solacore.Api.Solve;

/// <summary>Messages of solve sessions (contract/http-api.md 12.4 and 21).</summary>
internal static class MessageEndpoint
{
    public static void MapMessages(this IEndpointRouteBuilder sessions) =>
        sessions.MapPost("/{session_id}/messages", SendAsync).Limited(LimitName.Sse)
            .Fails(ErrorCode.SessionNotFound, ErrorCode.SessionCompleted, ErrorCode.SessionBusy);

    private static async Task<Results<EventStream, ApiError>> SendAsync(
        PathId sessionId,
        Body<SendRequest> body,
        IdempotencyKey key,
        Caller caller,
        SolveIntake turns,
        TurnRelay relay,
        CrisisResources crisis,
        HttpRequest request,
        CancellationToken cancellationToken)
    {
        var message = TurnEndpoints.Message(request, key, caller, sessionId, body.Value.Content);
        return await TurnEndpoints.AnswerAsync(await turns.AcceptAsync(message, cancellationToken), relay, crisis, request);
    }
}

/// <summary>
/// A message. <c>step</c> is what the client displays; the session's own step counts.
/// </summary>
internal sealed record SendRequest(
    [Length(1, 4000, Trimmed = true), Private] string Content,
    [OneOf("receive", "clarify", "reframe", "options", "commit")] string Step);
