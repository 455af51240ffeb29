using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core.Data;
using Solacore.Core.Solve;

namespace Solacore.Api.Solve;

/// <summary>The list of a person's sessions (contract/http-api.md 12.2).</summary>
internal static class SessionListEndpoints
{
    public static void MapSessionList(this IEndpointRouteBuilder sessions) =>
        sessions.MapGet("", ListAsync).Limited(LimitName.Api);

    private static async Task<Ok<SessionListAnswer>> ListAsync(
        Query<ListRequest> query, Caller caller, SolacoreDb db, CancellationToken cancellationToken)
    {
        var wanted = query.Value;
        var filter = new SessionFilter(wanted.Status.ToSolve(), Tags(wanted.Tags), wanted.FromDate, wanted.ToDate);
        var page = await SessionList.ReadAsync(db, caller.UserId, filter, wanted.Q, wanted.Limit, wanted.Offset, cancellationToken);
        return TypedResults.Ok(new SessionListAnswer(page.Sessions, page.Total, wanted.Limit, wanted.Offset));
    }

    /// <summary>Tags between commas.</summary>
    public static IReadOnlyList<string> Tags(string? list) =>
        (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public static SessionStatus? ToSolve(this StatusFilter? status) => status is { } given ? ToSolve(given) : null;

    private static SessionStatus ToSolve(StatusFilter status) => status switch
    {
        StatusFilter.Active => SessionStatus.Active,
        StatusFilter.Completed => SessionStatus.Completed,
        StatusFilter.Abandoned => SessionStatus.Abandoned,
    };
}

/// <summary>A status in a query.</summary>
internal enum StatusFilter
{
    Active,
    Completed,

    /// <summary>The web client's filter calls it archived.</summary>
    [AlsoRead("archived")]
    Abandoned,
}

internal sealed record ListRequest(
    string? Q = null,
    string? Tags = null,
    StatusFilter? Status = null,
    DateTimeOffset? FromDate = null,
    DateTimeOffset? ToDate = null,
    [Range(1, 100)] int Limit = 20,
    [Range(0)] int Offset = 0);

internal sealed record SessionListAnswer(IReadOnlyList<SessionSummary> Sessions, int Total, int Limit, int Offset);
