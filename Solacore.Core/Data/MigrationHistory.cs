using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql.EntityFrameworkCore.PostgreSQL.Migrations.Internal;

namespace Solacore.Core.Data;

// Deriving from the provider's own is how EF Core wants its table of migrations changed:
// https://learn.microsoft.com/ef/core/managing-schemas/migrations/history-table
#pragma warning disable EF1001

/// <summary>
/// Lets migrations run beside services and backups. EF Core would lock the table of migrations against readers, so that no
/// service could tell whether its schema is new enough, and would wait for any table without an end, with all who want to
/// read it in line behind.
/// </summary>
internal sealed class MigrationHistory(HistoryRepositoryDependencies dependencies) : NpgsqlHistoryRepository(dependencies)
{
    // Excludes itself and the lock of EF Core, and no reader. What the migrations change afterwards must be free soon.
    private string LockSql =>
        $"""
        lock table {Dependencies.SqlGenerationHelper.DelimitIdentifier(TableName, TableSchema)} in share update exclusive mode;
        set local lock_timeout = '3s'
        """;

    public override IMigrationsDatabaseLock AcquireDatabaseLock()
    {
        Dependencies.RawSqlCommandBuilder.Build(LockSql).ExecuteNonQuery(Parameters());
        return new UntilCommit(this);
    }

    public override async Task<IMigrationsDatabaseLock> AcquireDatabaseLockAsync(CancellationToken cancellationToken = default)
    {
        await Dependencies.RawSqlCommandBuilder.Build(LockSql).ExecuteNonQueryAsync(Parameters(), cancellationToken);
        return new UntilCommit(this);
    }

    private RelationalCommandParameterObject Parameters() =>
        new(Dependencies.Connection, null, null, Dependencies.CurrentContext.Context, Dependencies.CommandLogger, CommandSource.Migrations);

    /// <summary>The lock goes with its transaction.</summary>
    private sealed class UntilCommit(IHistoryRepository history) : IMigrationsDatabaseLock
    {
        public IHistoryRepository HistoryRepository => history;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
