using Microsoft.EntityFrameworkCore;
using Solacore.Core.Billing;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Turns;

namespace Solacore.Core.Accounts;

/// <summary>Ends accounts for good.</summary>
public sealed class AccountDeletions(SolacoreDb db, RedisLink redis, TimeProvider time)
{
    /// <summary>
    /// Deletes the account with everything that belongs to it, and in the same transaction leaves the orders to end what
    /// the person pays for at Stripe: Stripe may be down now, and nothing here may die between the two. App stores let
    /// only the person end theirs.
    /// </summary>
    /// <returns>False when there is no such account.</returns>
    public async Task<bool> DeleteAsync(Guid userId, CancellationToken cancellationToken)
    {
        if (await Deadlocks.RetryAsync(db, () => DeleteOnceAsync(userId, cancellationToken)) is not { } turns)
        {
            return false;
        }

        await TurnRemoval.FinishAsync(redis, turns);
        return true;
    }

    /// <returns>What is left of the turns to remove; null when there is no such account.</returns>
    private async Task<Guid[]?> DeleteOnceAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // Locked, so that no event that is being applied adds a subscription after this look.
        var row = (await Plans.Locked(db, [userId]).ToListAsync(cancellationToken)).SingleOrDefault();
        var paid = await db.Entitlements.AsNoTracking()
            .Where(e => e.UserId == userId && e.Source == BillingSource.Stripe && e.ExternalSubscriptionId != "")
            .ToListAsync(cancellationToken);
        await EmptyWebhooksAsync(userId, cancellationToken);

        // Before the account, as everybody who writes to a session does.
        await db.Database.ExecuteSqlAsync($"select from solve_sessions where user_id = {userId} for update", cancellationToken);
        await db.Database.ExecuteSqlAsync($"select from learn_sessions where user_id = {userId} for update", cancellationToken);
        var turns = await TurnRemoval.FindAsync(db.Turns.Where(t => t.UserId == userId), time.GetUtcNow(), cancellationToken);
        if (await db.Users.Where(u => u.Id == userId).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return null;
        }

        // The row went with its user.
        db.ChangeTracker.Clear();
        var live = paid.Where(e => !e.State.Deleted).Select(e => e.ExternalSubscriptionId).Append(row?.StripeSubscriptionId);
        foreach (var subscription in live.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            db.Enqueue(CancelStripeSubscription.Kind, new CancelStripeSubscription(subscription));
        }

        foreach (var customer in paid.Select(e => e.CustomerId).Append(row?.StripeCustomerId).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            db.Enqueue(CloseStripeCustomer.Kind, new CloseStripeCustomer(customer));
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return turns;
    }

    /// <summary>
    /// What the stores told about the person goes too. That an event was seen stays known, so that a repeat does nothing;
    /// one that has yet to be applied keeps its content until then.
    /// </summary>
    private async Task EmptyWebhooksAsync(Guid userId, CancellationToken cancellationToken)
    {
        var customers = await db.Entitlements.Where(e => e.UserId == userId && e.CustomerId != null).Select(e => e.CustomerId)
            .Union(db.Subscriptions.Where(s => s.UserId == userId && s.StripeCustomerId != null).Select(s => s.StripeCustomerId))
            .ToListAsync(cancellationToken);
        customers.Add(userId.ToString());
        await db.WebhookEvents
            .Where(e => customers.Contains(e.CustomerKey) && e.State != WebhookEventState.Received)
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(e => e.Body, Array.Empty<byte>())
                    .SetProperty(e => e.CustomerKey, (string?)null)
                    .SetProperty(e => e.State, WebhookEventState.Ignored),
                cancellationToken);
    }
}
