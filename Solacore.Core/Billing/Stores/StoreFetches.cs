using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Stripe;

namespace Solacore.Core.Billing.Stores;

/// <summary>Asks Stripe for the truth about a subscription that an event was about.</summary>
public sealed partial class StripeFetch(SolacoreDb db, StripeQueryClient stripe, TruthComparison comparison, ILogger<StripeFetch> logger)
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

/// <summary>Asks Stripe whose money went back, and what it had paid.</summary>
public sealed partial class StripeChargeFetch(StripeQueryClient stripe, WebhookInbox inbox, ILogger<StripeChargeFetch> logger)
    : IJobHandler<FetchStripeCharge>
{
    public async Task HandleAsync(FetchStripeCharge payload, JobContext job, CancellationToken cancellationToken)
    {
        if (await AskAsync(payload, cancellationToken) is { } told)
        {
            await inbox.AcceptAsync(BillingSource.Stripe, told, cancellationToken);
        }
    }

    private async Task<byte[]?> AskAsync(FetchStripeCharge question, CancellationToken cancellationToken)
    {
        try
        {
            if (await stripe.FindChargeAsync(question.ChargeId, cancellationToken) is { } charge)
            {
                return FetchedTruth.OfCharge(question, charge, await InvoiceOfAsync(charge, cancellationToken));
            }
        }
        catch (StripeException e) when (StripeApi.IsMissing(e))
        {
            // It knows the charge and not what it paid.
        }

        LogUnknown(logger, question.ChargeId);
        return FetchedTruth.OfCharge(question);
    }

    private async Task<StripeObject?> InvoiceOfAsync(StripeObject charge, CancellationToken cancellationToken) =>
        ((JsonElement?)charge.Body).Member("payment_intent").Id() is { } payment ? await stripe.FindInvoiceAsync(payment, cancellationToken) : null;

    [LoggerMessage(3112, LogLevel.Warning, "Stripe sent a refund or a dispute of charge {ChargeId} and does not know it: is STRIPE_SECRET_KEY of the same account and mode?")]
    private static partial void LogUnknown(ILogger logger, string chargeId);
}

/// <summary>Asks RevenueCat for the truth about a person whom an event was about.</summary>
public sealed class RevenueCatFetch(SolacoreDb db, RevenueCatClient revenueCat, TruthComparison comparison) : IJobHandler<FetchRevenueCatSubscriber>
{
    public async Task HandleAsync(FetchRevenueCatSubscriber payload, JobContext job, CancellationToken cancellationToken)
    {
        if (!await LaterQuestions.ExistAsync(db, job, StoreQuestions.KeyOf(payload), cancellationToken))
        {
            await comparison.CompareAsync(payload.UserId, await revenueCat.FindAsync(payload.UserId, cancellationToken), cancellationToken);
        }
    }
}

/// <summary>
/// One purchase makes several events within a second, and an outage piles up more. The answer to the last question about
/// a subject holds for all: the earlier ones give way to it.
/// </summary>
internal static class LaterQuestions
{
    /// <summary>Whether a job with this serial key was enqueued after this one.</summary>
    public static Task<bool> ExistAsync(SolacoreDb db, JobContext job, string serialKey, CancellationToken cancellationToken) =>
        db.Jobs.AnyAsync(later => later.SerialKey == serialKey && later.Id > job.Id, cancellationToken);
}
