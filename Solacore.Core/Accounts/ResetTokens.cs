using System.Buffers.Text;

namespace Solacore.Core.Accounts;

/// <summary>
/// Makes the token of a reset link from the id of its row and the server's secret. So the mail's job carries only the id,
/// the row only a hash, and the token itself is written nowhere but into the mail.
/// </summary>
public sealed class ResetTokens(AccountOptions options)
{
    /// <summary>43 URL-safe characters; always the same for one id.</summary>
    public string TokenOf(Guid resetId) => Base64Url.EncodeToString(options.ProofOf("password-reset", resetId));
}
