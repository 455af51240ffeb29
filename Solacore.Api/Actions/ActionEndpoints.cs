using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core.Data;
using Solacore.Core.Solve;

namespace Solacore.Api.Actions;

/// <summary>The first steps that sessions led to (contract/http-api.md section 14).</summary>
internal static class ActionEndpoints
{
    public static void MapActions(this IEndpointRouteBuilder api)
    {
        var actions = api.MapGroup("/actions").WithTags("Actions").Authenticated().Limited(LimitName.Api);
        actions.MapGet("/", ListAsync);
        actions.MapPatch("/{session_id}/complete", CompleteAsync)
            .Fails(ErrorCode.SessionNotFound, ErrorCode.NoActionPlan);
        actions.MapPatch("/{session_id}/uncomplete", UncompleteAsync)
            .Fails(ErrorCode.SessionNotFound);
    }

    private static async Task<Ok<ActionListAnswer>> ListAsync(
        Query<ActionsRequest> query, Caller caller, SolacoreDb db, CancellationToken cancellationToken)
    {
        var (status, limit, offset) = query.Value;
        bool? isCompleted = status switch
        {
            ActionStatus.Pending => false,
            ActionStatus.Completed => true,
            ActionStatus.All => null,
        };
        var actions = await SessionActions.ListAsync(db, caller.UserId, isCompleted, limit, offset, cancellationToken);
        var counts = await SessionActions.CountAsync(db, caller.UserId, cancellationToken);
        return TypedResults.Ok(new ActionListAnswer(
            [.. actions.Select(ActionItem.Of)],
            new ActionStats(counts.Total, counts.Completed, counts.Total - counts.Completed, counts.CompletionRate),
            new ActionPagination(limit, offset, counts.Total)));
    }

    private static async Task<Results<Ok<ActionAnswer>, ApiError>> CompleteAsync(
        PathId sessionId, Caller caller, SolacoreDb db, TimeProvider time, CancellationToken cancellationToken) =>
        Answer(sessionId, true, await SessionActions.CompleteAsync(db, caller.UserId, sessionId, time.GetUtcNow(), cancellationToken));

    private static async Task<Results<Ok<ActionAnswer>, ApiError>> UncompleteAsync(
        PathId sessionId, Caller caller, SolacoreDb db, TimeProvider time, CancellationToken cancellationToken) =>
        Answer(sessionId, false, await SessionActions.UncompleteAsync(db, caller.UserId, sessionId, time.GetUtcNow(), cancellationToken));

    private static Results<Ok<ActionAnswer>, ApiError> Answer(Guid sessionId, bool isCompleted, ActionOutcome outcome) => outcome switch
    {
        ActionOutcome.Changed changed => TypedResults.Ok(new ActionAnswer(sessionId, isCompleted, changed.CompletedAt)),
        ActionOutcome.NoActionPlan => ApiError.Text(ErrorCode.NoActionPlan),
        ActionOutcome.SessionNotFound => ApiError.Text(ErrorCode.SessionNotFound),
        _ => throw new UnreachableException(),
    };
}

internal enum ActionStatus
{
    Pending,
    Completed,
    All,
}

internal sealed record ActionsRequest(ActionStatus Status = ActionStatus.All, [Range(1, 100)] int Limit = 20, [Range(0)] int Offset = 0);

/// <summary>An action has no id of its own: both are the session's.</summary>
internal sealed record ActionItem(
    Guid Id, string Action, bool Completed, DateTimeOffset? CompletedAt, DateTimeOffset CreatedAt, Guid SessionId)
{
    public static ActionItem Of(SessionAction action) =>
        new(action.SessionId, action.Action, action.IsCompleted, action.CompletedAt, action.CreatedAt, action.SessionId);
}

/// <param name="CompletionRate">0 to 100, not rounded.</param>
internal sealed record ActionStats(int Total, int Completed, int Pending, double CompletionRate);

internal sealed record ActionPagination(int Limit, int Offset, int Total);

/// <summary>A page of actions; counts and total are over all of them, whatever the page shows.</summary>
internal sealed record ActionListAnswer(IReadOnlyList<ActionItem> Actions, ActionStats Stats, ActionPagination Pagination);

internal sealed record ActionAnswer(Guid Id, bool ActionCompleted, DateTimeOffset? ActionCompletedAt);
