using Microsoft.EntityFrameworkCore;
using Npgsql;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Language;
using Solacore.Core.Mail;

namespace Solacore.Core.Accounts;

/// <summary>New passwords by mail.</summary>
public sealed class PasswordResets(SolacoreDb db, UserAccounts accounts, PasswordHashes passwords, ResetTokens tokens, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Queues a mail with a link when the address has an account, in the transaction that makes the link. The caller
    /// learns nothing, neither by the answer nor, as no mail is sent here, by its time.
    /// </summary>
    /// <param name="email">A usable address.</param>
    /// <param name="acceptLanguage">The header, for the language of the mail.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RequestAsync(string email, string? acceptLanguage, CancellationToken cancellationToken)
    {
        var user = await accounts.FindAsync(email, cancellationToken);
        if (user is not { IsActive: true })
        {
            return;
        }

        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7();
        db.PasswordResetTokens.Add(new PasswordResetToken
        {
            Id = id,
            UserId = user.Id,
            TokenHash = TokenHash.Of(tokens.TokenOf(id)),
            ExpiresAt = now + Lifetime,
            CreatedAt = now,
        });
        var locale = ReplyLocale.Choose(sessionLocale: null, acceptLanguage, message: null, user.Locale);
        db.Enqueue(SendMail.Kind, new SendMail(MailOccasion.PasswordReset, id, locale), JobPriority.Urgent);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation })
        {
            // The account was deleted meanwhile, which nobody is told here either.
        }
    }

    /// <summary>
    /// Sets a new password, ends all logins and voids every other link of the user. Whoever had the link has the mail, so
    /// the address counts as proven; at the first proof the account is handed over to its owner.
    /// </summary>
    /// <returns>False when the token is unknown, used or expired.</returns>
    public async Task<bool> ResetAsync(string token, string newPassword, CancellationToken cancellationToken)
    {
        var tokenHash = TokenHash.Of(token);
        var now = time.GetUtcNow();
        var usable = db.PasswordResetTokens.Where(t => t.TokenHash == tokenHash && t.UsedAt == null && t.ExpiresAt > now);
        var userId = await usable.Select(t => (Guid?)t.UserId).SingleOrDefaultAsync(cancellationToken);
        if (userId is null)
        {
            return false;
        }

        var passwordHash = await passwords.HashAsync(newPassword, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // The user first, as sign-ins and removals of devices do: two at once would wait for one another otherwise.
        if (await accounts.LockAsync(userId.Value, cancellationToken) is not { } user
            || await usable.ExecuteUpdateAsync(set => set.SetProperty(t => t.UsedAt, now), cancellationToken) == 0)
        {
            return false;
        }

        await db.PasswordResetTokens
            .Where(t => t.UserId == user.Id && t.UsedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.UsedAt, now), cancellationToken);
        if (user.EmailVerifiedAt is null)
        {
            // Whoever made the account without owning its address keeps no way in, and no device that would leave no room for the
            // owner's.
            await accounts.HandOverAsync(user, cancellationToken);
            user.EmailVerifiedAt = now;
        }

        user.PasswordHash = passwordHash;
        user.UpdatedAt = now;
        await db.ActiveSessions.Where(s => s.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
