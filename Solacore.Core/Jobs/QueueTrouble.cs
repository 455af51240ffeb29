using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;
using Solacore.Core.Data;

namespace Solacore.Core.Jobs;

/// <summary>What the parts of the queue do when a step fails: they say so, and try again later.</summary>
internal sealed partial class QueueTrouble(NpgsqlDataSource dataSource, ILogger logger)
{
    /// <summary>Whether the database is the cause.</summary>
    public static bool Is(Exception e) => e.Chain().Any(inner => inner is DbException or TimeoutException or IOException or SocketException);

    /// <summary>The idle connections of the pool are as dead, or as mute, as this one: each would fail one more step.</summary>
    public void Note(string step, Exception e)
    {
        if (!Is(e) && e is not OperationCanceledException)
        {
            LogStepFailed(logger, step, e);
            return;
        }

        LogDatabaseTrouble(logger, step, ErrorClass.Of(e));
        if (Transient.IsConnectionDead(e) || e.InnerException is TimeoutException)
        {
            dataSource.Clear();
        }
    }

    [LoggerMessage(2010, LogLevel.Warning, "The queue cannot reach the database ({Step}: {Error}); it tries again")]
    private static partial void LogDatabaseTrouble(ILogger logger, string step, string error);

    [LoggerMessage(2017, LogLevel.Error, "A step of the queue failed ({Step}); it is tried again")]
    private static partial void LogStepFailed(ILogger logger, string step, Exception e);
}
