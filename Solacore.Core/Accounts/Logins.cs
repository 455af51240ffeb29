using Microsoft.EntityFrameworkCore;
using Npgsql;
using Solacore.Core.Data;

namespace Solacore.Core.Accounts;

/// <summary>The device that a sign-in names.</summary>
/// <param name="Fingerprint">1 to 255 characters, opaque.</param>
/// <param name="Name">As the device calls itself; null or empty keeps what is known.</param>
public sealed record DeviceClaim(string Fingerprint, string? Name);

/// <summary>A person who has just signed in or stayed signed in.</summary>
public sealed record SignedIn(Guid UserId, string Email, string AuthProvider, string Locale, TokenPair Tokens);

/// <summary>Why nobody was signed in.</summary>
public enum SignInRefusal
{
    InvalidCredentials,
    EmailAlreadyExists,
    DeviceLimitReached,
    DeviceBoundToOther,
    InvalidToken,
}

/// <summary>Either a person or the reason why not.</summary>
public readonly record struct SignInResult(SignedIn? SignedIn, SignInRefusal Refusal)
{
    public static implicit operator SignInResult(SignedIn signedIn) => new(signedIn, default);

    public static implicit operator SignInResult(SignInRefusal refusal) => new(null, refusal);
}

/// <summary>Ways to get and keep a login. Every way ends in one transaction: on a refusal nothing is kept.</summary>
public sealed class Logins(SolacoreDb db, PasswordHashes passwords, LoginTokens tokens, AccountOptions options, TimeProvider time)
{
    /// <summary>Makes an account with a free plan and signs it in.</summary>
    public async Task<SignInResult> RegisterAsync(string email, string password, DeviceClaim device, CancellationToken cancellationToken)
    {
        var address = EmailAddress.Clean(email);

        // The device is looked up first and reported last: of several registrations at once, those that see the winner's
        // device see its address, too.
        var isBound = await db.Devices.AnyAsync(d => d.DeviceFingerprint == device.Fingerprint, cancellationToken);
        if (await ByEmail(address).AnyAsync(cancellationToken))
        {
            return SignInRefusal.EmailAlreadyExists;
        }

        if (isBound)
        {
            return SignInRefusal.DeviceBoundToOther;
        }

        var hash = await passwords.HashAsync(password, cancellationToken);
        var now = time.GetUtcNow();
        var user = NewUser(address, now);
        user.PasswordHash = hash;
        var result = StartLogin(user, AddDevice(user.Id, device, now), now);
        return await SaveAsync(result, cancellationToken);
    }

    /// <summary>Signs in by address and password.</summary>
    public async Task<SignInResult> LoginAsync(string email, string password, DeviceClaim device, CancellationToken cancellationToken)
    {
        var known = await ByEmail(EmailAddress.Clean(email)).AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (!await passwords.VerifyAsync(password, known?.PasswordHash, cancellationToken) || known is not { IsActive: true })
        {
            return SignInRefusal.InvalidCredentials;
        }

        var upgraded = PasswordHashes.IsOutdated(known.PasswordHash!) ? await passwords.HashAsync(password, cancellationToken) : null;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var user = await LockAsync(known.Id, cancellationToken);

        // Changed or removed while the password was being checked.
        if (user is not { IsActive: true } || user.PasswordHash != known.PasswordHash)
        {
            return SignInRefusal.InvalidCredentials;
        }

        user.PasswordHash = upgraded ?? user.PasswordHash;
        var result = await SignInAsync(user, device, cancellationToken);
        if (result.SignedIn is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return result;
    }

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

            var result = await RotateAsync(sessionId, LoginTokens.Hash(candidate), cancellationToken);
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
        var nextHash = LoginTokens.Hash(next.Refresh);
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
        return isRotated ? SignedInAs(user, next) : await RepeatAsync(user, sessionId, presentedHash, now, cancellationToken);
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
        return LoginTokens.Hash(current.Refresh) == session.TokenHash ? SignedInAs(user, current) : SignInRefusal.InvalidToken;
    }

