using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
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

        Assert.Equal(3, await LockRowsAsync(services));
    }

    [Fact]
    public async Task a_plan_from_when_a_table_was_empty_is_not_kept()
    {
        await using var services = Connect();
        for (var n = 0; n < Often; n++)
        {
            await using var scope = services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<SolacoreDb>();

            // Another user of the same connection each time, and not the first one only.
            Assert.Equal("force_custom_plan", (await db.Database.SqlQuery<string>($"""select current_setting('plan_cache_mode') as "Value" """).ToListAsync()).Single());
        }
    }

    private ServiceProvider Connect() => new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddMetrics()
        .AddSolacoreData(new ConnectionSettings(database.ConnectionString, DatabaseDirect: null, Redis: null) { PoolSize = 1 })
        .BuildServiceProvider();

    /// <returns>How many statements with a lock the session knows by now.</returns>
    private static async Task<int> LockRowsAsync(ServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SolacoreDb>();
        var nobody = Guid.CreateVersion7();
        await using var transaction = await db.Database.BeginTransactionAsync();
        Assert.Null(await StepMoves.LockAsync(db, nobody, CancellationToken.None));
        Assert.Null(await StepMoves.LockAsync(db, nobody, nobody, CancellationToken.None));
        Assert.Empty(await Plans.Locked(db, [nobody]).ToListAsync());
        return (await db.Database.SqlQuery<int>(
            $"""select count(*)::int as "Value" from pg_prepared_statements where statement like '%for%update%' and statement not like '%pg_prepared%'""").ToListAsync()).Single();
    }
}
