namespace Solacore.Core.Billing;

/// <summary>What a person has paid for. The numeric value is the rank: a higher tier includes the lower ones.</summary>
public enum Tier
{
    Free = 0,
    Standard = 1,
    Pro = 2,
}

/// <summary>Stored tiers.</summary>
public static class Tiers
{
    /// <summary>A name that nobody knows gives no rights: it counts as <see cref="Tier.Free"/>.</summary>
    public static Tier Parse(string? name) => EnumNames.TryParse(name, out Tier tier) ? tier : Tier.Free;
}
