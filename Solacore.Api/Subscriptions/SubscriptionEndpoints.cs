using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.ServiceDefaults;

namespace Solacore.Api.Subscriptions;

/// <summary>What a person has paid for and how much of it is used (contract/http-api.md sections 18.3 and 18.4).</summary>
internal static class SubscriptionEndpoints
{
    public static void MapSubscriptions(this IEndpointRouteBuilder api)
    {
        var subscriptions = api.MapGroup("/subscriptions").Authenticated().Limited(LimitName.Api).WithTags("subscriptions").IsPriorityZero();
        subscriptions.AddEndpointFilter(async (context, next) =>
            context.HttpContext.RequestServices.GetRequiredService<BillingOptions>().PaymentsEnabled
                ? await next(context)
                : ApiError.Rule(StatusCodes.Status501NotImplemented, ErrorCode.PaymentsDisabled));
        subscriptions.MapGet("/current", GetCurrentAsync);
        subscriptions.MapGet("/usage", GetUsageAsync);
    }

    private static async Task<Results<Ok<CurrentPlan>, ApiError>> GetCurrentAsync(
        Caller caller, SolacoreDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await Plans.CurrentAsync(db, caller.UserId, time.GetUtcNow(), cancellationToken) is not { } plan)
        {
            return NoSubscription();
        }

        return TypedResults.Ok(new CurrentPlan(plan.Tier, plan.Status, plan.CurrentPeriodStart, plan.CurrentPeriodEnd, plan.CancelAtPeriodEnd));
    }

    private static async Task<Results<Ok<PlanUsage>, ApiError>> GetUsageAsync(
        Caller caller, SolacoreDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await Plans.CurrentAsync(db, caller.UserId, now, cancellationToken) is not { } plan)
        {
            return NoSubscription();
        }

        var period = Quota.PeriodOf(plan, now);
        var used = await Quota.UsedAsync(db, caller.UserId, period, cancellationToken);
        var limit = QuotaRules.SessionLimit(Tiers.Parse(plan.Tier));
        return TypedResults.Ok(new PlanUsage(
            plan.Tier, used, limit, period.Start, period.End, period.IsLifetime, QuotaRules.Hint(used, limit)));
    }

    private static ApiError NoSubscription() => ApiError.Rule(StatusCodes.Status404NotFound, ErrorCode.NoSubscription);

    private sealed record CurrentPlan(
        string Tier, string Status, DateTimeOffset? PeriodStart, DateTimeOffset? PeriodEnd, bool CancelAtPeriodEnd);

    /// <param name="UpgradeHint">Beyond the contract: <c>near</c> from 80 % of the limit, <c>reached</c> at the limit, else <c>none</c>.</param>
    private sealed record PlanUsage(
        string Tier,
        int SessionsUsed,
        int? SessionsLimit,
        DateTimeOffset PeriodStart,
        DateTimeOffset? PeriodEnd,
        bool IsLifetime,
        UpgradeHint UpgradeHint);
}
