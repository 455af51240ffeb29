using System.Security.Cryptography;
using System.Text;

namespace Solacore.Core;

/// <summary>A shared secret that a sender shows with every call.</summary>
public static class BearerSecret
{
    /// <summary>
    /// Whether <paramref name="given"/> is one of <paramref name="secrets"/>, in a time that tells nothing about them.
    /// Empty secrets never match.
    /// </summary>
    public static bool IsValid(string given, IReadOnlyCollection<string> secrets)
    {
        // Hashes have one length, so that not even the length of a secret shows.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(given));
        var valid = false;
        foreach (var secret in secrets.Where(s => s.Length > 0))
        {
            valid |= CryptographicOperations.FixedTimeEquals(hash, SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
        }

        return valid;
    }
}
