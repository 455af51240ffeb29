using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Accounts;

/// <summary>
/// Whether a person gets reminders by mail. Notifications to phones are not affected, nor are mails about the account itself.
/// </summary>
public sealed class ReminderMails(SolacoreDb db, UnsubscribeTokens tokens, TimeProvider time)
{
    /// <summary>Unsubscribes. Idempotent; true also when the account is gone.</summary>
    /// <returns>False when the token is none of ours.</returns>
    public Task<bool> StopAsync(string token, CancellationToken cancellationToken) =>
        SetAsync(token, time.GetUtcNow(), user => user.ReminderMailsStoppedAt == null, cancellationToken);

    /// <summary>Subscribes again, for reminders that come due from now on.</summary>
    /// <returns>False when the token is none of ours.</returns>
    public Task<bool> ResumeAsync(string token, CancellationToken cancellationToken) =>
        SetAsync(token, stoppedAt: null, user => user.ReminderMailsStoppedAt != null, cancellationToken);

    private async Task<bool> SetAsync(
        string token, DateTimeOffset? stoppedAt, Expression<Func<User, bool>> isAffected, CancellationToken cancellationToken)
    {
        if (tokens.UserOf(token) is not { } userId)
        {
            return false;
        }

        var now = time.GetUtcNow();
        await db.Users.Where(u => u.Id == userId).Where(isAffected).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.ReminderMailsStoppedAt, stoppedAt).SetProperty(u => u.UpdatedAt, now), cancellationToken);
        return true;
    }
}
