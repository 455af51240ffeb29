using Solacore.Core.Billing;

namespace Solacore.Core.Accounts;

/// <summary>How many devices a person may use, and what can be guessed about one.</summary>
public static class DeviceRules
{
    private const int BetaLimit = 10;

    /// <summary>Active devices allowed at a time.</summary>
    public static int Limit(Tier tier, bool betaMode) => betaMode ? BetaLimit : tier switch
    {
        Tier.Free => 1,
        Tier.Standard => 2,
        Tier.Pro => 3,
    };

    /// <summary><c>ios</c>, <c>android</c> or null, by the name that the device gave itself.</summary>
    public static string? GuessPlatform(string? name) =>
        Mentions(name, "iphone", "ipad") ? "ios"
        : Mentions(name, "pixel", "samsung", "android") ? "android"
        : null;

    private static bool Mentions(string? name, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (name?.Contains(word, StringComparison.OrdinalIgnoreCase) is true)
            {
                return true;
            }
        }

        return false;
    }
}
