using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Stripe;

namespace Solacore.Core.Billing.Stores;

/// <summary>Passes over a store's list, page by page, with the place of each kept in the database.</summary>
internal static class StorePasses
{
    /// <summary>
    /// The pass that is under way; else a new one, unless the last was begun less than <paramref name="age"/> ago: that one is
    /// returned, finished.
    /// </summary>
    public static async Task<StoreCursor> BeginAsync(
        SolacoreDb db, string list, TimeSpan age, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var pass = await db.StoreCursors.SingleOrDefaultAsync(c => c.Name == list, cancellationToken);
        if (pass is null)
        {
            pass = new StoreCursor { Name = list, PassStartedAt = now };
            db.StoreCursors.Add(pass);
        }
        else if (pass.PassFinishedAt is not null && now - pass.PassStartedAt >= age)
        {
            (pass.PassStartedAt, pass.PassFinishedAt, pass.After) = (now, null, null);
        }

        await db.SaveChangesAsync(cancellationToken);
        return pass;
    }

    /// <summary>
    /// The page after the last one; null when the store does not know that place any more (the key is of another account, or
    /// the event too old): the next run begins at the start.
    /// </summary>
    public static async Task<StripePage?> NextPageAsync(
        SolacoreDb db, StripeQueryClient stripe, StoreCursor pass, string path, int limit, CancellationToken cancellationToken)
    {
        try
        {
            return await stripe.PageAsync(path, pass.After, limit, cancellationToken);
        }
        catch (StripeException e) when (pass.After is not null && StripeApi.IsMissing(e))
        {
            pass.After = null;
            await db.SaveChangesAsync(cancellationToken);
            return null;
        }
    }

    /// <summary>Notes that a page is done.</summary>
    public static void Advance(StoreCursor pass, StripePage page, DateTimeOffset now)
    {
        pass.After = page.IsLast ? null : page.Items[^1].Id;
        pass.PassFinishedAt = page.IsLast ? now : null;
    }
}
