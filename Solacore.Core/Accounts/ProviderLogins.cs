using Microsoft.EntityFrameworkCore;
using Solacore.Core.Accounts.Providers;
using Solacore.Core.Data;

namespace Solacore.Core.Accounts;

/// <summary>Signing in through Google or Apple.</summary>
public sealed class ProviderLogins(SolacoreDb db, UserAccounts accounts, Admission admission, IdTokenVerifier tokens, GoogleCodeExchange exchange, TimeProvider time)
{
    /// <inheritdoc cref="IdTokenVerifier.VerifyGoogleAsync"/>
    public async Task<SignInResult> GoogleAsync(string idToken, string? nonce, DeviceClaim device, CancellationToken cancellationToken)
    {
        var (identity, refusal) = await tokens.VerifyGoogleAsync(idToken, nonce, cancellationToken);
        return identity is null ? refusal!.Value : await SignInAsync(identity, device, cancellationToken);
    }

    /// <inheritdoc cref="IdTokenVerifier.VerifyGoogleAsync"/>
    public async Task<SignInResult> AppleAsync(string idToken, string? nonce, DeviceClaim device, CancellationToken cancellationToken)
    {
        var (identity, refusal) = await tokens.VerifyAppleAsync(idToken, nonce, cancellationToken);
        return identity is null ? refusal!.Value : await SignInAsync(identity, device, cancellationToken);
    }

    /// <summary>The web's way: Google gave the page a code, which only this server can exchange.</summary>
    public async Task<SignInResult> GoogleCodeAsync(string code, DeviceClaim device, CancellationToken cancellationToken)
    {
        var (idToken, refusal) = await exchange.ExchangeAsync(code, cancellationToken);
        return idToken is null ? refusal!.Value : await GoogleAsync(idToken, nonce: null, device, cancellationToken);
    }

    private async Task<SignInResult> SignInAsync(ProviderIdentity identity, DeviceClaim device, CancellationToken cancellationToken)
    {
        if (await TrySignInAsync(identity, device, cancellationToken) is { } result && result.Refusal is not SignInRefusal.EmailAlreadyExists)
        {
            return result;
        }

        // Another request made the account, linked the identity or took it off in between; this time that is seen.
        db.ChangeTracker.Clear();
        return await TrySignInAsync(identity, device, cancellationToken) ?? SignInRefusal.AccountNotLinked;
    }

    /// <summary>Null when the account was handed over to its owner while this waited for it.</summary>
    private async Task<SignInResult?> TrySignInAsync(ProviderIdentity identity, DeviceClaim device, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var known = await FindAsync(identity, cancellationToken);
        var wasLinked = known is not null;
        if (known is null)
        {
            if (identity.Email is null)
            {
                return SignInRefusal.AccountNotLinked;
            }

            known = await accounts.FindAsync(identity.Email, cancellationToken);

            // Whoever can name an address without owning it must not get into the account that does.
            if (known is not null && !identity.IsEmailVerified)
            {
                return SignInRefusal.AccountNotLinked;
            }
        }

        SignInResult result;
        if (known is null)
        {
            var created = accounts.Add(identity.Email!);
            created.EmailVerifiedAt = identity.IsEmailVerified ? created.CreatedAt : null;
            await LinkAsync(created, identity, cancellationToken);
            result = await admission.AdmitNewAsync(created, device, cancellationToken);
        }
        else
        {
            var user = await accounts.LockAsync(known.Id, cancellationToken);
            if (user is not { IsActive: true })
            {
                return SignInRefusal.InvalidToken;
            }

            if (wasLinked && (await FindAsync(identity, cancellationToken))?.Id != user.Id)
            {
                return null;
            }

            if (user.EmailVerifiedAt is null && Proves(identity, user.Email))
            {
                user.EmailVerifiedAt = time.GetUtcNow();

                // One without a password that this very identity has opened before is its own already, and keeps all.
                if (!(wasLinked && user.PasswordHash is null) && !await IsAtHomeAsync(user, device, cancellationToken))
                {
                    await accounts.HandOverAsync(user, cancellationToken);
                }
            }

            await LinkAsync(user, identity, cancellationToken);
            result = await admission.AdmitAsync(user, device, cancellationToken);
        }

        if (result.SignedIn is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return result;
    }

    /// <summary>The account that the identity has opened before; not tracked.</summary>
    private async Task<User?> FindAsync(ProviderIdentity identity, CancellationToken cancellationToken) =>
        await db.Identities
            .Where(i => i.Provider == identity.Provider && i.Subject == identity.Subject)
            .Join(db.Users, i => i.UserId, u => u.Id, (i, u) => u)
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken)

        // The release before, which may run beside this one or come back for a while, writes only there.
        ?? await db.Users.AsNoTracking()
            .SingleOrDefaultAsync(u => u.AuthProvider == identity.Provider && u.AuthProviderId == identity.Subject, cancellationToken);

    private static bool Proves(ProviderIdentity identity, string address) =>
        identity is { IsEmailVerified: true, Email: { } email } && EmailAddress.SpellingsOf(email).Contains(EmailAddress.Fold(address));

    /// <summary>Whoever made the account did so on this very device.</summary>
    private async Task<bool> IsAtHomeAsync(User user, DeviceClaim device, CancellationToken cancellationToken) =>
        !device.IsMadeUp
        && await db.Devices.AnyAsync(d => d.UserId == user.Id && d.DeviceFingerprint == device.Fingerprint && d.IsActive, cancellationToken);

    /// <summary>
    /// From now on the identity opens the account, with or without an address. An account that shows another provider goes
    /// on showing that one.
    /// </summary>
    private async Task LinkAsync(User user, ProviderIdentity identity, CancellationToken cancellationToken)
    {
        if (user.AuthProviderId is null || user.AuthProvider == identity.Provider)
        {
            user.AuthProvider = identity.Provider;
            user.AuthProviderId = identity.Subject;
        }

        if (!await db.Identities.AnyAsync(
            i => i.Provider == identity.Provider && i.Subject == identity.Subject && i.UserId == user.Id, cancellationToken))
        {
            db.Identities.Add(new Identity
            {
                UserId = user.Id,
                Provider = identity.Provider,
                Subject = identity.Subject,
                CreatedAt = time.GetUtcNow(),
            });
        }
    }
}
