using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Jobs;

namespace Solacore.Core.Billing.Stores;

/// <summary>A part of the fetching of events that Stripe could not deliver.</summary>
public sealed record BackfillStripe
{
    public static readonly JobKind<BackfillStripe> Kind =
        new("billing.backfill_stripe", JobLane.Stripe, StoreQuestions.UntilTheStoreIsBack, TimeSpan.FromMinutes(15));
}

/// <summary>
/// Puts into the inbox what Stripe has not been able to deliver, newest first. Stripe gives up on an event after three
/// days and keeps it for thirty. An event that is delivered after all is known by its id.
/// </summary>
public sealed class BackfillStripeHandler(
    SolacoreDb db, StripeQueryClient stripe, WebhookInbox inbox, StoreOptions options, BillingMetrics metrics, TimeProvider time) : IJobHandler<BackfillStripe>
{
    private const string List = "stripe_events";

    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>Events may show up in the list a little later than their time says.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromHours(1);

    public async Task HandleAsync(BackfillStripe payload, JobContext job, CancellationToken cancellationToken)
    {
        var pass = await BeginAsync(cancellationToken);
        var since = pass.Since ?? time.GetUtcNow() - Kept;
        var path = string.Create(CultureInfo.InvariantCulture, $"/v1/events?delivery_success=false&created[gte]={since.ToUnixTimeSeconds()}");
        for (var left = options.ReconcileBatch; left > 0 && pass.PassFinishedAt is null;)
        {
            if (await StorePasses.NextPageAsync(db, stripe, pass, path, StripeQueryClient.LargestPage, cancellationToken) is not { } page)
            {
                return;
            }

            foreach (var missed in page.Items)
            {
                if (await inbox.AcceptAsync(BillingSource.Stripe, Encoding.UTF8.GetBytes(missed.Body.GetRawText()), cancellationToken) == WebhookReceipt.Stored)
                {
                    metrics.Backfilled();
                }
            }

            left -= page.Items.Count;
            StorePasses.Advance(pass, page, time.GetUtcNow());
            await db.SaveChangesAsync(cancellationToken);
        }
    }

    /// <summary>Each pass reaches back to the start of the one before it; what was undelivered then has been fetched then.</summary>
    private async Task<StoreCursor> BeginAsync(CancellationToken cancellationToken)
    {
        var before = await db.StoreCursors.AsNoTracking().SingleOrDefaultAsync(c => c.Name == List, cancellationToken);
        var pass = await StorePasses.BeginAsync(db, List, age: TimeSpan.Zero, time.GetUtcNow(), cancellationToken);
        if (before?.PassFinishedAt is not null)
        {
            pass.Since = before.PassStartedAt - Overlap;
            await db.SaveChangesAsync(cancellationToken);
        }

        return pass;
    }
}
