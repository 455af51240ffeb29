using Microsoft.EntityFrameworkCore;
using Npgsql;
using Solacore.Core.Data;
using Solacore.Core.Solve;

namespace Solacore.Tests.Infrastructure;

/// <summary>A migrated database of a test class's own, cloned from a template that is migrated once per run.</summary>
public sealed class TestDatabase : IAsyncLifetime
{
    private const string Template = "solacore_template";

    private static readonly Lazy<Task> TemplateReady = new(MigrateTemplateAsync);

    private NpgsqlDataSource? _dataSource;

    public string ConnectionString { get; private set; } = "";

    public NpgsqlDataSource DataSource => _dataSource ?? throw new InvalidOperationException("The database is not created yet.");

    public async ValueTask InitializeAsync()
    {
        await TemplateReady.Value;
        var postgres = await SharedServers.Postgres;
        var name = $"test_{Guid.CreateVersion7():n}";
        await postgres.CreateDatabaseAsync(name, Template);
        ConnectionString = postgres.ConnectionString(name);
        _dataSource = NpgsqlDataSource.Create(ConnectionString);
    }

    public SolacoreDb Open() => Open(DataSource);

    private static SolacoreDb Open(NpgsqlDataSource dataSource)
    {
        var options = new DbContextOptionsBuilder<SolacoreDb>();
        DataRegistration.Configure(options, dataSource);
        return new SolacoreDb(options.Options);
    }

    /// <summary>The single value of a query, for looking at what was stored.</summary>
    public async Task<T> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = DataSource.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter);
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Whether a session waits for a lock that another one holds.</summary>
    public Task<bool> HasWaiterAsync() => ScalarAsync<bool>(
        "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')");

    public async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = DataSource.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter);
        }

        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_dataSource is not null)
        {
            await _dataSource.DisposeAsync();
        }
    }

    private static async Task MigrateTemplateAsync()
    {
        var postgres = await SharedServers.Postgres;

        // Unpooled: a template can only be cloned while nobody is connected to it.
        await using var dataSource = NpgsqlDataSource.Create(postgres.ConnectionString(Template) + ";Pooling=false");
        await using var db = Open(dataSource);
        await Migrator.MigrateAsync(db, TemplateCatalogue.SeedAsync, CancellationToken.None);
    }
}
