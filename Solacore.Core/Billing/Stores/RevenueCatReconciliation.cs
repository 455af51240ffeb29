using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Jobs;

namespace Solacore.Core.Billing.Stores;

/// <summary>A part of the comparison of all store purchases with RevenueCat.</summary>
public sealed record ReconcileRevenueCat
{
    public static readonly JobKind<ReconcileRevenueCat> Kind =
        new("billing.reconcile_revenuecat", JobLane.RevenueCat, StoreQuestions.UntilTheStoreIsBack, TimeSpan.FromMinutes(15));
}

/// <summary>
/// RevenueCat gives up on an event after two and a half hours and has no list of what it gave up on. So everybody who has
/// ever bought in an app store is asked for, those first who have not been for longest; the time of each comparison is
/// the place where the next run goes on.
/// </summary>
public sealed class RevenueCatReconciliation(
    SolacoreDb db, RevenueCatAccess revenueCat, TruthComparison comparison, StoreOptions options, TimeProvider time) : IJobHandler<ReconcileRevenueCat>
{
    public async Task HandleAsync(ReconcileRevenueCat payload, JobContext job, CancellationToken cancellationToken)
    {
        var outdated = time.GetUtcNow() - options.ReconcileAge;

        // Plain SQL, because the condition has to be word for word that of ix_entitlements_compared; in two parts, because
        // each of them is one range of it, read only as far as the limit.
        var buyers = await db.Database.SqlQuery<Guid>(
            $"""
            select "Value" from (
                (select user_id as "Value" from entitlements
                 where source = 'revenuecat' and not (state ->> 'Deleted')::boolean and compared_at is null
                 limit {options.ReconcileBatch})
                union all
                (select user_id from entitlements
                 where source = 'revenuecat' and not (state ->> 'Deleted')::boolean and compared_at < {outdated}
                 order by compared_at
                 limit {options.ReconcileBatch})) outdated
            limit {options.ReconcileBatch}
            """).ToListAsync(cancellationToken);
        foreach (var buyer in buyers.Distinct())
        {
            await comparison.CompareAsync(buyer, await revenueCat.FindAsync(buyer, cancellationToken), cancellationToken);
        }
    }
}
