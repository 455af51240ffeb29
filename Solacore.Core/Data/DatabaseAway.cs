using System.Data.Common;
using System.Net.Sockets;
using Npgsql;

namespace Solacore.Core.Data;

/// <summary>Failures that say nothing of the request or the statement: the database itself cannot be had.</summary>
public static class DatabaseAway
{
    private static readonly string[] AwayClasses = ["08", "28", "53", "57P"];

    /// <summary>
    /// True when Postgres cannot be reached, is starting or stopping, has no connection left, does not let us in or takes no
    /// writes. EF Core wraps the driver's exception once or twice, so the whole chain counts.
    /// </summary>
    public static bool Is(Exception exception)
    {
        foreach (var e in exception.Chain())
        {
            switch (e)
            {
                // 08: connection; 28: account or password; 53: resources, such as too many connections; 57P: shutdown, crash,
                // starting. And a database that is not there, that accepts no connections, or that can only be read.
                case PostgresException postgres:
                    return postgres.SqlState is PostgresErrorCodes.InvalidCatalogName
                            or PostgresErrorCodes.ObjectNotInPrerequisiteState
                            or PostgresErrorCodes.ReadOnlySqlTransaction
                        || AwayClasses.Any(known => postgres.SqlState.StartsWith(known, StringComparison.Ordinal));
                case NpgsqlException { InnerException: SocketException or IOException or TimeoutException or null }:
                    return true;
            }
        }

        return false;
    }

    /// <summary>The code that Postgres or the network gave, such as <c>28P01</c> or <c>ConnectionRefused</c>: it names no host and nobody.</summary>
    public static string Reason(Exception exception) => exception.Chain()
        .Select(e => e switch
        {
            DbException { SqlState: { } state } => state,
            SocketException socket => socket.SocketErrorCode.ToString(),
            _ => null,
        })
        .FirstOrDefault(code => code is not null) ?? exception.GetType().Name;
}
