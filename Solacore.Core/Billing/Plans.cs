using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Billing;

/// <summary>Keeps the stored plan equal to what the entitlements say.</summary>
public static class Plans
{
    /// <summary>Cause of a change that no event made.</summary>
    public const string Time = "time";

    /// <summary>
    /// The plan of a user as of now: the stored one, computed anew and stored when time has changed it. Not tracked.
    /// Null for a user without a subscription row.
    /// </summary>
    public static async Task<Subscription?> CurrentAsync(SolacoreDb db, Guid userId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var stored = await db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(s => s.UserId == userId, cancellationToken);
        return await AsOfAsync(db, stored, now, cancellationToken);
    }

    /// <summary>As <see cref="CurrentAsync"/>, for a row that was read already.</summary>
    public static async Task<Subscription?> AsOfAsync(SolacoreDb db, Subscription? stored, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (stored?.PlanValidUntil is null || now < stored.PlanValidUntil)
        {
            return stored;
        }

        await using var transaction = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(cancellationToken) : null;
        var subscription = (await Locked(db, [stored.UserId]).ToListAsync(cancellationToken)).SingleOrDefault();
        if (subscription is not null)
        {
            var entitlements = await db.Entitlements.AsNoTracking().Where(e => e.UserId == subscription.UserId).ToListAsync(cancellationToken);
            Project(db, subscription, entitlements, Time, webhookEventId: null, now);
            await db.SaveChangesAsync(cancellationToken);
            db.Entry(subscription).State = EntityState.Detached;
        }

        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return subscription;
    }

    /// <summary>Gives users without subscription row the one of a new account.</summary>
    public static Task EnsureAsync(SolacoreDb db, IReadOnlyCollection<Guid> userIds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. userIds.Select(_ => Guid.CreateVersion7())];
        Guid[] users = [.. userIds.Order()];
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into subscriptions (id, user_id, created_at, updated_at)
            select id, user_id, {now}, {now} from unnest({ids}, {users}) new(id, user_id)
            on conflict (user_id) do nothing
            """,
            cancellationToken);
    }

    /// <summary>
    /// The rows of these users, held until the transaction ends: whoever changes the plan of a user does it alone.
    /// Always taken in the order of the users, so that two transactions cannot wait for one another.
    /// </summary>
    internal static IQueryable<Subscription> Locked(SolacoreDb db, Guid[] userIds) => db.Subscriptions
        .FromSql($"select * from subscriptions where user_id = any({userIds}) order by user_id for update")

        // Around it, the columns get named: * would not outlive a migration that adds one, once it is prepared.
        .OrderBy(s => s.UserId);

    /// <summary>Computes the plan and writes it to the row, with a line of history when it changed.</summary>
    internal static Plan Project(
        SolacoreDb db, Subscription subscription, IReadOnlyCollection<Entitlement> entitlements, string cause, Guid? webhookEventId, DateTimeOffset now)
    {
        var plan = PlanRules.Compute([.. entitlements.Select(Known)], now);
        var before = (subscription.Tier, subscription.Status, subscription.CurrentPeriodEnd, subscription.CancelAtPeriodEnd);
        var (tierBefore, statusBefore) = (subscription.Tier, subscription.Status);
        subscription.Tier = plan.Tier;
        subscription.Status = plan.Status;
        subscription.CurrentPeriodStart = plan.PeriodStart;
        subscription.CurrentPeriodEnd = plan.PeriodEnd;
        subscription.CancelAtPeriodEnd = plan.CancelAtPeriodEnd;
        subscription.PlanValidUntil = plan.ValidUntil;
        ProjectStripe(subscription, entitlements);
        if (before != (subscription.Tier, subscription.Status, subscription.CurrentPeriodEnd, subscription.CancelAtPeriodEnd))
        {
            subscription.UpdatedAt = now;
            db.EntitlementChanges.Add(new EntitlementChange
            {
                UserId = subscription.UserId,
                At = now,
                Cause = cause,
                WebhookEventId = webhookEventId,
                TierBefore = tierBefore,
                StatusBefore = statusBefore,
                TierAfter = subscription.Tier,
                StatusAfter = subscription.Status,
                PeriodEndAfter = subscription.CurrentPeriodEnd,
                CancelAtPeriodEndAfter = subscription.CancelAtPeriodEnd,
            });
        }

        return plan;
    }

    /// <summary>What the rules look at of a stored entitlement.</summary>
    internal static StoreSubscription Known(Entitlement entitlement) => new(
        entitlement.Source, entitlement.CustomerId, entitlement.ExternalSubscriptionId, entitlement.State);

    /// <summary>
    /// The customer and the subscription that the portal and a change of plan act on, whichever store the shown plan
    /// comes from. Ids that came without an entitlement stay as they are.
    /// </summary>
    private static void ProjectStripe(Subscription subscription, IReadOnlyCollection<Entitlement> entitlements)
    {
        var stripe = entitlements.Where(e => e.Source == BillingSource.Stripe).ToList();
        var named = stripe.Where(e => e.ExternalSubscriptionId.Length > 0).ToList();
        if (named.Count > 0)
        {
            subscription.StripeSubscriptionId = named.Where(e => !e.State.Deleted).MaxBy(e => e.State.LastStamp)?.ExternalSubscriptionId;
        }

        if (stripe.Exists(e => e.State.Deleted && e.ExternalSubscriptionId.Length == 0 && e.CustomerId == subscription.StripeCustomerId))
        {
            subscription.StripeCustomerId = null;
        }
    }
}
