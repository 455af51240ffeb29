using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Storage;

namespace Solacore.Core.Data;

/// <summary>Brings the database to a version and tells which one it has.</summary>
public static class Migrator
{
    /// <summary>
    /// Creates the database if it is missing, brings it to the newest version and its built-in rows up to date. Several
    /// processes may call it at once: one works, the others wait and find nothing left to do.
    /// </summary>
    /// <param name="seed">Writes the built-in rows, over those of earlier releases.</param>
    public static async Task MigrateAsync(SolacoreDb db, Func<SolacoreDb, CancellationToken, Task> seed, CancellationToken cancellationToken)
    {
        await GoToAsync(db, target: null, cancellationToken);
        await seed(db, cancellationToken);
    }

    /// <summary>Brings the database to a version, whose built-in rows it leaves alone.</summary>
    /// <param name="target">A migration's name, also an older one; null: the newest.</param>
    public static Task GoToAsync(SolacoreDb db, string? target, CancellationToken cancellationToken)
    {
        // A table rewrite on a large database takes longer than any request may.
        db.Database.SetCommandTimeout(TimeSpan.FromHours(1));
        return db.GetService<IMigrator>().MigrateAsync(target, cancellationToken);
    }

    /// <summary>The migration before the newest one that the database has: where a rollback by one step leads to.</summary>
    /// <exception cref="InvalidOperationException">There is no step to go back.</exception>
    public static async Task<string> PreviousAsync(SolacoreDb db, CancellationToken cancellationToken) =>
        await db.Database.GetAppliedMigrationsAsync(cancellationToken) is var applied && applied.ToList() is [.., var previous, _]
            ? previous
            : throw new InvalidOperationException("The database has no earlier version.");

    /// <summary>
    /// What the way back to a migration would destroy: tables and columns that later migrations added and that hold
    /// something by now. The release before runs on the newer schema as well, so nothing has to be destroyed to go back to it.
    /// </summary>
    /// <param name="target">A migration's name or id; one that the database does not have yet destroys nothing.</param>
    /// <exception cref="InvalidOperationException">
    /// This release knows no such migration, or not the newest one that the database has: the way back from it is written in its own code.
    /// </exception>
    /// <returns>A line for each, such as <c>20260131_Notes: users.note holds 12 values</c>.</returns>
    public static async Task<IReadOnlyList<string>> FindLossesAsync(SolacoreDb db, string target, CancellationToken cancellationToken)
    {
        var assembly = db.GetService<IMigrationsAssembly>();
        var applied = (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList();
        if (applied.LastOrDefault(id => !assembly.Migrations.ContainsKey(id)) is { } unknown)
        {
            // The way there would pass over it without a word, and the database would stay where it is.
            throw new InvalidOperationException($"This release does not know {unknown}: run this with the image that brought {unknown}.");
        }

        var to = assembly.FindMigrationId(target) ?? throw new InvalidOperationException($"There is no migration {target}.");
        var losses = new List<string>();
        foreach (var id in applied.Where(id => string.CompareOrdinal(id, to) > 0).Reverse())
        {
            var migration = assembly.CreateMigration(assembly.Migrations[id], db.Database.ProviderName!);
            foreach (var operation in migration.DownOperations)
            {
                if (await FindLossAsync(db, operation, cancellationToken) is { } loss)
                {
                    losses.Add($"{id}: {loss}");
                }
            }
        }

        return losses;
    }

    private static async Task<string?> FindLossAsync(SolacoreDb db, MigrationOperation operation, CancellationToken cancellationToken)
    {
        var helper = db.GetService<ISqlGenerationHelper>();
        var (what, count, query) = operation switch
        {
            DropTableOperation table => (table.Name, "rows", $"select count(*) as \"Value\" from {helper.DelimitIdentifier(table.Name, table.Schema)}"),
            DropColumnOperation column => (
                $"{column.Table}.{column.Name}",
                "values",
                $"select count(*) as \"Value\" from {helper.DelimitIdentifier(column.Table, column.Schema)} where {await HoldsSomethingAsync(db, column, cancellationToken)}"),
            _ => ("", "", ""),
        };
        if (query.Length == 0)
        {
            return null;
        }

        var held = (await db.Database.SqlQueryRaw<long>(query).ToListAsync(cancellationToken))[0];
        return held == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{what} holds {held} {count}");
    }

    /// <summary>A value that the database itself would put there again is none.</summary>
    private static async Task<string> HoldsSomethingAsync(SolacoreDb db, DropColumnOperation column, CancellationToken cancellationToken)
    {
        var name = db.GetService<ISqlGenerationHelper>().DelimitIdentifier(column.Name);
        var defaults = await db.Database.SqlQuery<string>(
            $"""
            select case when is_generated = 'ALWAYS' or is_identity = 'YES' then 'computed' else coalesce(column_default, 'null') end as "Value"
            from information_schema.columns
            where table_schema = coalesce({column.Schema}, 'public') and table_name = {column.Table} and column_name = {column.Name}
            """).ToListAsync(cancellationToken);
        return defaults is ["computed"] or [] ? "false" : $"{name} is distinct from ({defaults[0]})";
    }

    /// <summary>Drops everything and starts anew: for development only, the caller sees to that.</summary>
    public static async Task ResetAsync(SolacoreDb db, Func<SolacoreDb, CancellationToken, Task> seed, CancellationToken cancellationToken)
    {
        await db.Database.EnsureDeletedAsync(cancellationToken);
        await MigrateAsync(db, seed, cancellationToken);
    }

    /// <summary>True when the database has every migration that this code knows; a newer one is fine.</summary>
    public static async Task<bool> IsCurrentAsync(SolacoreDb db, CancellationToken cancellationToken) =>
        await FindProblemAsync(db, cancellationToken) is null;

    /// <summary>What to do about a database that lacks a migration; null when it has all that this code knows.</summary>
    public static async Task<string?> FindProblemAsync(SolacoreDb db, CancellationToken cancellationToken)
    {
        var applied = (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList();
        return db.Database.GetMigrations().Except(applied, StringComparer.OrdinalIgnoreCase).LastOrDefault() is { } needed
            ? $"is at {applied.LastOrDefault() ?? "no version"}, needs {needed}: run {SystemNames.MigrateCommand}"
            : null;
    }
}
