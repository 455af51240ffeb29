using System.Security.Cryptography;
using System.Text;
using Solacore.Core.Accounts;

namespace Solacore.Api.Auth;

/// <summary>
/// Names an account in a shared store of counters, where its address is nobody's business. Addresses without an account
/// count alike.
/// </summary>
internal static class AccountKey
{
    private const int Bytes = 16;

    /// <summary>32 hex digits.</summary>
    public static string Of(string email) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(EmailAddress.KeyOf(email))).AsSpan(0, Bytes));
}
