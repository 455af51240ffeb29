using Solacore.Core.Settings;

namespace Solacore.Core.Billing.Stores;

/// <summary>How the APIs of the two stores are reached, and how often they are asked.</summary>
public sealed record StoreOptions
{
    // A record prints its members; secrets must never reach a log line.
    public override string ToString() => nameof(StoreOptions);

    /// <summary>Empty: nothing can be bought, and the events alone tell what was.</summary>
    public string StripeKey { get; init; } = "";
    public string StripeBaseUrl { get; init; } = "https://api.stripe.com";

    /// <summary>Calls per second of one worker. Stripe allows 100 in live mode and 25 in a sandbox.</summary>
    public int StripeRequestsPerSecond { get; init; } = 20;

    /// <summary>Where the person comes back to after paying; empty: Stripe's own default, where it has one.</summary>
    public string SuccessUrl { get; init; } = "";

    /// <summary>Where the person comes back to without having paid.</summary>
    public string CancelUrl { get; init; } = "";

    /// <summary>Secret API key; empty: the events alone tell what was bought.</summary>
    public string RevenueCatKey { get; init; } = "";
    public string RevenueCatBaseUrl { get; init; } = "https://api.revenuecat.com";

    /// <summary>Calls per second of one worker. RevenueCat allows 480 a minute.</summary>
    public int RevenueCatRequestsPerSecond { get; init; } = 4;

    /// <summary>For one call.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A part of the comparison with the stores runs this often.</summary>
    public int ReconcileEveryMinutes { get; init; } = 5;

    /// <summary>What was compared less long ago is left alone.</summary>
    public TimeSpan ReconcileAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Subscriptions, customers or events that one part handles.</summary>
    public int ReconcileBatch { get; init; } = 500;

    /// <summary>
    /// <c>STRIPE_SECRET_KEY</c>, <c>STRIPE_SUCCESS_URL</c>, <c>STRIPE_CANCEL_URL</c> (all three required in production with
    /// payments), <c>STRIPE_BASE_URL</c>, <c>STRIPE_REQUESTS_PER_SECOND</c>, <c>REVENUECAT_API_KEY</c>, <c>REVENUECAT_BASE_URL</c>,
    /// <c>REVENUECAT_REQUESTS_PER_SECOND</c>, <c>STORE_TIMEOUT_SECONDS</c>, <c>RECONCILE_EVERY_MINUTES</c>,
    /// <c>RECONCILE_AGE_HOURS</c>, <c>RECONCILE_BATCH</c>.
    /// </summary>
    public static StoreOptions Read(SettingsReader settings, bool paymentsEnabled)
    {
        var defaults = new StoreOptions();
        var options = new StoreOptions
        {
            StripeKey = settings.HeaderText(SettingNames.StripeSecretKey),
            StripeBaseUrl = settings.Url("STRIPE_BASE_URL", defaults.StripeBaseUrl),
            StripeRequestsPerSecond = settings.Int("STRIPE_REQUESTS_PER_SECOND", defaults.StripeRequestsPerSecond, min: 1, max: 1_000),
            SuccessUrl = settings.Url(SettingNames.StripeSuccessUrl),
            CancelUrl = settings.Url(SettingNames.StripeCancelUrl),
            RevenueCatKey = settings.HeaderText(SettingNames.RevenueCatApiKey),
            RevenueCatBaseUrl = settings.Url("REVENUECAT_BASE_URL", defaults.RevenueCatBaseUrl),
            RevenueCatRequestsPerSecond = settings.Int("REVENUECAT_REQUESTS_PER_SECOND", defaults.RevenueCatRequestsPerSecond, min: 1, max: 1_000),
            Timeout = settings.Seconds("STORE_TIMEOUT_SECONDS", defaults.Timeout.TotalSeconds, min: 0.1, max: 25),
            ReconcileEveryMinutes = settings.Int("RECONCILE_EVERY_MINUTES", defaults.ReconcileEveryMinutes, min: 1, max: 59),
            ReconcileAge = TimeSpan.FromHours(settings.Int("RECONCILE_AGE_HOURS", (int)defaults.ReconcileAge.TotalHours, min: 0, max: 24 * 30)),
            ReconcileBatch = settings.Int("RECONCILE_BATCH", defaults.ReconcileBatch, min: 1, max: 10_000),
        };
        if (paymentsEnabled)
        {
            settings.RequiredInProduction(SettingNames.StripeSecretKey, "nobody could buy a plan; switch payments off with PAYMENTS_ENABLED=false");
            settings.RequiredInProduction(SettingNames.StripeSuccessUrl, "Stripe could not send people back after paying");
            settings.RequiredInProduction(SettingNames.StripeCancelUrl, "Stripe would have nowhere to send people who do not pay");
        }

        return options;
    }
}
