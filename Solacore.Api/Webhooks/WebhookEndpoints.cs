using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Requests;
using Solacore.Core;
using Solacore.Core.Billing;
using Solacore.ServiceDefaults;

namespace Solacore.Api.Webhooks;

/// <summary>
/// Where the stores report what happened. A 200 means that the event is on disk: it is applied afterwards by a worker,
/// so that no store ever waits for that (contract/http-api.md section 19).
/// </summary>
internal static class WebhookEndpoints
{
    private const string StripeSignatureHeader = "Stripe-Signature";

    public static void MapWebhooks(this IEndpointRouteBuilder api)
    {
        var webhooks = api.MapGroup("/webhooks").Public().WithTags("webhooks").IsPriorityZero()
            .Fails(ErrorCode.PayloadTooLarge, ErrorCode.PaymentsDisabled);
        webhooks.MapPost("/stripe", ReceiveStripeAsync).Produces<Receipt>()
            .ReadsHeader(StripeSignatureHeader, "Stripe's proof of the body.", isRequired: true)
            .ReadsEvent("An event of Stripe.")
            .Fails(ErrorCode.MissingSignature, ErrorCode.InvalidSignature, ErrorCode.InvalidPayload);
        webhooks.MapPost("/revenuecat", ReceiveRevenueCatAsync).Produces<Receipt>()
            .ReadsEvent("An event of RevenueCat.")
            .Fails(ErrorCode.InvalidPayload, ErrorCode.MissingAuth, ErrorCode.InvalidAuth);
    }

    private static async Task<IResult> ReceiveStripeAsync(
        HttpRequest request,
        BillingOptions options,
        EdgeOptions edge,
        WebhookInbox inbox,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!options.PaymentsEnabled)
        {
            return ApiError.Rule(ErrorCode.PaymentsDisabled);
        }

        var signature = request.Headers[StripeSignatureHeader].ToString();
        if (signature.Length == 0)
        {
            return ApiError.Bare(ErrorCode.MissingSignature);
        }

        if (await LimitedBody.ReadUnprovenEventAsync(request, edge.MaxBodyBytes, cancellationToken) is not { } body)
        {
            return ApiError.TooLarge();
        }

        return StripeSignature.IsValid(signature, body.Span, options.StripeWebhookSecrets, time.GetUtcNow())
            ? await AcceptAsync(BillingSource.Stripe, body, inbox, cancellationToken)
            : ApiError.Bare(ErrorCode.InvalidSignature);
    }

    private static async Task<IResult> ReceiveRevenueCatAsync(
        HttpRequest request, BillingOptions options, EdgeOptions edge, WebhookInbox inbox, CancellationToken cancellationToken)
    {
        if (!options.PaymentsEnabled)
        {
            return ApiError.Rule(ErrorCode.PaymentsDisabled);
        }

        if (Access.BearerToken(request) is not { } secret)
        {
            return ApiError.Rule(ErrorCode.MissingAuth);
        }

        if (!BearerSecret.IsValid(secret, options.RevenueCatWebhookSecrets))
        {
            return ApiError.Rule(ErrorCode.InvalidAuth);
        }

        return await LimitedBody.ReadProvenEventAsync(request, edge.MaxBodyBytes, cancellationToken) is { } body
            ? await AcceptAsync(BillingSource.RevenueCat, body, inbox, cancellationToken)
            : ApiError.TooLarge();
    }

    private static async Task<IResult> AcceptAsync(
        BillingSource source, ReadOnlyMemory<byte> body, WebhookInbox inbox, CancellationToken cancellationToken) =>
        await inbox.AcceptAsync(source, body, cancellationToken) == WebhookReceipt.NoEvent
            ? ApiError.Rule(ErrorCode.InvalidPayload)
            : TypedResults.Ok(new Receipt(Received: true));

    private sealed record Receipt(bool Received);
}
