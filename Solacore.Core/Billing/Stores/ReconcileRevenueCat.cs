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
/// the place where the next run goes on. With what these leave of a run, passes over those follow who may have bought for the
/// first time: people without a plan who have used a phone of late.
/// </summary>
public sealed class ReconcileRevenueCatHandler(
    SolacoreDb db, RevenueCatClient revenueCat, TruthComparison comparison, StoreOptions options, TimeProvider time) : IJobHandler<ReconcileRevenueCat>
{
    private const string PeopleWithPhones = "revenuecat_people_with_phones";

    /// <summary>Before a pass begins; longer than from one pass to the next, also when one takes days.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromDays(7);

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
        var walk = new StoreWalk(cancellationToken);
        foreach (var buyer in buyers.Distinct())
        {
            await walk.StepAsync(
                () => CompareAsync(buyer, cancellationToken), stepOver: () => comparison.NoteComparedAsync(buyer, cancellationToken));
        }

        await ComparePeopleWithPhonesAsync(walk, options.ReconcileBatch - buyers.Count, cancellationToken);
        walk.End();
    }

    private async Task ComparePeopleWithPhonesAsync(StoreWalk walk, int limit, CancellationToken cancellationToken)
    {
        var pass = await StorePasses.BeginAsync(db, PeopleWithPhones, options.ReconcileAge, time.GetUtcNow(), cancellationToken);
        if (limit == 0 || pass.PassFinishedAt is not null)
        {
            return;
        }

        // Plain SQL for one walk along the index of subscriptions by user, with a look at the logins of each, as far as the limit.
        var after = pass.After is { } last ? Guid.Parse(last) : Guid.Empty;
        var people = await db.Database.SqlQuery<Guid>(
            $"""
            select s.user_id as "Value" from subscriptions s
            where s.user_id > {after} and s.tier = 'free'
              and exists (
                select from active_sessions a join devices d on d.id = a.device_id
                where a.user_id = s.user_id and coalesce(a.rotated_at, a.created_at) > {pass.PassStartedAt - Lately}
                  and (d.platform in ('ios', 'android') or d.push_token is not null))
              and not exists (select from entitlements e where e.user_id = s.user_id and e.source = 'revenuecat')
            order by s.user_id
            limit {limit}
            """).ToListAsync(cancellationToken);
        foreach (var person in people)
        {
            await walk.StepAsync(
                async () =>
                {
                    await CompareAsync(person, cancellationToken);
                    pass.After = person.ToString();
                    await db.SaveChangesAsync(cancellationToken);
                },
                // The place of whoever comes after them is noted.
                stepOver: () => Task.CompletedTask);
        }

        if (people.Count < limit)
        {
            (pass.After, pass.PassFinishedAt) = (null, time.GetUtcNow());
            await db.SaveChangesAsync(cancellationToken);
        }
    }

    private async Task CompareAsync(Guid userId, CancellationToken cancellationToken) =>
        await comparison.CompareAsync(userId, await revenueCat.FindAsync(userId, cancellationToken), cancellationToken);
}
