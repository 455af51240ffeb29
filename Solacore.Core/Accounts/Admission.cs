using Microsoft.EntityFrameworkCore;
using Npgsql;
using Solacore.Core.Billing;
using Solacore.Core.Data;

namespace Solacore.Core.Accounts;

/// <summary>
/// The last step of every sign-in: the device is let in or not, and a login begins. Device limits hold under races,
/// because whoever adds a device to a user or takes one away holds the user's row.
/// </summary>
public sealed class Admission(SolacoreDb db, LoginTokens tokens, AccountOptions options, TimeProvider time)
{
    /// <summary>
    /// The account of an address, however the address is spelt; not tracked. Letters are compared by us alone: the database
    /// only looks up, and by its locale it may take two letters for one (the Turkish dotted İ for an i).
    /// </summary>
    internal async Task<User?> FindAsync(string email, CancellationToken cancellationToken)
    {
        var spellings = EmailAddress.SpellingsOf(email);
        var candidates = await db.Users
            .FromSql($"select * from users where email_normalized in (lower({spellings[0]}), lower({spellings[1]}), lower({spellings[2]}))")
            .AsNoTracking()
            .ToListAsync(cancellationToken);
        return spellings
            .Select(spelling => candidates.Find(user => EmailAddress.Fold(user.Email) == spelling))
            .FirstOrDefault(user => user is not null);
    }

    /// <summary>The user's row, held until the transaction ends. Readers and rows that refer to it are not held up.</summary>
    internal Task<User?> LockAsync(Guid userId, CancellationToken cancellationToken) =>
        db.Users.FromSql($"select * from users where id = {userId} for no key update").SingleOrDefaultAsync(cancellationToken);

    /// <summary>
    /// The account was made with an address that nobody had proven, perhaps by somebody who waited for its owner. The
    /// owner is here now: the password, the identities and the logins of before, and the devices that hold them, open it no
    /// longer. For a user whose row the caller holds, and saves.
    /// </summary>
    internal async Task HandOverAsync(User user, CancellationToken cancellationToken)
    {
        (user.PasswordHash, user.AuthProvider, user.AuthProviderId) = (null, "email", null);
        await db.Identities.Where(i => i.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
        await db.ActiveSessions.Where(s => s.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
        await Devices.RetireAsync(db.Devices.Where(d => d.UserId == user.Id), cancellationToken);
    }

    /// <summary>A new account with its free plan, not saved yet.</summary>
    internal User AddUser(string address)
    {
        var now = time.GetUtcNow();
        var user = new User { Id = Guid.CreateVersion7(now), Email = address, CreatedAt = now, UpdatedAt = now };
        db.Users.Add(user);
        AddFreePlan(user.Id, now);
        return user;
    }

    internal void AddFreePlan(Guid userId, DateTimeOffset now) =>
        db.Subscriptions.Add(new Subscription { Id = Guid.CreateVersion7(now), UserId = userId, CreatedAt = now, UpdatedAt = now });

    /// <summary>Lets a new account in on its first device and saves both.</summary>
    internal async Task<SignInResult> AdmitNewAsync(User user, DeviceClaim claim, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return await SaveAsync(BeginLogin(user, AddDevice(user.Id, claim, now), now), cancellationToken);
    }

    /// <summary>Lets a known user in, whose row the caller holds; the caller commits.</summary>
    internal async Task<SignInResult> AdmitAsync(User user, DeviceClaim claim, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var device = await db.Devices.SingleOrDefaultAsync(d => d.DeviceFingerprint == claim.Fingerprint, cancellationToken);
        if (device is not null && device.UserId != user.Id)
        {
            return SignInRefusal.DeviceBoundToOther;
        }

        if (device is not { IsActive: true } && !await HasRoomAsync(user.Id, now, cancellationToken))
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

        return await SaveAsync(BeginLogin(user, device, now), cancellationToken);
    }

    private async Task<bool> HasRoomAsync(Guid userId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var plan = await Plans.CurrentAsync(db, userId, now, cancellationToken);
        var active = await db.Devices.CountAsync(d => d.UserId == userId && d.IsActive, cancellationToken);
        return active < DeviceRules.Limit(Tiers.Parse(plan?.Tier), options.BetaMode);
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

    private SignedIn BeginLogin(User user, Device device, DateTimeOffset now)
    {
        var sessionId = Guid.CreateVersion7(now);
        var pair = tokens.Issue(user.Id, user.Email, sessionId, now);
        db.ActiveSessions.Add(new ActiveSession
        {
            Id = sessionId,
            UserId = user.Id,
            DeviceId = device.Id,
            TokenHash = TokenHash.Of(pair.Refresh),
            ExpiresAt = now + options.RefreshTokenLifetime,
            CreatedAt = now,
        });
        return SignedIn.As(user, pair);
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
}
