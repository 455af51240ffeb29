using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Accounts;

/// <summary>How a request to remove a device ended.</summary>
public enum DeviceRemoval
{
    Removed,
    NotFound,

    /// <summary>It is the device that asks.</summary>
    IsCurrent,

    /// <summary>The user has removed one today (UTC).</summary>
    LimitExceeded,
}

/// <summary>The devices and logins of one person, as they see and end them.</summary>
public sealed class Devices(SolacoreDb db, UserAccounts accounts, TimeProvider time)
{
    /// <summary>Active devices, oldest first.</summary>
    public Task<List<Device>> ListAsync(Guid userId, CancellationToken cancellationToken) =>
        db.Devices.AsNoTracking()
            .Where(d => d.UserId == userId && d.IsActive)
            .OrderBy(d => d.CreatedAt).ThenBy(d => d.Id)
            .ToListAsync(cancellationToken);

    /// <summary>
    /// Ends a device and all its logins. Its fingerprint stays bound to the user, and the day's removal is used up even
    /// when it was inactive already.
    /// </summary>
    /// <param name="userId">The caller.</param>
    /// <param name="deviceId">The device to remove.</param>
    /// <param name="callerFingerprint">The device that asks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<DeviceRemoval> RemoveAsync(
        Guid userId, Guid deviceId, string callerFingerprint, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await accounts.LockAsync(userId, cancellationToken);
        var device = await db.Devices.SingleOrDefaultAsync(d => d.Id == deviceId && d.UserId == userId, cancellationToken);
        if (device is null)
        {
            return DeviceRemoval.NotFound;
        }

        if (device.DeviceFingerprint == callerFingerprint)
        {
            return DeviceRemoval.IsCurrent;
        }

        var now = time.GetUtcNow();
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        if (await db.Devices.AnyAsync(d => d.UserId == userId && d.LastRemovalAt >= today, cancellationToken))
        {
            return DeviceRemoval.LimitExceeded;
        }

        device.IsActive = false;
        device.LastRemovalAt = now;
        await db.SaveChangesAsync(cancellationToken);
        await db.ActiveSessions.Where(s => s.DeviceId == deviceId).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return DeviceRemoval.Removed;
    }

    /// <summary>Takes active devices their places and their notifications, as no removal of the owner's.</summary>
    internal static Task RetireAsync(IQueryable<Device> devices, CancellationToken cancellationToken) =>
        devices.Where(d => d.IsActive).ExecuteUpdateAsync(
            set => set
                .SetProperty(d => d.IsActive, false)
                .SetProperty(d => d.PushToken, (string?)null)
                .SetProperty(d => d.PushTokenAt, (DateTimeOffset?)null),
            cancellationToken);

    /// <summary>Unexpired logins, oldest first.</summary>
    public Task<List<LoginSummary>> ListLoginsAsync(Guid userId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return db.ActiveSessions
            .Where(s => s.UserId == userId && s.ExpiresAt > now)
            .OrderBy(s => s.CreatedAt).ThenBy(s => s.Id)
            .Join(db.Devices, s => s.DeviceId, d => d.Id, (s, d) =>
                new LoginSummary(s.Id, s.DeviceId, d.DeviceName, s.CreatedAt, s.ExpiresAt))
            .ToListAsync(cancellationToken);
    }
}

/// <summary>A login as its owner sees it.</summary>
public sealed record LoginSummary(Guid Id, Guid DeviceId, string? DeviceName, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);
