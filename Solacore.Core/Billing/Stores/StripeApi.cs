using System.Net;
using Stripe;

namespace Solacore.Core.Billing.Stores;

/// <summary>
/// What both clients of Stripe's API share. The API version is the one that Stripe.net pins with each release and sends
/// with each call.
/// </summary>
internal static class StripeApi
{
    /// <summary>Null without a key.</summary>
    /// <param name="http">Carries the calls; the caller disposes it.</param>
    /// <param name="retries">Inside one call. Stripe.net repeats with the same idempotency key, so that nothing happens twice.</param>
    public static StripeClient? Connect(StoreOptions options, HttpClient http, int retries) =>
        options.StripeKey.Length == 0
            ? null
            : new StripeClient(
                options.StripeKey,
                apiBase: options.StripeBaseUrl,
                httpClient: new SystemNetHttpClient(http, retries, appInfo: null, enableTelemetry: false));

    /// <summary>Whether Stripe does not know the object, or has ended it.</summary>
    public static bool IsMissing(StripeException exception) => exception.HttpStatusCode == HttpStatusCode.NotFound || exception.StripeError?.Code == "resource_missing";

    /// <summary>Whether a payment page could not be closed because it was paid or has expired.</summary>
    public static bool IsClosedPage(StripeException exception) => exception.HttpStatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound;
}
