using Solacore.Core.Jobs;

namespace Solacore.Core.Billing.Stores;

/// <summary>Stripe's id of a subscription whose owner has deleted their account.</summary>
public sealed record CancelStripeSubscription(string SubscriptionId)
{
    public static readonly JobKind<CancelStripeSubscription> Kind =
        new("billing.cancel_stripe_subscription", JobLane.Webhooks, RetryPolicy.Persistent, TimeSpan.FromSeconds(30));
}

/// <summary>Ends subscriptions at Stripe at once, without waiting for the period's end: nobody is left to use it.</summary>
public sealed class CancelStripeSubscriptionHandler(StripeQueryClient stripe) : IJobHandler<CancelStripeSubscription>
{
    /// <exception cref="PermanentJobException">No key is configured: somebody has to end the subscription by hand.</exception>
    public async Task HandleAsync(CancelStripeSubscription payload, JobContext job, CancellationToken cancellationToken) =>
        await stripe.CancelAsync(payload.SubscriptionId, credit: false, cancellationToken);
}
