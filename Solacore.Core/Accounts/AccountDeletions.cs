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
}
