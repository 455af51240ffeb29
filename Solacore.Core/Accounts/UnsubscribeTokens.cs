using System.Buffers.Text;
using System.Security.Cryptography;

namespace Solacore.Core.Accounts;

/// <summary>
/// Makes and reads the token of an unsubscribe link: the id of the person and a proof that we wrote it. It needs no row and
/// never ends, because people stop mails that they got long ago.
/// </summary>
public sealed class UnsubscribeTokens(AccountOptions options)
{
    private const int IdBytes = 16;

    // 128 bits are beyond guessing, and the token stays as short as that of a reset link.
    private const int ProofBytes = 16;

    /// <summary>43 URL-safe characters; always the same for one person.</summary>
    public string TokenOf(Guid userId)
    {
        Span<byte> token = stackalloc byte[IdBytes + ProofBytes];
        userId.TryWriteBytes(token, bigEndian: true, out _);
        ProofOf(userId).CopyTo(token[IdBytes..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Whose token it is, which does not say that there still is an account; null when we did not write it.</summary>
    public Guid? UserOf(string token)
    {
        if (!Base64Url.IsValid(token, out var length) || length != IdBytes + ProofBytes)
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(token).AsSpan();
        var userId = new Guid(bytes[..IdBytes], bigEndian: true);
        return CryptographicOperations.FixedTimeEquals(bytes[IdBytes..], ProofOf(userId)) ? userId : null;
    }

    private ReadOnlySpan<byte> ProofOf(Guid userId) => options.ProofOf("unsubscribe", userId).AsSpan(0, ProofBytes);
}
