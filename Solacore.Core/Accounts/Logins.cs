using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Accounts;

/// <summary>Ways to get and keep a login. Every way ends in one transaction: on a refusal nothing is kept.</summary>
public sealed class Logins(
    SolacoreDb db, UserAccounts accounts, Admission admission, PasswordHashes passwords, LoginTokens tokens, AccountOptions options, TimeProvider time)
{
    /// <summary>An old hash is replaced at the first login with it, a password when its owner does: more often, somebody plays.</summary>
    private const int MaxLooks = 3;

    /// <summary>Makes an account with a free plan and signs it in.</summary>
    public async Task<SignInResult> RegisterAsync(string email, string password, DeviceClaim device, CancellationToken cancellationToken)
    {
        // The device is looked up first and reported last: of several registrations at once, those that see the winner's
        // device see its address, too.
        var isBound = await db.Devices.AnyAsync(d => d.DeviceFingerprint == device.Fingerprint, cancellationToken);
        if (await accounts.FindAsync(email, cancellationToken) is not null)
        {
            return SignInRefusal.EmailAlreadyExists;
        }

        if (isBound)
        {
            return SignInRefusal.DeviceBoundToOther;
        }

        var hash = await passwords.HashAsync(password, cancellationToken);
        var user = accounts.Add(EmailAddress.Clean(email));
        user.PasswordHash = hash;
        return await admission.AdmitNewAsync(user, device, cancellationToken);
    }

    /// <summary>Signs in by address and password.</summary>
    public async Task<SignInResult> LoginAsync(string email, string password, DeviceClaim device, CancellationToken cancellationToken)
    {
        for (var look = 0; look < MaxLooks; look++)
        {
            if (await TryLoginAsync(email, password, device, cancellationToken) is { } result)
            {
                return result;
            }

            db.ChangeTracker.Clear();
        }

        return SignInRefusal.InvalidCredentials;
    }

    /// <summary>Null when the stored hash was replaced while it was being checked, perhaps by one of the same password.</summary>
    private async Task<SignInResult?> TryLoginAsync(string email, string password, DeviceClaim device, CancellationToken cancellationToken)
    {
        var known = await accounts.FindAsync(email, cancellationToken);
        if (!await passwords.VerifyAsync(password, known?.PasswordHash, cancellationToken) || known is not { IsActive: true })
        {
            return SignInRefusal.InvalidCredentials;
        }

        var upgraded = PasswordHashes.IsOutdated(known.PasswordHash!) ? await passwords.HashAsync(password, cancellationToken) : null;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var user = await accounts.LockAsync(known.Id, cancellationToken);

        if (user is not { IsActive: true })
        {
            return SignInRefusal.InvalidCredentials;
        }

        if (user.PasswordHash != known.PasswordHash)
        {
            return null;
        }

        user.PasswordHash = upgraded ?? user.PasswordHash;
        var result = await admission.AdmitAsync(user, device, cancellationToken);
        if (result.SignedIn is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return result;
    }

    /// <summary>Whether the account of that address has signed in on that device before.</summary>
    public async Task<bool> KnowsDeviceAsync(string email, string fingerprint, CancellationToken cancellationToken) =>
        await accounts.FindAsync(email, cancellationToken) is { } user
        && await db.Devices.AnyAsync(d => d.UserId == user.Id && d.DeviceFingerprint == fingerprint, cancellationToken);

    /// <summary>
    /// Exchanges a refresh token for a new pair. Of several tokens the first good one counts: a phone's cookie jar may
    /// hold an older one than the app itself.
    /// </summary>
    public async Task<SignInResult> RefreshAsync(IReadOnlyList<string> candidates, CancellationToken cancellationToken)
    {
        var stolen = new List<Guid>();
        foreach (var candidate in candidates)
        {
            if (await tokens.VerifyRefreshAsync(candidate) is not { } sessionId)
            {
                continue;
            }

            var result = await RotateAsync(sessionId, TokenHash.Of(candidate), cancellationToken);
            if (result.SignedIn is not null)
            {
                return result;
            }

            stolen.Add(sessionId);
        }

        // A token that we signed and have replaced comes back after the grace: somebody else has it, too.
        await db.ActiveSessions.Where(s => stolen.Contains(s.Id)).ExecuteDeleteAsync(cancellationToken);
        return SignInRefusal.InvalidToken;
    }

    /// <summary>Ends one login; its tokens die with it.</summary>
    /// <returns>False when there is no such login.</returns>
    public async Task<bool> EndAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken) =>
        await db.ActiveSessions.Where(s => s.Id == sessionId && s.UserId == userId).ExecuteDeleteAsync(cancellationToken) == 1;

    /// <summary>Ends the login of a refresh token, the current one or the one before; of any other text, nothing.</summary>
    public async Task EndByRefreshTokenAsync(string token, CancellationToken cancellationToken)
    {
        if (await tokens.VerifyRefreshAsync(token) is { } sessionId)
        {
            var hash = TokenHash.Of(token);
            await db.ActiveSessions
                .Where(s => s.Id == sessionId && (s.TokenHash == hash || s.PreviousTokenHash == hash))
                .ExecuteDeleteAsync(cancellationToken);
        }
    }

    private async Task<SignInResult> RotateAsync(Guid sessionId, string presentedHash, CancellationToken cancellationToken)
    {
        var known = await db.ActiveSessions.AsNoTracking()
            .Where(s => s.Id == sessionId)
            .Join(db.Users, s => s.UserId, u => u.Id, (s, u) => new { Session = s, User = u })
            .SingleOrDefaultAsync(cancellationToken);
        var now = time.GetUtcNow();
        if (known is null || known.Session.ExpiresAt <= now || !known.User.IsActive)
        {
            return SignInRefusal.InvalidToken;
        }

        var user = known.User;
        var next = tokens.Replace(user.Id, user.Email, sessionId, presentedHash, now);
        var nextHash = TokenHash.Of(next.Refresh);
        var expiresAt = now + options.RefreshTokenLifetime;
        var isRotated = await db.ActiveSessions
            .Where(s => s.Id == sessionId && s.TokenHash == presentedHash)
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(s => s.TokenHash, nextHash)
                    .SetProperty(s => s.PreviousTokenHash, presentedHash)
                    .SetProperty(s => s.RotatedAt, now)
                    .SetProperty(s => s.ExpiresAt, expiresAt),
                cancellationToken) == 1;
        return isRotated ? SignedIn.As(user, next) : await RepeatAsync(user, sessionId, presentedHash, now, cancellationToken);
    }

    /// <summary>One step behind and within the grace: the pair that replaced the token is given out again.</summary>
    private async Task<SignInResult> RepeatAsync(
        User user, Guid sessionId, string presentedHash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var session = await db.ActiveSessions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == sessionId, cancellationToken);
        if (session?.PreviousTokenHash != presentedHash || session.RotatedAt is not { } rotatedAt || now - rotatedAt > options.RefreshGrace)
        {
            return SignInRefusal.InvalidToken;
        }

        var current = tokens.Replace(user.Id, user.Email, sessionId, presentedHash, rotatedAt);
        return TokenHash.Of(current.Refresh) == session.TokenHash ? SignedIn.As(user, current) : SignInRefusal.InvalidToken;
    }
}
