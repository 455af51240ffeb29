using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Api.Turns;
using Solacore.Core;
using Solacore.Core.Learn;
using Solacore.Core.Safety;
using Solacore.Core.Turns;

namespace Solacore.Api.Learn;

/// <summary>Learn sessions and their messages (contract/http-api.md section 13).</summary>
internal static class LearnEndpoints
{
    public static void MapLearn(this IEndpointRouteBuilder api)
    {
        var learn = api.MapGroup("/learn").WithTags("Learn").Authenticated();
        learn.MapPost("", StartAsync).Limited(LimitName.Api)
            .Fails(ErrorCode.InvalidMode);
        learn.MapGet("", ListAsync).Limited(LimitName.Api);
        learn.MapGet("/tools", Tools).Limited(LimitName.Api);
        learn.MapGet("/{session_id}", ReadAsync).Limited(LimitName.Api)
            .Fails(ErrorCode.SessionNotFound);
        learn.MapPatch("/{session_id}", ChangeAsync).Limited(LimitName.Api)
            .Fails(ErrorCode.SessionNotFound, ErrorCode.InvalidStep, ErrorCode.InvalidStatus);
        learn.MapDelete("/{session_id}", DeleteAsync).Limited(LimitName.Api)
            .Fails(ErrorCode.SessionNotFound);
        learn.MapPost("/{session_id}/messages", SendAsync).Limited(LimitName.Sse)
            .Fails(ErrorCode.SessionNotFound)
            .Fails(ErrorCode.SessionNotActive, ErrorCode.StepOrToolRequired, ErrorCode.InvalidTool, ErrorCode.ToolNotInPlan, ErrorCode.InvalidStep)
            .Fails(ErrorCode.SessionBusy);
        learn.MapPost("/{session_id}/path", ChoosePathAsync).Limited(LimitName.Api)
            .Fails(ErrorCode.SessionNotFound, ErrorCode.SessionNotActive, ErrorCode.ToolsRequired, ErrorCode.InvalidTool, ErrorCode.InvalidPreferredOrder);
        learn.MapPatch("/{session_id}/current-tool", SwitchToolAsync).Limited(LimitName.Api)
            .Fails(ErrorCode.SessionNotFound, ErrorCode.SessionNotActive, ErrorCode.ToolNotInPlan);
        learn.MapGet("/{session_id}/progress", ProgressAsync).Limited(LimitName.Api)
            .Fails(ErrorCode.SessionNotFound);
        learn.MapTurns(SessionKind.Learn);
    }

    private static async Task<Results<Created<LearnStartAnswer>, ApiError>> StartAsync(
        Query<LearnStartRequest> query,
        OptionalDeviceFingerprint fingerprint,
        Caller caller,
        LearnSessions sessions,
        CancellationToken cancellationToken)
    {
        if (!EnumNames.TryParse(query.Value.Mode, out LearnMode mode))
        {
            return Refuse(new LearnProblem(LearnRule.InvalidMode));
        }

        var session = await sessions.StartAsync(caller.UserId, mode, fingerprint.Value, cancellationToken);
        return TypedResults.Created(
            (string?)null, new LearnStartAnswer(session.Id, session.Status.Name(), session.CurrentStep, session.CreatedAt));
    }

    private static async Task<Ok<LearnListAnswer>> ListAsync(
        Query<Page> query, Caller caller, LearnSessions sessions, CancellationToken cancellationToken)
    {
        var (limit, offset) = query.Value;
        var list = await sessions.ListAsync(caller.UserId, limit, offset, cancellationToken);
        return TypedResults.Ok(new LearnListAnswer([.. list.Sessions.Select(LearnListItem.Of)], list.Total, limit, offset));
    }

    private static Ok<LearnToolsAnswer> Tools() => TypedResults.Ok(new LearnToolsAnswer(LearnTools.All));

    private static async Task<Results<Ok<LearnAnswer>, ApiError>> ReadAsync(
        PathId sessionId, Query<LearnReadRequest> query, Caller caller, LearnSessions sessions, CancellationToken cancellationToken) =>
        await sessions.ReadAsync(caller.UserId, sessionId, query.Value.IncludeMessages, cancellationToken) is { } view
            ? TypedResults.Ok(LearnAnswer.Of(view))
            : Refuse(new LearnProblem(LearnRule.SessionNotFound));

