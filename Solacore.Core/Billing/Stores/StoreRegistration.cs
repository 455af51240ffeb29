using Microsoft.Extensions.DependencyInjection;
using Solacore.Core.Jobs;

namespace Solacore.Core.Billing.Stores;

public static class StoreRegistration
{
    /// <summary>Buying and managing, for the process that talks to people.</summary>
    public static IServiceCollection AddCheckouts(this IServiceCollection services, StoreOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<StripeCheckoutClient>();
        return services.AddScoped<Checkouts>();
    }

    /// <summary>
    /// Asking the stores, for the process that does jobs. What needs a key that is not set never runs, except the end of what a
    /// deleted account pays for: that is parked, so that somebody does it by hand.
    /// </summary>
    public static IServiceCollection AddStores(this IServiceCollection services, StoreOptions options, BillingOptions billing)
    {
        services.AddWebhookInbox(billing);
        services.AddSingleton(options);
        services.AddSingleton<BillingMetrics>();
        services.AddScoped<TruthComparison>();
        services.AddSingleton<StripeQueryClient>();
        var asksStripe = billing.PaymentsEnabled && options.StripeKey.Length > 0;
        var asksRevenueCat = billing.PaymentsEnabled && options.RevenueCatKey.Length > 0;
        services.AddSingleton(new StoreQuestions(asksStripe, asksRevenueCat));
        services.AddJobHandler<CancelStripeSubscriptionHandler, CancelStripeSubscription>(CancelStripeSubscription.Kind);
        services.AddJobHandler<CloseStripeCustomerHandler, CloseStripeCustomer>(CloseStripeCustomer.Kind);

        var often = $"*/{options.ReconcileEveryMinutes} * * * *";
        if (asksStripe)
        {
            services.AddJobHandler<FetchStripeSubscriptionHandler, FetchStripeSubscription>(FetchStripeSubscription.Kind);
            services.AddJobHandler<FetchStripeChargeHandler, FetchStripeCharge>(FetchStripeCharge.Kind);
            services.AddJobHandler<KeepOneSubscriptionHandler, KeepOneSubscription>(KeepOneSubscription.Kind);
            services.AddJobHandler<ReconcileStripeHandler, ReconcileStripe>(ReconcileStripe.Kind);
            services.AddRecurringJob(ReconcileStripe.Kind, often, new ReconcileStripe());
            services.AddJobHandler<BackfillStripeHandler, BackfillStripe>(BackfillStripe.Kind);
            services.AddRecurringJob(BackfillStripe.Kind, often, new BackfillStripe());
        }

        if (asksRevenueCat)
        {
            services.AddSingleton<RevenueCatClient>();
            services.AddJobHandler<FetchRevenueCatSubscriberHandler, FetchRevenueCatSubscriber>(FetchRevenueCatSubscriber.Kind);
            services.AddJobHandler<ReconcileRevenueCatHandler, ReconcileRevenueCat>(ReconcileRevenueCat.Kind);
            services.AddRecurringJob(ReconcileRevenueCat.Kind, often, new ReconcileRevenueCat());
        }

        return services;
    }
}
