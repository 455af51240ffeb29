using Microsoft.Extensions.Configuration;
using Solacore.Core.Billing;
using Solacore.Core.Settings;

namespace Solacore.Tests.Billing;

public sealed class BillingOptionsTests
{
    [Fact]
    public void prices_of_before_are_known_and_not_for_sale()
    {
        var settings = new SettingsReader(new ConfigurationManager
        {
            ["DEBUG"] = "true",
            ["STRIPE_PRICE_STANDARD"] = "price_raised, price_standard,price_raised,",
            ["STRIPE_PRICE_PRO"] = "price_pro",
        });

        var catalog = BillingOptions.Read(settings).Catalog;

        Assert.Empty(settings.Problems);
        Assert.Equal(
            [(Tier.Standard, Tier.Standard), (Tier.Standard, null), (Tier.Pro, Tier.Pro), (null, null), (null, null)],
            new[] { "price_raised", "price_standard", "price_pro", "price_unknown", "" }.Select(price => (catalog.TierOfPrice(price), catalog.TierForSale(price))));
    }
}
