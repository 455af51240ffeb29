using Solacore.Core.Jobs;
using Stripe;

namespace Solacore.Core.Billing.Stores;

/// <summary>Stripe's id of a subscription whose owner has deleted their account.</summary>
public sealed record CancelStripeSubscription(string SubscriptionId);

/// <summary>Ends subscriptions at Stripe at once, without waiting for the period's end: nobody is left to use it.</summary>
public sealed class StripeCancellation(StripeQueryClient stripe) : IJobHandler<CancelStripeSubscription>
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
public sealed class StripeCustomerClosure(StripeQueryClient stripe) : IJobHandler<CloseStripeCustomer>
{
    public static readonly JobKind<CloseStripeCustomer> Kind =
        new("billing.close_stripe_customer", JobLane.Stripe, RetryPolicy.Persistent, TimeSpan.FromMinutes(2));

    /// <exception cref="PermanentJobException">No key is configured: somebody has to do it by hand.</exception>
    public async Task HandleAsync(CloseStripeCustomer payload, JobContext job, CancellationToken cancellationToken)
    {
        var customer = Uri.EscapeDataString(payload.CustomerId);
        try
        {
            await foreach (var page in stripe.ListAsync($"/v1/checkout/sessions?customer={customer}&status=open", cancellationToken))
            {
                await stripe.ExpireCheckoutAsync(page.Id, cancellationToken);
            }

            await foreach (var subscription in stripe.ListAsync($"/v1/subscriptions?customer={customer}", cancellationToken))
            {
                await stripe.CancelAsync(subscription.Id, credit: false, cancellationToken);
            }
        }
        catch (StripeException e) when (StripeApi.IsMissing(e))
        {
            // The customer has been deleted at Stripe, and with them all of it.
        }
    }
}
