using Microsoft.EntityFrameworkCore;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Jobs;

namespace Solacore.Core.Accounts;

/// <summary>Ends accounts for good.</summary>
public sealed class AccountDeletions(SolacoreDb db)
{
    /// <summary>
    /// Deletes the account with everything that belongs to it, and in the same transaction leaves the order to end what
    /// the person pays for at Stripe. App stores let only the person end theirs.
    /// </summary>
    /// <returns>False when there is no such account.</returns>
    public async Task<bool> DeleteAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var paid = await db.Entitlements.AsNoTracking()
            .Where(e => e.UserId == userId && e.Source == StripeCancellation.Source && e.ExternalSubscriptionId != "")
            .ToListAsync(cancellationToken);
        await EmptyWebhooksAsync(userId, cancellationToken);
        if (await db.Users.Where(u => u.Id == userId).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return false;
        }

        foreach (var subscription in paid.Where(e => !e.State.Deleted))
        {
            db.Enqueue(StripeCancellation.Kind, new CancelStripeSubscription(subscription.ExternalSubscriptionId));
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
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
