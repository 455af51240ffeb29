using System.Data.Common;
using System.Net.Sockets;
using Npgsql;

namespace Solacore.Core.Data;

/// <summary>
/// What an exception says about the database. EF Core and its retries wrap the driver's exception, once or more often, so each
/// question looks at the whole chain.
/// </summary>
public static class DatabaseErrors
{
    /// <summary>The server ended a session that stood still inside a transaction; see <see cref="DataRegistration"/>.</summary>
    private const string IdleInTransaction = "25P03";

    // 08: connection; 28: account or password; 53: resources, such as too many connections; 57P: shutdown, crash, starting.
    private static readonly string[] AwayClasses = ["08", "28", "53", "57P"];

    /// <summary>The exception and all that it wraps, from the outside in.</summary>
    public static IEnumerable<Exception> Chain(this Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            yield return e;
        }
    }

    /// <summary>True when the database or the way to it is the cause, and not the code.</summary>
    public static bool IsFromDatabase(Exception exception) =>
        exception.Chain().Any(e => e is DbException or TimeoutException or IOException or SocketException);

    /// <summary>True for a trouble that passes by itself, such as a restart or a cut connection.</summary>
    public static bool IsTransient(Exception exception) =>
        exception.Chain().Any(e => e is DbException { IsTransient: true } or PostgresException { SqlState: IdleInTransaction });

    /// <summary>
    /// True when Postgres cannot be reached, is starting or stopping, has no connection left, does not let us in or takes no
    /// writes: that says nothing of the request or the statement.
    /// </summary>
    public static bool IsAway(Exception exception)
    {
        foreach (var e in exception.Chain())
        {
            switch (e)
            {
                // And a database that is not there, that accepts no connections, or that can only be read.
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

    /// <summary>
    /// True when the connection is gone or leads to a server that takes no writes, such as the primary of before a fail-over, and
    /// with it probably every idle one of the pool.
    /// </summary>
    public static bool IsConnectionDead(Exception exception) => exception.Chain().Any(e =>
        e is SocketException or IOException
        || (e is PostgresException { SqlState: var state }
            && (state is IdleInTransaction or PostgresErrorCodes.ReadOnlySqlTransaction || state.StartsWith("57P", StringComparison.Ordinal))));

    /// <summary>True for the one of two transactions waiting for one another that Postgres ended.</summary>
    public static bool IsDeadlock(Exception exception) =>
        exception.Chain().Any(e => e is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected });

    /// <summary>True when somebody else held what a statement may only wait for a moment.</summary>
    public static bool IsLockTimeout(Exception exception) =>
        exception.Chain().Any(e => e is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable });

    /// <summary>The code that Postgres or the network gave, such as <c>28P01</c> or <c>ConnectionRefused</c>: it names no host and nobody.</summary>
    public static string CodeOf(Exception exception) => ErrorClass.CodeOf(exception) ?? exception.GetType().Name;
}
