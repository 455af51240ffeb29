namespace Solacore.Core.Billing;

/// <summary>What a person has paid for. The numeric value is the rank: a higher tier includes the lower ones.</summary>
public enum Tier
{
    Free = 0,
    Standard = 1,
    Pro = 2,
}
