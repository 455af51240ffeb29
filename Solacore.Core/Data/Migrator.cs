using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Solacore.Core.Solve;

namespace Solacore.Core.Data;

/// <summary>Brings the database to a version and tells which one it has.</summary>
public static class Migrator
{
    /// <summary>
    /// Creates the database if it is missing, migrates it and, at the newest version, brings the templates up to date.
    /// Several processes may call it at once: one works, the others wait and find nothing left to do.
    /// </summary>
    /// <param name="target">A migration's name, also an older one; null: the newest.</param>
    public static async Task MigrateAsync(SolacoreDb db, string? target, CancellationToken cancellationToken)
    {
        // A table rewrite on a large database takes longer than any request may.
        db.Database.SetCommandTimeout(TimeSpan.FromHours(1));
        await db.GetService<IMigrator>().MigrateAsync(target, cancellationToken);
        if (target is null)
        {
            await TemplateCatalogue.SeedAsync(db, cancellationToken);
        }
    }

    /// <summary>Drops everything and starts anew: for development only, the caller sees to that.</summary>
    public static async Task ResetAsync(SolacoreDb db, CancellationToken cancellationToken)
    {
        await db.Database.EnsureDeletedAsync(cancellationToken);
        await MigrateAsync(db, target: null, cancellationToken);
    }

    /// <summary>True when the database has every migration that this code knows; a newer one is fine.</summary>
    public static async Task<bool> IsCurrentAsync(SolacoreDb db, CancellationToken cancellationToken) =>
        !(await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any();
}
