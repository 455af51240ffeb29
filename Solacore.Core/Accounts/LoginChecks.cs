using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Accounts;

/// <summary>What the database knows of the login that a token names.</summary>
public sealed record LoginState(
    DateTimeOffset ExpiresAt, Guid DeviceId, string Email, string AuthProvider, string Locale, bool IsUserActive);

/// <summary>The look at the database that every authenticated request costs: one query by primary key.</summary>
public static class LoginChecks
{
    private static readonly Func<SolacoreDb, Guid, Guid, CancellationToken, Task<LoginState?>> Query = EF.CompileAsyncQuery(
        (SolacoreDb db, Guid sessionId, Guid userId, CancellationToken _) => db.ActiveSessions
            .Where(s => s.Id == sessionId && s.UserId == userId)
            .Join(db.Users, s => s.UserId, u => u.Id, (s, u) =>
                new LoginState(s.ExpiresAt, s.DeviceId, u.Email, u.AuthProvider, u.Locale, u.IsActive))
            .SingleOrDefault());

    /// <summary>Null when there is no such login, or no longer.</summary>
    public static Task<LoginState?> FindLoginAsync(this SolacoreDb db, Guid userId, Guid sessionId, CancellationToken cancellationToken) =>
        Query(db, sessionId, userId, cancellationToken);
}
