using Solacore.Core.Jobs;
using Stripe;

namespace Solacore.Core.Billing.Stores;

/// <summary>Stripe's id of a subscription whose owner has deleted their account.</summary>
public sealed record CancelStripeSubscription(string SubscriptionId);

/// <summary>Ends subscriptions at Stripe at once, without waiting for the period's end: nobody is left to use it.</summary>
public sealed class StripeCancellation(StripeAccess stripe) : IJobHandler<CancelStripeSubscription>
{
    public static readonly string Source = BillingSource.Stripe.Name();

    public static readonly JobKind<CancelStripeSubscription> Kind =
        new("billing.cancel_stripe_subscription", JobLane.Webhooks, RetryPolicy.Persistent, TimeSpan.FromSeconds(30));

    /// <exception cref="PermanentJobException">No key is configured: somebody has to end the subscription by hand.</exception>
    public async Task HandleAsync(CancelStripeSubscription payload, JobContext job, CancellationToken cancellationToken) =>
        await stripe.CancelAsync(payload.SubscriptionId, credit: false, cancellationToken);
}

/// <summary>Stripe's id of a customer who has deleted their account.</summary>
public sealed record CloseStripeCustomer(string CustomerId);

/// <summary>
/// Ends what no event has told us about: a payment page that is still open, so that nothing can be bought on it any more,
/// and then every subscription that the customer has. In this order nothing slips through between the two.
/// </summary>
public sealed class StripeCustomerClosure(StripeAccess stripe) : IJobHandler<CloseStripeCustomer>
{
    private const int LargestPage = 100;

    public static readonly JobKind<CloseStripeCustomer> Kind =
        new("billing.close_stripe_customer", JobLane.Stripe, RetryPolicy.Persistent, TimeSpan.FromMinutes(2));

    /// <exception cref="PermanentJobException">No key is configured: somebody has to do it by hand.</exception>
    public async Task HandleAsync(CloseStripeCustomer payload, JobContext job, CancellationToken cancellationToken)
    {
        var customer = Uri.EscapeDataString(payload.CustomerId);
        try
        {
            await ForEachAsync($"/v1/checkout/sessions?customer={customer}&status=open", stripe.ExpireCheckoutAsync, cancellationToken);
            await ForEachAsync(
                $"/v1/subscriptions?customer={customer}",
                (id, token) => stripe.CancelAsync(id, credit: false, token),
                cancellationToken);
        }
        catch (StripeException e) when (StripeAccess.IsMissing(e))
        {
            // The customer has been deleted at Stripe, and with them all of it.
        }
    }

    private async Task ForEachAsync(string path, Func<string, CancellationToken, Task> end, CancellationToken cancellationToken)
    {
        string? after = null;
        while (true)
        {
            var page = await stripe.ListAsync(path, after, LargestPage, cancellationToken);
            foreach (var item in page.Items)
            {
                await end(item.Id, cancellationToken);
            }

            if (!page.HasMore || page.Items.Count == 0)
            {
                return;
            }

            after = page.Items[^1].Id;
        }
    }
}
