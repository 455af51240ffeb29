using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Jobs;

namespace Solacore.Core.Billing.Stores;

/// <summary>A part of the comparison of all subscriptions with Stripe.</summary>
public sealed record ReconcileStripe
{
    public static readonly JobKind<ReconcileStripe> Kind =
        new("billing.reconcile_stripe", JobLane.Stripe, StoreQuestions.UntilTheStoreIsBack, TimeSpan.FromMinutes(15));
}

/// <summary>
/// Repairs what lost events left behind, in two passes that go on where the last run ended: Stripe's list of all
/// subscriptions that are not canceled, a hundred per call, which also finds purchases nobody told us about; then those
/// that we believe alive and that were not on the list, one by one, which finds lost ends.
/// </summary>
public sealed class ReconcileStripeHandler(SolacoreDb db, StripeQueryClient stripe, TruthComparison comparison, StoreOptions options, TimeProvider time)
    : IJobHandler<ReconcileStripe>
{
    private const string List = "stripe_subscriptions";

    public async Task HandleAsync(ReconcileStripe payload, JobContext job, CancellationToken cancellationToken)
    {
        var pass = await StorePasses.BeginAsync(db, List, options.ReconcileAge, time.GetUtcNow(), cancellationToken);
        var walk = new StoreWalk(cancellationToken);
        var left = options.ReconcileBatch;
        while (left > 0 && pass.PassFinishedAt is null)
        {
            left -= await ComparePageAsync(walk, pass, left, cancellationToken);
        }

        if (left > 0)
        {
            await CompareUnlistedAsync(walk, pass.PassStartedAt, left, cancellationToken);
        }

        walk.End();
    }

    private async Task<int> ComparePageAsync(StoreWalk walk, StoreCursor pass, int limit, CancellationToken cancellationToken)
    {
        if (await StorePasses.NextPageAsync(db, stripe, pass, "/v1/subscriptions", limit, cancellationToken) is not { } page)
        {
            return limit;
        }

        foreach (var subscription in page.Items)
        {
            // The end of the page is the place of all of them.
            await walk.StepAsync(() => comparison.CompareAsync(subscription, cancellationToken), stepOver: () => Task.CompletedTask);
        }

        StorePasses.Advance(pass, page, time.GetUtcNow());
        if (pass.PassFinishedAt is not null)
        {
            await EndSurplusAsync(cancellationToken);
        }

        await db.SaveChangesAsync(cancellationToken);
        return page.Items.Count;
    }

    private async Task CompareUnlistedAsync(StoreWalk walk, DateTimeOffset passStartedAt, int limit, CancellationToken cancellationToken)
    {
        // Plain SQL, because the condition has to be word for word that of ix_entitlements_compared; in two parts, because
        // each of them is one range of it, read only as far as the limit.
        var rows = await db.Entitlements
            .FromSql(
                $"""
                select * from (
                    (select * from entitlements
                     where source = 'stripe' and not (state ->> 'Deleted')::boolean and compared_at is null and external_subscription_id <> ''
                     limit {limit})
                    union all
                    (select * from entitlements
                     where source = 'stripe' and not (state ->> 'Deleted')::boolean and compared_at < {passStartedAt} and external_subscription_id <> ''
                     order by compared_at
                     limit {limit})) unlisted
                limit {limit}
                """)
            .AsNoTracking()
            .Select(e => new { e.Id, e.ExternalSubscriptionId })
            .ToListAsync(cancellationToken);
        foreach (var row in rows)
        {
            await walk.StepAsync(
                async () =>
                {
                    if (await stripe.FindSubscriptionAsync(row.ExternalSubscriptionId, cancellationToken) is { } truth)
                    {
                        await comparison.CompareAsync(truth, cancellationToken);
                    }

                    // Also when Stripe does not know it, or every run would ask again.
                    await NoteAsync(row.Id);
                },
                stepOver: () => NoteAsync(row.Id));
        }

        Task NoteAsync(Guid id) => db.Entitlements.Where(e => e.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(e => e.ComparedAt, time.GetUtcNow()), cancellationToken);
    }

    /// <summary>Two live subscriptions of one person, in case nobody asked when the second one came.</summary>
    private async Task EndSurplusAsync(CancellationToken cancellationToken)
    {
        var people = await db.Database.SqlQuery<Guid>(
            $"""
            select user_id as "Value" from entitlements
            where source = 'stripe' and external_subscription_id <> ''
              and not (state ->> 'Deleted')::boolean and (state ->> 'Activated')::boolean
            group by user_id having count(*) > 1
            limit {options.ReconcileBatch}
            """).ToListAsync(cancellationToken);
        foreach (var person in people)
        {
            var order = new KeepOneSubscription(person);
            db.Enqueue(KeepOneSubscription.Kind, order, JobPriority.Low, serialKey: StoreQuestions.KeyOf(order));
        }
    }
}
