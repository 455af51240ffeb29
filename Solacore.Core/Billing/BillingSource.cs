using System.Text.Json.Serialization;

namespace Solacore.Core.Billing;

/// <summary>Who took the money.</summary>
public enum BillingSource
{
    /// <summary>Stripe, for purchases on the web.</summary>
    Stripe,

    /// <summary>RevenueCat, for purchases in the app stores.</summary>
    [JsonStringEnumMemberName("revenuecat")]
    RevenueCat,
}
