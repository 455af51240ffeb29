using Npgsql;

namespace Solacore.Core.Jobs;

/// <summary>Statements that a worker runs every second.</summary>
internal static class QuickCommands
{
    /// <summary>Seconds that such a statement may take: long before others think this worker dead.</summary>
    private const int Timeout = 5;

    public static NpgsqlCommand CreateQuickCommand(this NpgsqlDataSource dataSource, string sql)
    {
        var command = dataSource.CreateCommand(sql);
        command.CommandTimeout = Timeout;
        return command;
    }
}
