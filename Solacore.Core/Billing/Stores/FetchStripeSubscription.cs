using Microsoft.Extensions.Logging;
using Solacore.Core.Data;
using Solacore.Core.Jobs;

namespace Solacore.Core.Billing.Stores;

/// <summary>Asks Stripe for a subscription.</summary>
public sealed record FetchStripeSubscription(string SubscriptionId)
{
    public static readonly JobKind<FetchStripeSubscription> Kind =
        new("billing.fetch_stripe", JobLane.Stripe, StoreQuestions.UntilTheStoreIsBack, TimeSpan.FromSeconds(60));
}

/// <summary>Asks Stripe for the truth about a subscription that an event was about.</summary>
public sealed partial class FetchStripeSubscriptionHandler(
    SolacoreDb db, StripeQueryClient stripe, TruthComparison comparison, ILogger<FetchStripeSubscriptionHandler> logger)
    : IJobHandler<FetchStripeSubscription>
{
    public async Task HandleAsync(FetchStripeSubscription payload, JobContext job, CancellationToken cancellationToken)
    {
        if (await LaterQuestions.ExistAsync(db, job, StoreQuestions.KeyOf(payload), cancellationToken))
        {
            return;
        }

        if (await stripe.FindSubscriptionAsync(payload.SubscriptionId, cancellationToken) is { } truth)
        {
            await comparison.CompareAsync(truth, cancellationToken);
            return;
        }

        // Stripe keeps ended subscriptions for ever, so this is a key of another account or mode: no reason to take anything away.
        LogUnknown(logger, payload.SubscriptionId);
    }

    [LoggerMessage(3111, LogLevel.Warning, "Stripe sent an event about subscription {SubscriptionId} and does not know it: is STRIPE_SECRET_KEY of the same account and mode?")]
    private static partial void LogUnknown(ILogger logger, string subscriptionId);
}
