using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Solacore.Core.Accounts;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Settings;
using Solacore.Core.Solve;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Ops;

/// <summary>What is asked often is prepared, and stays valid when a deployment adds columns under a running process.</summary>
public sealed class PreparedStatementTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    /// <summary>From here on the driver prepares what it has sent so often.</summary>
    private const int Often = 6;

    [Fact]
    public async Task a_row_is_still_found_and_locked_after_a_migration_added_a_column_to_its_table()
    {
        await using var services = Connect();
        for (var n = 0; n < Often; n++)
        {
            await LockRowsAsync(services);
        }

        await database.ExecuteAsync("alter table solve_sessions add column of_the_next_release text");
        await database.ExecuteAsync("alter table subscriptions add column of_the_next_release text");
        await database.ExecuteAsync("alter table users add column of_the_next_release text");

        Assert.Equal(3, await LockRowsAsync(services));
    }

    [Fact]
    public async Task a_plan_from_when_the_tables_were_empty_suits_them_when_they_are_full()
    {
        await using var services = Connect();
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SolacoreDb>();

        // So that Postgres knows how empty they are.
        await database.ExecuteAsync("vacuum analyze turns, solve_sessions, solve_profiles, messages, users, subscriptions, devices");
        for (var n = 0; n < Often; n++)
        {
            Assert.Null(await new SolveReplyStore(db).ReadAsync(Guid.CreateVersion7(), CancellationToken.None));
        }

        var plan = await ReadAsync(db, $"explain execute {await StatementAsync(db, "name")} ('{Guid.Empty}')");

        Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Hash", plan, StringComparison.Ordinal);
        Assert.Equal("true", await StatementAsync(db, "custom_plans = 0 and generic_plans > 0"));
    }

    [Fact]
    public async Task a_search_is_planned_for_its_person_and_leaves_the_connection_as_it_was()
    {
        await using var services = Connect();
        for (var n = 0; n < Often; n++)
        {
            await using var scope = services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<SolacoreDb>();

            Assert.Equal(0, (await SessionList.ReadAsync(db, Guid.CreateVersion7(), new SessionFilter(), "words", limit: 20, offset: 0, CancellationToken.None)).Total);

            // Another user of the same connection each time, and not the first one only.
            Assert.Equal("force_generic_plan", await SettingAsync(db, "plan_cache_mode"));
            Assert.Equal("off", await SettingAsync(db, "enable_hashjoin"));
        }
    }

    private static Task<string> SettingAsync(SolacoreDb db, string name) => ReadAsync(db, $"select current_setting('{name}')");

    /// <summary>What the session knows of the statement by which a turn is read.</summary>
    private static Task<string> StatementAsync(SolacoreDb db, string what) =>
        ReadAsync(db, $"select ({what})::text from pg_prepared_statements where statement ilike '%from turns%solve_profiles%' and statement not like '%pg_prepared%'");

    private static async Task<string> ReadAsync(SolacoreDb db, string sql)
    {
        await db.Database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(sql, (NpgsqlConnection)db.Database.GetDbConnection());
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        await db.Database.CloseConnectionAsync();
        return string.Join('\n', lines);
    }

    private ServiceProvider Connect() => new ServiceCollection().AddLogging()
        .AddSolacoreData(new ConnectionSettings(database.ConnectionString, DatabaseDirect: null, Redis: null) { PoolSize = 1 })
        .BuildServiceProvider();

    /// <returns>How many statements with a lock the session knows by now.</returns>
    private static async Task<int> LockRowsAsync(ServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SolacoreDb>();
        var nobody = Guid.CreateVersion7();
        await using var transaction = await db.Database.BeginTransactionAsync();
        Assert.Null(await new SolveReplyStore(db).LockAsync(nobody, CancellationToken.None));
        Assert.Null(await StepMoves.LockAsync(db, nobody, nobody, CancellationToken.None));
        Assert.Empty(await Plans.Locked(db, [nobody]).ToListAsync());
        Assert.Null(await new UserAccounts(db, TimeProvider.System).FindAsync("nobody@example.com", CancellationToken.None));
        return (await db.Database.SqlQuery<int>(
            $"""select count(*)::int as "Value" from pg_prepared_statements where statement like '%for%update%' and statement not like '%pg_prepared%'""").ToListAsync()).Single();
    }
}
