using System.Data.Common;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Solacore.Core.Data;
using Solacore.Core.Settings;
using Solacore.Core.Solve;

namespace Solacore.Worker.Migrations;

/// <summary>
/// <c>migrate</c> brings the database to the newest version; <c>migrate --to NAME</c> to another one and <c>--to previous</c>
/// one step back, but only when that destroys nothing or <c>--discard</c> says that it may; <c>migrate --reset</c> drops it
/// first and is refused outside development.
/// </summary>
internal static class MigrateCommand
{
    private const string Previous = "previous";
    private const string Usage = $"Usage: {SystemNames.MigrateCommand} [--to MIGRATION|{Previous} [--discard] | {SystemNames.ResetOption}]";

    /// <summary>How long tables that others hold, such as a backup, are waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>After each try; the services go on in it.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(string[] options)
    {
        if (CommandLine.AsksForHelp(options))
        {
            Console.WriteLine(Usage);
            return 0;
        }

        var configuration = new ConfigurationManager();
        configuration.AddEnvironmentVariables();
        configuration.AddDotEnv(".env");
        var settings = new SettingsReader(configuration);
        var connections = ConnectionSettings.Read(settings);
        if (options is [SystemNames.ResetOption] && !settings.Debug)
        {
            settings.Fail(SettingNames.Debug, "is off: only a development database can be reset");
        }

        if (!settings.AreUsable(Console.Error))
        {
            return 1;
        }

        // Schema changes take locks that a transaction-mode pooler cannot hold across statements.
        await using var dataSource = NpgsqlDataSource.Create(connections.DatabaseDirect ?? connections.Database);
        var builder = new DbContextOptionsBuilder<SolacoreDb>();
        DataRegistration.Configure(builder, dataSource);
        await using var db = new SolacoreDb(builder.Options);
        try
        {
            return await RunAsync(db, options);
        }
        catch (Exception e) when (e.Chain().Any(inner => inner is DbException))
        {
            var setting = connections.DatabaseDirect is { } direct && direct != connections.Database ? "DATABASE_DIRECT_URL" : "DATABASE_URL";
            await Console.Error.WriteLineAsync($"The database of {setting} cannot be migrated: {Reason(e)}");
            return 1;
        }
    }

    /// <summary>What the driver says, without what wraps it.</summary>
    private static string Reason(Exception e) => string.Join(": ", e.Chain()
        .SkipWhile(inner => inner is not DbException)
        .Select(inner => inner is PostgresException refusal ? $"{refusal.SqlState}: {refusal.MessageText}" : inner.Message)
        .Distinct(StringComparer.Ordinal));

    private static async Task<int> RunAsync(SolacoreDb db, string[] options)
    {
        switch (options)
        {
            case []:
                return await ChangeAsync(db, () => Migrator.MigrateAsync(db, TemplateCatalogue.SeedAsync, CancellationToken.None));
            case [SystemNames.ResetOption]:
                return await ChangeAsync(db, () => Migrator.ResetAsync(db, TemplateCatalogue.SeedAsync, CancellationToken.None));
            case ["--to", var target]:
                return await GoToAsync(db, target, mayDiscard: false);
            case ["--to", var target, "--discard"]:
                return await GoToAsync(db, target, mayDiscard: true);
            default:
                await Console.Error.WriteLineAsync(Usage);
                return CommandLine.NotUnderstood;
        }
    }

    private static async Task<int> GoToAsync(SolacoreDb db, string target, bool mayDiscard)
    {
        IReadOnlyList<string> losses;
        try
        {
            target = string.Equals(target, Previous, StringComparison.OrdinalIgnoreCase)
                ? await Migrator.PreviousAsync(db, CancellationToken.None)
                : target;
            losses = await Migrator.FindLossesAsync(db, target, CancellationToken.None);
        }
        catch (InvalidOperationException e) when (e.InnerException is null)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return CommandLine.NotUnderstood;
        }

        if (losses.Count > 0 && !mayDiscard)
        {
            await Console.Error.WriteLineAsync($"Going back to {target} would destroy:");
            foreach (var loss in losses)
            {
                await Console.Error.WriteLineAsync($"  - {loss}");
            }

            await Console.Error.WriteLineAsync(
                "Nothing was changed. The release before runs on this schema: deploy it and leave the schema as it is, or add --discard.");
            return 3;
        }

        return await ChangeAsync(db, () => Migrator.GoToAsync(db, target, CancellationToken.None));
    }

    private static async Task RetryAsync(Func<Task> change)
    {
        var since = Stopwatch.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            try
            {
                await change();
                return;
            }
            catch (Exception e) when (DatabaseErrors.IsLockTimeout(e) && Stopwatch.GetElapsedTime(since) < Patience)
            {
                if (tries == 1)
                {
                    Console.WriteLine($"A table is in use, by a backup or a long query; trying again for {Patience.TotalMinutes:0} minutes.");
                }

                await Task.Delay(Pause);
            }
        }
    }

    /// <summary>Tells where the database is afterwards, and that it is a new one: whoever mistyped its name sees it there.</summary>
    private static async Task<int> ChangeAsync(SolacoreDb db, Func<Task> change)
    {
        var isNew = !await db.GetService<IRelationalDatabaseCreator>().ExistsAsync();
        await RetryAsync(change);
        if (isNew)
        {
            Console.WriteLine($"Created the database {db.Database.GetDbConnection().Database}, which did not exist.");
        }

        Console.WriteLine($"The database is at {(await db.Database.GetAppliedMigrationsAsync()).Last()}.");
        return 0;
    }
}
