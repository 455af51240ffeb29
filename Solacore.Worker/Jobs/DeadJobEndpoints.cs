using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Solacore.Core;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Jobs;

namespace Solacore.Worker.Jobs;

/// <summary>A dead letter as an operator sees it; payloads hold ids, never what a person wrote.</summary>
internal sealed record DeadJobAnswer(long Id, string Kind, string Payload, int Attempts, string? LastError, DateTimeOffset CreatedAt, DateTimeOffset DiedAt)
{
    public static DeadJobAnswer Of(DeadJob job) => new(job.Id, job.Kind, job.Payload, job.Attempts, job.LastError, job.CreatedAt, job.DiedAt);
}

/// <param name="Jobs">Newest first, and not all when they are many.</param>
/// <param name="Total">How many there are; behind the list, where whoever reads a long one ends.</param>
internal sealed record DeadJobList(IReadOnlyList<DeadJobAnswer> Jobs, int Total);

/// <summary>One of them, with the store's event that it could not apply, where it is about one.</summary>
internal sealed record DeadJobDetail(DeadJobAnswer Job, ParkedEvent? Event);

/// <param name="Body">The event as it was received.</param>
internal sealed record ParkedEvent(
    Guid Id, string Source, string? EventId, string EventType, string State, DateTimeOffset ReceivedAt, DateTimeOffset? ProviderTime, string? CustomerKey, string Body);

internal sealed record ReplayAnswer(int Replayed);

internal static partial class DeadJobEndpoints
{
    private const int LongestList = 200;
    private static readonly OperatorParameter Kind = OperatorParameter.Text("kind");
    private static readonly OperatorParameter From = OperatorParameter.Time("from");
    private static readonly OperatorParameter To = OperatorParameter.Time("to");

    /// <summary>
    /// <c>GET /admin/dead-jobs?kind=&amp;from=&amp;to=</c>, <c>GET</c> and <c>DELETE /admin/dead-jobs/{id}</c>, and
    /// <c>POST /admin/dead-jobs/replay?kind=&amp;id=&amp;from=&amp;to=</c> or <c>?all=true</c>; times are those of death. A parameter
    /// of another name is refused, never passed over: what it was to restrict might be everything.
    /// </summary>
    public static void MapDeadJobs(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapOperatorGroup("/admin/dead-jobs");
        admin.MapGet("", ListAsync).WithParameters(Kind, From, To);
        admin.MapGet("/{id:long}", ShowAsync).WithParameters();
        admin.MapDelete("/{id:long}", DropAsync).WithParameters();
        admin.MapPost("/replay", ReplayAsync).WithParameters(Kind, OperatorParameter.Id("id"), From, To, OperatorParameter.Switch("all"));
    }

    private static async Task<Ok<DeadJobList>> ListAsync(
        SolacoreDb db, string? kind, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken)
    {
        var which = Select(kind, ids: null, from, to);
        var dead = await DeadJobs.ListAsync(db, which, LongestList, cancellationToken);
        return TypedResults.Ok(new DeadJobList([.. dead.Select(DeadJobAnswer.Of)], await DeadJobs.CountAsync(db, which, cancellationToken)));
    }

    private static async Task<Results<Ok<DeadJobDetail>, ContentHttpResult>> ShowAsync(SolacoreDb db, long id, CancellationToken cancellationToken)
    {
        if (await DeadJobs.ListAsync(db, new([id]), 1, cancellationToken) is not [var job])
        {
            return NoSuchJob(id);
        }

        var eventId = job.Kind == ApplyWebhook.Kind.Name
            ? JsonSerializer.Deserialize<ApplyWebhook>(job.Payload, JobPayload.Json)?.EventId
            : null;
        var parked = await db.WebhookEvents.AsNoTracking().SingleOrDefaultAsync(e => e.Id == eventId, cancellationToken);
        return TypedResults.Ok(new DeadJobDetail(
            DeadJobAnswer.Of(job),
            parked is null
                ? null
                : new ParkedEvent(
                    parked.Id, parked.Source.Name(), parked.EventId, parked.EventType, parked.State.Name(), parked.ReceivedAt, parked.ProviderTime,
                    parked.CustomerKey, Encoding.UTF8.GetString(parked.Body))));
    }

    private static async Task<Results<Ok<DeadJobAnswer>, ContentHttpResult>> DropAsync(
        SolacoreDb db, ILogger<DeadJob> logger, long id, CancellationToken cancellationToken)
    {
        if (await DeadJobs.DropAsync(db, id, cancellationToken) is not { } job)
        {
            return NoSuchJob(id);
        }

        LogDropped(logger, job.Kind, job.Id, job.Attempts);
        return TypedResults.Ok(DeadJobAnswer.Of(job));
    }

    // Without the attribute the ids of a POST would be looked for in its body.
    private static async Task<Results<Ok<ReplayAnswer>, ContentHttpResult>> ReplayAsync(
        SolacoreDb db, string? kind, [FromQuery] long[]? id, DateTimeOffset? from, DateTimeOffset? to, bool? all, CancellationToken cancellationToken)
    {
        var which = Select(kind, id, from, to);
        return which == DeadJobSelection.All == (all == true)
            ? TypedResults.Ok(new ReplayAnswer(await DeadJobs.ReplayAsync(db, which, cancellationToken)))
            : OperatorRoutes.Sentence(StatusCodes.Status400BadRequest, "Say which: by kind, id, from and to, or all=true alone.");
    }

    private static ContentHttpResult NoSuchJob(long id) =>
        OperatorRoutes.Sentence(StatusCodes.Status404NotFound, $"There is no dead job {id}: a replayed job has a new id.");

    private static DeadJobSelection Select(string? kind, long[]? ids, DateTimeOffset? from, DateTimeOffset? to) =>
        new(ids is { Length: > 0 } ? ids : null, kind, from?.ToUniversalTime(), to?.ToUniversalTime());

    [LoggerMessage(2018, LogLevel.Warning, "An operator dropped the dead letter of {Kind} job {JobId}, which had failed {Attempts} times")]
    private static partial void LogDropped(ILogger logger, string kind, long jobId, int attempts);
}
