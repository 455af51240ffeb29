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
        return active < DeviceRules.Limit(plan?.Tier ?? Tier.Free, options.BetaMode);
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
