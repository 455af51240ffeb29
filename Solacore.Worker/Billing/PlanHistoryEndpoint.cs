using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Solacore.Core;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Worker.Jobs;

namespace Solacore.Worker.Billing;

/// <summary>Why a person has the plan they have: what each store said, and every change with its cause.</summary>
internal static class PlanHistoryEndpoint
{
    private const int LongestHistory = 500;

    /// <summary>Tiers and standings as whoever reads it knows them.</summary>
    private static readonly JsonSerializerOptions Words = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary><c>GET /admin/plans/{user}</c>, on the internal port, for an operator. Writes nothing.</summary>
    public static void MapPlanHistory(this IEndpointRouteBuilder routes) => routes.MapOperatorGroup("/admin/plans").MapGet("/{user:guid}", ShowAsync);

    private static async Task<Results<JsonHttpResult<PlanHistory>, ContentHttpResult>> ShowAsync(
        SolacoreDb db, Guid user, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(s => s.UserId == user, cancellationToken) is not { } stored)
        {
            return OperatorRoutes.Sentence(StatusCodes.Status404NotFound, $"There is no account {user}.");
        }

        var entitlements = await db.Entitlements.AsNoTracking().Where(e => e.UserId == user).OrderBy(e => e.CreatedAt).ToListAsync(cancellationToken);
        var changes = await (
            from change in db.EntitlementChanges.AsNoTracking()
            where change.UserId == user
            orderby change.Id descending
            join source in db.WebhookEvents on change.WebhookEventId equals (Guid?)source.Id into sources
            from cause in sources.DefaultIfEmpty()
            select new PlanChange(
                change.At,
                change.Cause,
                cause == null ? null : cause.Source.Name(),
                cause == null ? null : cause.EventId,
                change.TierBefore.Name(),
                change.StatusBefore.Name(),
                change.TierAfter.Name(),
                change.StatusAfter.Name(),
                change.PeriodEndAfter,
                change.CancelAtPeriodEndAfter)).Take(LongestHistory).ToListAsync(cancellationToken);
        return TypedResults.Json(new PlanHistory(
            user,
            time.GetUtcNow(),
            stored.Tier.Name(),
            stored.Status.Name(),
            stored.CurrentPeriodStart,
            stored.CurrentPeriodEnd,
            stored.CancelAtPeriodEnd,
            stored.PlanValidUntil,
            [.. entitlements.Select(e => new StoreRecord(e.Source.Name(), e.CustomerId, e.ExternalSubscriptionId, e.State, e.UpdatedAt))],
            changes), Words);
    }

    /// <param name="Stores">Everything that is known of each subscription.</param>
    /// <param name="Changes">Newest first, at most 500.</param>
    private sealed record PlanHistory(
        Guid User,
        DateTimeOffset At,
        string Tier,
        string Status,
        DateTimeOffset? PeriodStart,
        DateTimeOffset? PeriodEnd,
        bool CancelAtPeriodEnd,
        DateTimeOffset? ChangesByTimeAt,
        IReadOnlyList<StoreRecord> Stores,
        IReadOnlyList<PlanChange> Changes);

    private sealed record StoreRecord(string Source, string? Customer, string Subscription, EntitlementState Said, DateTimeOffset UpdatedAt);

    /// <param name="Cause">Type of the event, or <c>time</c>.</param>
    private sealed record PlanChange(
        DateTimeOffset At,
        string Cause,
        string? Source,
        string? EventId,
        string TierBefore,
        string StatusBefore,
        string TierAfter,
        string StatusAfter,
        DateTimeOffset? PeriodEnd,
        bool CancelAtPeriodEnd);
}
