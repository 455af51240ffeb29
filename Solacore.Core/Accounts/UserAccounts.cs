using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Accounts;

/// <summary>Finds, holds and makes the accounts that all ways of signing in share.</summary>
public sealed class UserAccounts(SolacoreDb db, TimeProvider time)
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

            // Around it, the columns get named: * would not outlive a migration that adds one, once it is prepared.
            .OrderBy(user => user.Id)
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
    internal User Add(string address)
    {
        var now = time.GetUtcNow();
        var user = new User { Id = Guid.CreateVersion7(now), Email = address, CreatedAt = now, UpdatedAt = now };
        db.Users.Add(user);
        AddFreePlan(user.Id, now);
        return user;
    }

    internal void AddFreePlan(Guid userId, DateTimeOffset now) =>
        db.Subscriptions.Add(new Subscription { Id = Guid.CreateVersion7(now), UserId = userId, CreatedAt = now, UpdatedAt = now });
}
