using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core;
using Solacore.Core.Billing;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Data;
using Solacore.ServiceDefaults;

namespace Solacore.Api.Subscriptions;

/// <summary>Buying and managing a plan, what it is, and how much of it is used (contract/http-api.md section 18).</summary>
internal static class SubscriptionEndpoints
{
    public static void MapSubscriptions(this IEndpointRouteBuilder api)
    {
        var subscriptions = api.MapGroup("/subscriptions").Authenticated().Limited(LimitName.Api).WithTags("subscriptions").IsPriorityZero()
            .Fails(ErrorCode.PaymentsDisabled);
        subscriptions.AddEndpointFilter(async (context, next) =>
            context.HttpContext.RequestServices.GetRequiredService<BillingOptions>().PaymentsEnabled
                ? await next(context)
                : ApiError.Rule(ErrorCode.PaymentsDisabled));
        subscriptions.MapPost("/checkout", OpenCheckoutAsync)
            .Fails(StatusCodes.Status400BadRequest, ErrorCode.InvalidPriceId, ErrorCode.NoSubscription, ErrorCode.AlreadySubscribed)
            .Fails(ErrorCode.PaymentProviderError);
        subscriptions.MapGet("/portal", OpenPortalAsync).NoStore()
            .Fails(ErrorCode.NoSubscription, ErrorCode.PaymentProviderError);
        subscriptions.MapGet("/current", GetCurrentAsync).Fails(ErrorCode.NoSubscription);
        subscriptions.MapGet("/usage", GetUsageAsync).Fails(ErrorCode.NoSubscription);
    }

    private static async Task<Results<Ok<CheckoutPage>, ApiError>> OpenCheckoutAsync(
        Body<CheckoutRequest> body, Caller caller, Checkouts checkouts, CancellationToken cancellationToken) =>
        await checkouts.OpenAsync(caller.UserId, caller.Email, body.Value.PriceId, cancellationToken) switch
        {
            StorePage.Opened page => TypedResults.Ok(new CheckoutPage(page.Url, page.SessionId)),
            StorePage.UnknownPrice => ApiError.Rule(ErrorCode.InvalidPriceId),
            StorePage.NoSubscription => ApiError.Rule(StatusCodes.Status400BadRequest, ErrorCode.NoSubscription),
            StorePage.AlreadySubscribed => ApiError.Rule(ErrorCode.AlreadySubscribed),
            StorePage.ProviderFailed => ProviderFailed(),
            _ => throw new UnreachableException(),
        };

    private static async Task<Results<Ok<PortalPage>, ApiError>> OpenPortalAsync(
        Caller caller, Checkouts checkouts, CancellationToken cancellationToken) =>
        await checkouts.OpenPortalAsync(caller.UserId, cancellationToken) switch
        {
            StorePage.Opened page => TypedResults.Ok(new PortalPage(page.Url)),
            StorePage.NoSubscription => NoSubscription(),
            StorePage.ProviderFailed => ProviderFailed(),
            _ => throw new UnreachableException(),
        };

    private static async Task<Results<Ok<CurrentPlan>, ApiError>> GetCurrentAsync(
        Caller caller, SolacoreDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await Plans.CurrentAsync(db, caller.UserId, time.GetUtcNow(), cancellationToken) is not { } plan)
        {
            return NoSubscription();
        }

        return TypedResults.Ok(new CurrentPlan(plan.Tier.Name(), plan.Status.Name(), plan.CurrentPeriodStart, plan.CurrentPeriodEnd, plan.CancelAtPeriodEnd));
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
        var limit = QuotaRules.SessionLimit(plan.Tier);
        return TypedResults.Ok(new PlanUsage(
            plan.Tier.Name(), used, limit, period.Start, period.End, period.IsLifetime, QuotaRules.Percent(used, limit), QuotaRules.Hint(used, limit)));
    }

    private static ApiError NoSubscription() => ApiError.Rule(ErrorCode.NoSubscription);

    private static ApiError ProviderFailed() => ApiError.Rule(ErrorCode.PaymentProviderError);

    private sealed record CheckoutPage(string CheckoutUrl, string SessionId);

    private sealed record PortalPage(string PortalUrl);

    private sealed record CurrentPlan(
        string Tier, string Status, DateTimeOffset? PeriodStart, DateTimeOffset? PeriodEnd, bool CancelAtPeriodEnd);

    /// <param name="UsagePercent">Beyond the contract: whole percent of the limit, at most 100; null without a limit.</param>
    /// <param name="UpgradeHint">
    /// Beyond the contract: <c>approaching_limit</c> from 80 % of the limit, <c>limit_reached</c> at the limit, else null.
    /// </param>
    private sealed record PlanUsage(
        string Tier,
        int SessionsUsed,
        int? SessionsLimit,
        DateTimeOffset PeriodStart,
        DateTimeOffset? PeriodEnd,
        bool IsLifetime,
        int? UsagePercent,
        UpgradeHint? UpgradeHint);
}

/// <param name="PriceId">One of the prices that are for sale.</param>
internal sealed record CheckoutRequest(string PriceId);
