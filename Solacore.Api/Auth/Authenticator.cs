using Solacore.Api.Http;
using Solacore.Api.Http.Errors;
using Solacore.Core.Accounts;
using Solacore.Core.Data;

namespace Solacore.Api.Auth;

/// <summary>Access tokens of our own, checked against the login that they name.</summary>
internal sealed class Authenticator(LoginTokens tokens, SolacoreDb db, TimeProvider time) : IAuthenticator
{
    public async ValueTask<AccessOutcome> AuthenticateAsync(string token, CancellationToken cancellationToken)
    {
        if (await tokens.VerifyAccessAsync(token) is not { } claims)
        {
            return AccessOutcome.Refused(ErrorCode.InvalidToken);
        }

        if (claims.SessionId is not { } sessionId)
        {
            return AccessOutcome.Refused(ErrorCode.SessionNotFound);
        }

        var login = await db.FindLoginAsync(claims.UserId, sessionId, cancellationToken);
        return login is null || login.ExpiresAt <= time.GetUtcNow() ? AccessOutcome.Refused(ErrorCode.SessionRevoked)
            : !login.IsUserActive ? AccessOutcome.Refused(ErrorCode.InvalidToken)
            : AccessOutcome.Granted(new Caller(claims.UserId, sessionId, login.DeviceId, login.Email, login.AuthProvider, login.Locale));
    }

    public async ValueTask<Guid?> FindSubjectAsync(string token) => (await tokens.VerifyAccessAsync(token))?.UserId;
}
