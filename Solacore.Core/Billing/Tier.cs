namespace Solacore.Core.Billing;

/// <summary>What a person has paid for. The numeric value is the rank: a higher tier includes the lower ones.</summary>
public enum Tier
{
    Free = 0,
    Standard = 1,
    Pro = 2,
}

/// <summary>Names of the tiers as the clients and the database spell them.</summary>
public static class Tiers
{
    /// <summary>Reads a stored name. A name that nobody knows gives no rights: it counts as <see cref="Tier.Free"/>.</summary>
    public static Tier Parse(string? name) => name switch
    {
        "standard" => Tier.Standard,
        "pro" => Tier.Pro,
        _ => Tier.Free,
    };

    /// <summary><c>free</c>, <c>standard</c> or <c>pro</c>.</summary>
    public static string Name(this Tier tier) => tier switch
    {
        Tier.Free => "free",
        Tier.Standard => "standard",
        Tier.Pro => "pro",
    };
}
