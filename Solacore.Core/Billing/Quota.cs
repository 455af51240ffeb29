using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Billing;

/// <summary>The answer to a wish for one more session.</summary>
/// <param name="Granted">Whether it was counted.</param>
/// <param name="Used">Sessions of the period, this one included when it was granted.</param>
/// <param name="Limit">Sessions that the period allows; null for no limit.</param>
public sealed record QuotaReservation(bool Granted, int Used, int? Limit);

/// <summary>Counts solve sessions.</summary>
public static class Quota
{
    /// <summary>
    /// Counts one session within the caller's transaction; rolling back gives it back. Of parallel callers no more are
    /// granted than the limit allows, and a refused one leaves the count as it was.
    /// </summary>
    /// <param name="subscription">The plan as of now, see <see cref="Plans.CurrentAsync"/>.</param>
    public static async Task<QuotaReservation> ReserveAsync(
        SolacoreDb db, Subscription subscription, BillingOptions options, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var limit = options.BetaMode ? null : QuotaRules.SessionLimit(subscription.Tier);
        var period = PeriodOf(subscription, now);
        var counted = await db.Database.SqlQuery<int>(
            $"""
            insert into usage (id, user_id, period_start, session_count) values ({Guid.CreateVersion7()}, {subscription.UserId}, {period.Start}, 1)
            on conflict (user_id, period_start) do update set session_count = usage.session_count + 1, updated_at = now()
            where usage.session_count < {limit ?? int.MaxValue}
            returning session_count as "Value"
            """).ToListAsync(cancellationToken);
        return counted is [var used]
            ? new QuotaReservation(Granted: true, used, limit)
            : new QuotaReservation(Granted: false, await UsedAsync(db, subscription.UserId, period, cancellationToken), limit);
    }

    /// <summary>Sessions counted in the period; does not write.</summary>
    public static Task<int> UsedAsync(SolacoreDb db, Guid userId, UsagePeriod period, CancellationToken cancellationToken) =>
        db.Usage.Where(u => u.UserId == userId && u.PeriodStart == period.Start)
            .Select(u => u.SessionCount)
            .SingleOrDefaultAsync(cancellationToken);

    /// <summary>The period that counts now.</summary>
    public static UsagePeriod PeriodOf(Subscription subscription, DateTimeOffset now) => UsagePeriod.For(
        subscription.Tier, subscription.CurrentPeriodStart, subscription.CurrentPeriodEnd, subscription.CreatedAt, now);
}
