using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Solacore.Core.Jobs;
using Stripe;

namespace Solacore.Core.Billing.Stores;

/// <summary>Asks Stripe for a charge whose money went back or came again, and for what it had paid.</summary>
/// <param name="ChargeId">Stripe's id.</param>
/// <param name="MovedAt">When its money moved, by Stripe's clock. Queued jobs call it by the name of its first reason.</param>
/// <param name="IsRefund">It was given back; otherwise there was a dispute.</param>
/// <param name="CustomerId">Whose charge it was, as far as the event told.</param>
/// <param name="ChargedAt">When it was made, as far as the event told.</param>
/// <param name="IsWon">The dispute was won; otherwise it had begun, and a bank had taken the money.</param>
public sealed record FetchStripeCharge(
    string ChargeId,
    [property: JsonPropertyName("disputed_at")] DateTimeOffset MovedAt,
    bool IsRefund = false,
    string? CustomerId = null,
    DateTimeOffset? ChargedAt = null,
    bool IsWon = false)
{
    public static readonly JobKind<FetchStripeCharge> Kind =
        new("billing.fetch_charge", JobLane.Stripe, StoreQuestions.UntilTheStoreIsBack, TimeSpan.FromSeconds(60));
}

/// <summary>Asks Stripe whose money moved, and what it had paid.</summary>
public sealed partial class FetchStripeChargeHandler(StripeQueryClient stripe, WebhookInbox inbox, ILogger<FetchStripeChargeHandler> logger)
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