    private IQueryable<User> ByEmail(string address) =>
        db.Users.FromSql($"select * from users where email_normalized = lower({address})");

    /// <summary>Whoever adds a device to a user or takes one away does it alone, so that limits hold under races.</summary>
    private Task<User?> LockAsync(Guid userId, CancellationToken cancellationToken) =>
        db.Users.FromSql($"select * from users where id = {userId} for no key update").SingleOrDefaultAsync(cancellationToken);

    private User NewUser(string address, DateTimeOffset now)
    {
        var user = new User { Id = Guid.CreateVersion7(now), Email = address, CreatedAt = now, UpdatedAt = now };
        db.Users.Add(user);
        db.Subscriptions.Add(new Subscription { Id = Guid.CreateVersion7(now), UserId = user.Id, CreatedAt = now, UpdatedAt = now });
        return user;
    }

    private async Task<SignInResult> SignInAsync(User user, DeviceClaim claim, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var device = await db.Devices.SingleOrDefaultAsync(d => d.DeviceFingerprint == claim.Fingerprint, cancellationToken);
        if (device is not null && device.UserId != user.Id)
        {
            return SignInRefusal.DeviceBoundToOther;
        }

        if (device is not { IsActive: true } && !await HasRoomAsync(user.Id, cancellationToken))
        {
            return SignInRefusal.DeviceLimitReached;
        }

        if (device is null)
        {
            device = AddDevice(user.Id, claim, now);
        }
        else
        {
            device.IsActive = true;
            device.LastActiveAt = now;
            device.DeviceName = string.IsNullOrEmpty(claim.Name) ? device.DeviceName : claim.Name;
            device.Platform ??= DeviceRules.GuessPlatform(device.DeviceName);
        }

        return await SaveAsync(StartLogin(user, device, now), cancellationToken);
    }

    private async Task<bool> HasRoomAsync(Guid userId, CancellationToken cancellationToken)
    {
        var tier = await db.Subscriptions.Where(s => s.UserId == userId).Select(s => s.Tier).SingleOrDefaultAsync(cancellationToken);
        var active = await db.Devices.CountAsync(d => d.UserId == userId && d.IsActive, cancellationToken);
        return active < DeviceRules.Limit(tier ?? "free", options.BetaMode);
    }

    private Device AddDevice(Guid userId, DeviceClaim claim, DateTimeOffset now)
    {
        var device = new Device
        {
            Id = Guid.CreateVersion7(now),
            UserId = userId,
            DeviceFingerprint = claim.Fingerprint,
            DeviceName = claim.Name,
            Platform = DeviceRules.GuessPlatform(claim.Name),
            LastActiveAt = now,
            CreatedAt = now,
        };
        db.Devices.Add(device);
        return device;
    }

    private SignedIn StartLogin(User user, Device device, DateTimeOffset now)
    {
        var sessionId = Guid.CreateVersion7(now);
        var pair = tokens.Issue(user.Id, user.Email, sessionId, now);
        db.ActiveSessions.Add(new ActiveSession
        {
            Id = sessionId,
            UserId = user.Id,
            DeviceId = device.Id,
            TokenHash = LoginTokens.Hash(pair.Refresh),
            ExpiresAt = now + options.RefreshTokenLifetime,
            CreatedAt = now,
        });
        return SignedInAs(user, pair);
    }

    /// <summary>The unique indexes decide races that the checks before could not see.</summary>
    private async Task<SignInResult> SaveAsync(SignedIn signedIn, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return signedIn;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } violation)
        {
            return violation.TableName == "devices" ? SignInRefusal.DeviceBoundToOther : SignInRefusal.EmailAlreadyExists;
        }
    }

    private static SignedIn SignedInAs(User user, TokenPair pair) => new(user.Id, user.Email, user.AuthProvider, user.Locale, pair);
}
