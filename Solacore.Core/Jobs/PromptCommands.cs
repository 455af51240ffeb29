using Npgsql;

namespace Solacore.Core.Jobs;

/// <summary>Statements that a worker runs every second.</summary>
internal static class PromptCommands
{
    /// <summary>Seconds that such a statement may take: long before others think this worker dead.</summary>
    private const int Timeout = 5;

    public static NpgsqlCommand CreatePromptCommand(this NpgsqlDataSource dataSource, string sql)
    {
        var command = dataSource.CreateCommand(sql);
        command.CommandTimeout = Timeout;
        return command;
    }
}
