using System.Data.Common;
using Microsoft.Extensions.Logging;
using Npgsql;
using Solacore.Core.Data;

namespace Solacore.Core.Jobs;

/// <summary>What the parts of the queue do when the database does not answer: they say so, and try again later.</summary>
internal sealed partial class QueueTrouble(NpgsqlDataSource dataSource, ILogger logger)
{
    public static bool Is(Exception e) => e is DbException or TimeoutException or System.IO.IOException;

    /// <summary>The idle connections of the pool are as dead, or as mute, as this one: each would fail one more step.</summary>
    public void Note(string step, Exception e)
    {
        LogDatabaseTrouble(logger, step, e.GetType().Name);
        if (Transient.IsConnectionDead(e) || e.InnerException is TimeoutException)
        {
            dataSource.Clear();
        }
    }

    [LoggerMessage(2010, LogLevel.Warning, "The queue cannot reach the database ({Step}: {Error}); it tries again")]
    private static partial void LogDatabaseTrouble(ILogger logger, string step, string error);
}
