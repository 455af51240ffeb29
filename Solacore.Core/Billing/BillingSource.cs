namespace Solacore.Core.Billing;

/// <summary>Who took the money.</summary>
public enum BillingSource
{
    /// <summary>Stripe, for purchases on the web.</summary>
    Stripe,

    /// <summary>RevenueCat, for purchases in the app stores.</summary>
    RevenueCat,
}

/// <summary>Names of the sources as the database spells them.</summary>
public static class BillingSources
{
    /// <summary><c>stripe</c> or <c>revenuecat</c>.</summary>
    public static string Name(this BillingSource source) => source switch
    {
        BillingSource.Stripe => "stripe",
        BillingSource.RevenueCat => "revenuecat",
    };

    /// <summary>Reads a stored name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The name is none of ours.</exception>
    public static BillingSource Parse(string name) => name switch
    {
        "stripe" => BillingSource.Stripe,
        "revenuecat" => BillingSource.RevenueCat,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, message: null),
    };
}
