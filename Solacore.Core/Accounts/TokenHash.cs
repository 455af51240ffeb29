using System.Security.Cryptography;
using System.Text;

namespace Solacore.Core.Accounts;

/// <summary>The only form in which a refresh token or a reset token is stored.</summary>
public static class TokenHash
{
    /// <summary>Lower-case hex SHA-256. Tokens cannot be guessed, so that it needs neither salt nor many rounds.</summary>
    public static string Of(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
