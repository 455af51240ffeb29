using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Push;

/// <summary>Which phone gets whose notifications.</summary>
public sealed class PushTokens(SolacoreDb db, TimeProvider time)
{
    /// <summary>Lets a device be notified. An app that was signed in as somebody else before takes its token along.</summary>
    public async Task SetAsync(Guid deviceId, string token, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // Two devices that claim one token at once would not see each other's claim, or wait for one another.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({token}, 0))", cancellationToken);
        await RemoveAsync(db.Devices.Where(d => d.PushToken == token && d.Id != deviceId), cancellationToken);
        await db.Devices.Where(d => d.Id == deviceId).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.PushToken, token).SetProperty(d => d.PushTokenAt, now), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Stops notifications to a device.</summary>
    public Task ClearAsync(Guid deviceId, CancellationToken cancellationToken) =>
        RemoveAsync(db.Devices.Where(d => d.Id == deviceId), cancellationToken);

    /// <summary>Forgets a token that the push service calls dead, unless the app has come back with another since.</summary>
    /// <param name="deviceId">The device.</param>
    /// <param name="usedAt">When the dead token was used.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task DropDeadAsync(Guid deviceId, DateTimeOffset usedAt, CancellationToken cancellationToken) =>
        RemoveAsync(db.Devices.Where(d => d.Id == deviceId && d.PushTokenAt <= usedAt), cancellationToken);

    private static Task RemoveAsync(IQueryable<Device> devices, CancellationToken cancellationToken) => devices.ExecuteUpdateAsync(
        set => set.SetProperty(d => d.PushToken, (string?)null).SetProperty(d => d.PushTokenAt, (DateTimeOffset?)null), cancellationToken);
}
