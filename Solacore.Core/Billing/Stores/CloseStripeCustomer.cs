using Solacore.Core.Jobs;
using Stripe;

namespace Solacore.Core.Billing.Stores;

/// <summary>Stripe's id of a customer who has deleted their account.</summary>
public sealed record CloseStripeCustomer(string CustomerId)
{
    public static readonly JobKind<CloseStripeCustomer> Kind =
        new("billing.close_stripe_customer", JobLane.Stripe, RetryPolicy.Persistent, TimeSpan.FromMinutes(2));
}

/// <summary>
/// Ends what no event has told us about: a payment page that is still open, so that nothing can be bought on it any more,
/// and then every subscription that the customer has. In this order nothing slips through between the two.
/// </summary>
public sealed class CloseStripeCustomerHandler(StripeQueryClient stripe) : IJobHandler<CloseStripeCustomer>
{
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