    /// <summary>The original reads the query alone, the web client sends a body alone; where both speak, the body wins.</summary>
    private static async Task<Results<Ok<LearnAnswer>, ApiError>> ChangeAsync(
        PathId sessionId,
        Query<LearnChangeRequest> query,
        OptionalBody<LearnChangeRequest> body,
        Caller caller,
        LearnSessions sessions,
        CancellationToken cancellationToken)
    {
        var step = body.Value?.CurrentStep ?? query.Value.CurrentStep;
        var status = body.Value?.Status ?? query.Value.Status;
        var changed = await sessions.ChangeAsync(caller.UserId, sessionId, step, status, cancellationToken);
        return changed.Value is { } view ? TypedResults.Ok(LearnAnswer.Of(view)) : Refuse(changed.Problem!);
    }

    private static async Task<Results<NoContent, ApiError>> DeleteAsync(
        PathId sessionId, Caller caller, LearnSessions sessions, CancellationToken cancellationToken) =>
        await sessions.DeleteAsync(caller.UserId, sessionId, cancellationToken)
            ? TypedResults.NoContent()
            : Refuse(new LearnProblem(LearnRule.SessionNotFound));

    private static async Task<Results<EventStream, ApiError>> SendAsync(
        PathId sessionId,
        Body<LearnSendRequest> body,
        IdempotencyKey key,
        Caller caller,
        LearnIntake turns,
        TurnRelay relay,
        CrisisResources crisis,
        HttpRequest request,
        CancellationToken cancellationToken)
    {
        var message = TurnEndpoints.Message(request, key, caller, sessionId, body.Value.Content);
        return await turns.AcceptAsync(message, Given(body.Value.Step), Given(body.Value.Tool), cancellationToken) switch
        {
            LearnRefused refused => Refuse(refused.Problem),
            var outcome => await TurnEndpoints.AnswerAsync(outcome, relay, crisis, request),
        };
    }

    private static async Task<Results<Ok<LearnPathAnswer>, ApiError>> ChoosePathAsync(
        PathId sessionId, Body<LearnPathRequest> body, Caller caller, LearnSessions sessions, CancellationToken cancellationToken)
    {
        var (mode, selected, preferred) = body.Value;
        var chosen = await sessions.ChoosePathAsync(caller.UserId, sessionId, mode, selected, preferred, cancellationToken);
        return chosen.Value is { } session
            ? TypedResults.Ok(new LearnPathAnswer(session.Id, session.LearningMode, session.CurrentTool, session.ToolPlan))
            : Refuse(chosen.Problem!);
    }

    private static async Task<Results<Ok<LearnToolAnswer>, ApiError>> SwitchToolAsync(
        PathId sessionId, Body<LearnToolRequest> body, Caller caller, LearnSessions sessions, CancellationToken cancellationToken)
    {
        var switched = await sessions.SwitchToolAsync(caller.UserId, sessionId, body.Value.Tool, cancellationToken);
        return switched.Value is { } session
            ? TypedResults.Ok(new LearnToolAnswer(session.Id, session.CurrentTool, session.ToolPlan))
            : Refuse(switched.Problem!);
    }

    private static async Task<Results<Ok<LearnProgressAnswer>, ApiError>> ProgressAsync(
        PathId sessionId, Caller caller, LearnSessions sessions, CancellationToken cancellationToken) =>
        await sessions.ReadAsync(caller.UserId, sessionId, includeMessages: false, cancellationToken) is { } view
            ? TypedResults.Ok(LearnProgressAnswer.Of(view.Session))
            : Refuse(new LearnProblem(LearnRule.SessionNotFound));

    /// <summary>An empty text counts as left out, as for the original.</summary>
    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static ApiError Refuse(LearnProblem problem)
    {
        var code = problem.Rule switch
        {
            LearnRule.SessionNotFound => ErrorCode.SessionNotFound,
            LearnRule.SessionNotActive => ErrorCode.SessionNotActive,
            LearnRule.InvalidMode => ErrorCode.InvalidMode,
            LearnRule.InvalidStatus => ErrorCode.InvalidStatus,
            LearnRule.InvalidStep => ErrorCode.InvalidStep,
            LearnRule.InvalidTool => ErrorCode.InvalidTool,
            LearnRule.InvalidPreferredOrder => ErrorCode.InvalidPreferredOrder,
            LearnRule.StepOrToolRequired => ErrorCode.StepOrToolRequired,
            LearnRule.ToolNotInPlan => ErrorCode.ToolNotInPlan,
            LearnRule.ToolsRequired => ErrorCode.ToolsRequired,
        };
        return problem switch
        {
            { Tool: { } tool } => ApiError.Rule(code, ("tool", tool)),
            { Tools: { } tools } => ApiError.Rule(code, ("tools", tools)),
            _ => ApiError.Rule(code),
        };
    }
}
