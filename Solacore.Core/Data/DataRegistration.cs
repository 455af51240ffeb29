using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Solacore.Core.Settings;

namespace Solacore.Core.Data;

public static class DataRegistration
{
    /// <summary>What metrics call the pool; without a name they would show the connection string.</summary>
    private const string PoolName = "solacore";

    /// <summary>Statements that a connection keeps prepared, the most used ones; more than a reply or a webhook takes.</summary>
    private const int MaxPrepared = 50;

    /// <summary>
    /// Postgres (context, data source) and the link to Redis. Who follows saves and commits registers an
    /// <see cref="IInterceptor"/>; they are asked in the order of their registration.
    /// </summary>
    public static IServiceCollection AddSolacoreData(this IServiceCollection services, ConnectionSettings connections)
    {
        services.AddSingleton(provider => Pool(connections).UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>()).Build());
        services.AddSingleton(_ => RedisLink.Open(connections.Redis));
        services.AddDbContextPool<SolacoreDb>((provider, options) => Configure(options, provider.GetRequiredService<NpgsqlDataSource>())
            .AddInterceptors(provider.GetServices<IInterceptor>()));
        return services;
    }

    /// <summary>
    /// Nothing that is done with a connection of the pool outlives its transaction (locks and settings are the transaction's
    /// own), so there is no session to reset before it is used again. The reset would throw Postgres' caches away before every
    /// query, and disturb another session behind a transaction-mode pooler. Where sessions are ours, what is asked again and
    /// again is prepared.
    /// </summary>
    private static NpgsqlDataSourceBuilder Pool(ConnectionSettings connections)
    {
        var pool = new NpgsqlDataSourceBuilder(connections.Database)
        {
            Name = PoolName,
            ConnectionStringBuilder = { MaxPoolSize = connections.PoolSize, NoResetOnClose = true },
        };
        if (!connections.IsPooled)
        {
            pool.ConnectionStringBuilder.MaxAutoPrepare = MaxPrepared;
            pool.UsePhysicalConnectionInitializer(
                connection =>
                {
                    using var set = SetUp(connection);
                    set.ExecuteNonQuery();
                },
                async connection =>
                {
                    await using var set = SetUp(connection);
                    await set.ExecuteNonQueryAsync();
                });
        }

        return pool;
    }

    // What is prepared finds a few rows by their keys, and to plan it takes longer than to run it; so its first plan is kept. It
    // has to suit tables that grow within seconds: indexes, row by row, also where a table is empty and would be read whole. The
    // planner counts what it is forbidden as endlessly dear, which must not make it compile. Once for each connection is enough,
    // because nothing resets it. Who asks for much at once uses Replanning.
    private const string KeepPlans =
        "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off";

    // A process that is frozen, or cut off, in the middle of a transaction keeps its locks for as long as the server waits for
    // it: the rows that others need to take its work over. None of ours stands still for a second.
    private const string EndIdleTransactions = "set idle_in_transaction_session_timeout = '15s'";

    private static NpgsqlCommand SetUp(NpgsqlConnection connection) => new($"{KeepPlans}; {EndIdleTransactions}", connection);

    /// <summary>The one place that says how the model maps to Postgres; tools and tests use it too.</summary>
    public static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, NpgsqlDataSource dataSource) => options
        .UseNpgsql(dataSource, npgsql => npgsql.SetPostgresVersion(15, 0))
        .UseSnakeCaseNamingConvention()
        .ReplaceService<IHistoryRepository, MigrationHistory>();
}
