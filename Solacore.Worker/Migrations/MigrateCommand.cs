using Microsoft.EntityFrameworkCore;
using Npgsql;
using Solacore.Core.Data;
using Solacore.Core.Settings;

namespace Solacore.Worker.Migrations;

/// <summary>
/// <c>migrate</c> brings the database to the newest version; <c>migrate --to NAME</c> to another one; <c>migrate --reset</c>
/// drops it first and is refused outside development.
/// </summary>
internal static class MigrateCommand
{
    public static async Task<int> RunAsync(string[] options)
    {
        var configuration = new ConfigurationManager();
        configuration.AddEnvironmentVariables();
        configuration.AddDotEnv(".env");
        var settings = new SettingsReader(configuration);
        var connections = ConnectionSettings.Read(settings);
        if (options is ["--reset"] && !settings.Debug)
        {
            settings.Fail("DEBUG", "is off: only a development database can be reset");
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
        switch (options)
        {
            case []:
                await Migrator.MigrateAsync(db, target: null, CancellationToken.None);
                break;
            case ["--reset"]:
                await Migrator.ResetAsync(db, CancellationToken.None);
                break;
            case ["--to", var target]:
                await Migrator.MigrateAsync(db, target, CancellationToken.None);
                break;
            default:
                await Console.Error.WriteLineAsync("Usage: migrate [--to MIGRATION | --reset]");
                return 2;
        }

        Console.WriteLine($"The database is at {(await db.Database.GetAppliedMigrationsAsync()).Last()}.");
        return 0;
    }
}
