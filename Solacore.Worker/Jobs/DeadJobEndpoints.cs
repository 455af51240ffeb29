using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Jobs;

namespace Solacore.Worker.Jobs;

/// <summary>A dead letter as an operator sees it; payloads hold ids, never what a person wrote.</summary>
internal sealed record DeadJobAnswer(long Id, string Kind, string Payload, int Attempts, string? LastError, DateTimeOffset CreatedAt, DateTimeOffset DiedAt)
{
    public static DeadJobAnswer Of(DeadJob job) => new(job.Id, job.Kind, job.Payload, job.Attempts, job.LastError, job.CreatedAt, job.DiedAt);
}

/// <summary>The same with the store's event that it could not apply, where it is about one.</summary>
internal sealed record DeadJobDetail(DeadJobAnswer Job, ParkedEvent? Event);

/// <param name="Body">The event as it was received.</param>
internal sealed record ParkedEvent(
    Guid Id, string Source, string? EventId, string EventType, string State, DateTimeOffset ReceivedAt, DateTimeOffset? ProviderTime, string? CustomerKey, string Body);

internal sealed record ReplayAnswer(int Replayed);

internal static class DeadJobEndpoints
{
    private const int LongestList = 200;

    /// <summary>
    /// <c>GET /admin/dead-jobs?kind=&amp;from=&amp;to=</c>, <c>GET /admin/dead-jobs/{id}</c> and
    /// <c>POST /admin/dead-jobs/replay?kind=&amp;id=&amp;from=&amp;to=</c>; times are those of death.
    /// </summary>
    public static void MapDeadJobs(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapOperatorGroup("/admin/dead-jobs");
        admin.MapGet("", ListAsync);
        admin.MapGet("/{id:long}", ShowAsync);
        admin.MapPost("/replay", ReplayAsync);
    }

    private static async Task<Ok<List<DeadJobAnswer>>> ListAsync(
        SolacoreDb db, string? kind, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken)
    {
        var dead = await DeadJobs.ListAsync(db, Select(kind, ids: null, from, to), LongestList, cancellationToken);
        return TypedResults.Ok(dead.Select(DeadJobAnswer.Of).ToList());
    }

    private static async Task<Results<Ok<DeadJobDetail>, NotFound>> ShowAsync(SolacoreDb db, long id, CancellationToken cancellationToken)
    {
        if (await DeadJobs.ListAsync(db, new([id]), 1, cancellationToken) is not [var job])
        {
            return TypedResults.NotFound();
        }

        var eventId = job.Kind == WebhookInbox.Apply.Name
            ? JsonSerializer.Deserialize<ApplyWebhook>(job.Payload, JobPayload.Json)?.EventId
            : null;
        var parked = await db.WebhookEvents.AsNoTracking().SingleOrDefaultAsync(e => e.Id == eventId, cancellationToken);
        return TypedResults.Ok(new DeadJobDetail(
            DeadJobAnswer.Of(job),
            parked is null
                ? null
                : new ParkedEvent(
                    parked.Id, parked.Source, parked.EventId, parked.EventType, parked.State, parked.ReceivedAt, parked.ProviderTime,
                    parked.CustomerKey, Encoding.UTF8.GetString(parked.Body))));
    }

    // Without the attribute the ids of a POST would be looked for in its body, and none there would mean all of them.
    private static async Task<Ok<ReplayAnswer>> ReplayAsync(
        SolacoreDb db, string? kind, [FromQuery] long[]? id, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ReplayAnswer(await DeadJobs.ReplayAsync(db, Select(kind, id, from, to), cancellationToken)));

    private static DeadJobSelection Select(string? kind, long[]? ids, DateTimeOffset? from, DateTimeOffset? to) =>
        new(ids is { Length: > 0 } ? ids : null, kind, from?.ToUniversalTime(), to?.ToUniversalTime());
}
