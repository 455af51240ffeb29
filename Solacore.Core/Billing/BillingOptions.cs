using Solacore.Core.Settings;

namespace Solacore.Core.Billing;

/// <summary>How the two stores are read.</summary>
/// <param name="PaymentsEnabled">Off: subscription and webhook routes answer 501; quotas stay in force.</param>
/// <param name="StripeWebhookSecrets">Live signing secrets, several while one is being rolled.</param>
/// <param name="RevenueCatWebhookSecrets">Live bearer secrets, several while one is being rolled.</param>
/// <param name="AcceptSandbox">Whether test purchases count; never in production.</param>
/// <param name="BetaMode">Nobody has a session limit.</param>
/// <param name="Catalog">Which price and which entitlement stands for which tier.</param>
public sealed record BillingOptions(
    bool PaymentsEnabled,
    IReadOnlyList<string> StripeWebhookSecrets,
    IReadOnlyList<string> RevenueCatWebhookSecrets,
    bool AcceptSandbox,
    bool BetaMode,
    BillingCatalog Catalog)
{
    // A record prints its members; secrets must never reach a log line.
    public override string ToString() => nameof(BillingOptions);

    /// <summary>Reads <c>PAYMENTS_ENABLED</c>, <c>STRIPE_*</c>, <c>REVENUECAT_*</c>; secrets and prices may be comma lists.</summary>
    public static BillingOptions Read(SettingsReader settings)
    {
        var enabled = settings.Bool("PAYMENTS_ENABLED", true);
        var stripe = Secrets(settings, SettingNames.StripeWebhookSecret);
        var revenueCat = Secrets(settings, SettingNames.RevenueCatWebhookSecret);
        if (enabled)
        {
            RequireOne(settings, SettingNames.StripeWebhookSecret, stripe);
            RequireOne(settings, SettingNames.RevenueCatWebhookSecret, revenueCat);
        }

        var prices = new Dictionary<string, Tier>(StringComparer.Ordinal);
        IReadOnlyList<string> former =
        [
            .. AddPrices(settings, prices, SettingNames.StripePriceStandard, Tier.Standard, enabled),
            .. AddPrices(settings, prices, SettingNames.StripePricePro, Tier.Pro, enabled),
        ];
        return new BillingOptions(
            enabled,
            stripe,
            revenueCat,
            AcceptSandbox: settings.Debug,
            BetaMode: settings.Bool("BETA_MODE", false),
            new BillingCatalog(
                prices,
                settings.Text("REVENUECAT_ENTITLEMENT_PRO", "pro_access"),
                settings.Text("REVENUECAT_ENTITLEMENT_STANDARD", "standard_access"))
            {
                FormerPrices = former,
            });
    }

    private static IReadOnlyList<string> Secrets(SettingsReader settings, string name) =>
        [.. settings.List(name), .. settings.List(name + "_PREVIOUS")];

    private static void RequireOne(SettingsReader settings, string name, IReadOnlyList<string> secrets)
    {
        if (secrets.Count == 0)
        {
            settings.FailInProduction(name, "is not set: without it every webhook is refused; switch payments off with PAYMENTS_ENABLED=false");
        }
    }

    /// <summary>Adds the prices of a tier, of which the first is for sale.</summary>
    /// <returns>The others, at which it was sold before.</returns>
    private static IEnumerable<string> AddPrices(SettingsReader settings, Dictionary<string, Tier> prices, string name, Tier tier, bool enabled)
    {
        var own = settings.List(name).Distinct(StringComparer.Ordinal).ToList();
        if (enabled && own.Count == 0)
        {
            settings.FailInProduction(name, "is not set: nobody could buy this tier");
        }

        if (own.Exists(price => !prices.TryAdd(price, tier)))
        {
            settings.Fail(name, "is the price of another tier too");
        }

        return own.Skip(1);
    }
}
