using Microsoft.Extensions.DependencyInjection;
using Solacore.Core.Jobs;
using Solacore.Core.Settings;
using Stripe;

namespace Solacore.Core.Billing;

/// <summary>Stripe's id of a subscription whose owner has deleted their account.</summary>
public sealed record CancelStripeSubscription(string SubscriptionId);

/// <summary>Ends subscriptions at Stripe at once, without waiting for the period's end: nobody is left to use it.</summary>
public sealed class StripeCancellation(StripeAccess access) : IJobHandler<CancelStripeSubscription>
{
    public static readonly string Source = BillingSource.Stripe.Name();

    public static readonly JobKind<CancelStripeSubscription> Kind =
        new("billing.cancel_stripe_subscription", JobLane.Webhooks, RetryPolicy.Persistent, TimeSpan.FromSeconds(30));

    /// <exception cref="PermanentJobException">No key is configured: somebody has to end the subscription by hand.</exception>
    public async Task HandleAsync(CancelStripeSubscription payload, JobContext job, CancellationToken cancellationToken)
    {
        if (access.Client is null)
        {
            throw new PermanentJobException("STRIPE_SECRET_KEY is not set: end the subscription in Stripe's dashboard.");
        }

        try
        {
            await new SubscriptionService(access.Client).CancelAsync(payload.SubscriptionId, cancellationToken: cancellationToken);
        }
        catch (StripeException e) when (e.StripeError?.Code == "resource_missing")
        {
            // Ended already, by the person or by an earlier run of this job.
        }
    }
}

/// <summary>The way to Stripe's API, or none.</summary>
/// <param name="Client">Null without a key.</param>
public sealed record StripeAccess(IStripeClient? Client)
{
    /// <summary><c>STRIPE_SECRET_KEY</c> and, for tests, <c>STRIPE_BASE_URL</c>.</summary>
    public static StripeAccess Read(SettingsReader settings)
    {
        var key = settings.Text("STRIPE_SECRET_KEY");
        var baseUrl = settings.Url("STRIPE_BASE_URL", "https://api.stripe.com");
        return new StripeAccess(key.Length > 0 ? new StripeClient(key, apiBase: baseUrl) : null);
    }
}

public static class StripeCancellationRegistration
{
    /// <summary>For the process that does jobs.</summary>
    public static IServiceCollection AddStripeCancellation(this IServiceCollection services, SettingsReader settings) =>
        services.AddSingleton(StripeAccess.Read(settings)).AddJobHandler<StripeCancellation, CancelStripeSubscription>(StripeCancellation.Kind);
}
