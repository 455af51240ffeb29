using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Accounts;

/// <summary>The shared account of the beta. It has no password, so this is the only way in.</summary>
public sealed class BetaLogins(SolacoreDb db, UserAccounts accounts, Admission admission, AccountOptions options, TimeProvider time)
{
    public const string Address = "beta-tester@solacore.app";

    private const string DefaultDeviceName = "Beta Device";

    /// <param name="fingerprint">Null for the account's own default device.</param>
    /// <param name="deviceName">Null for a default name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<SignInResult> LoginAsync(string? fingerprint, string? deviceName, CancellationToken cancellationToken)
    {
        if (!options.BetaMode)
        {
            return SignInRefusal.BetaModeDisabled;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await EnsureAccountAsync(cancellationToken);
        var known = await accounts.FindAsync(Address, cancellationToken);
        var user = await accounts.LockAsync(known!.Id, cancellationToken) ?? known;
        if (!await db.Subscriptions.AnyAsync(s => s.UserId == user.Id, cancellationToken))
        {
            accounts.AddFreePlan(user.Id, time.GetUtcNow());
        }

        var device = new DeviceClaim(fingerprint ?? $"beta:{user.Id}", deviceName ?? DefaultDeviceName);
        var result = await admission.AdmitAsync(user, device, cancellationToken);
        if (result.SignedIn is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return result;
    }

    // Several first logins at once make one account.
    private Task<int> EnsureAccountAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into users (id, email, auth_provider, locale, is_active, created_at, updated_at)
            select {Guid.CreateVersion7(now)}, {Address}, 'email', 'en', true, {now}, {now}
            where not exists (select from users where email_normalized = {Address})
            on conflict (email_normalized) do nothing
            """,
            cancellationToken);
    }
}
