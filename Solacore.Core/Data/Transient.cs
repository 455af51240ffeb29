using System.Data.Common;
using System.Net.Sockets;
using Npgsql;

namespace Solacore.Core.Data;

/// <summary>Troubles of the database that pass by themselves, such as a restart or a cut connection.</summary>
public static class Transient
{
    /// <summary>The server ended a session that stood still inside a transaction; see <see cref="DataRegistration"/>.</summary>
    private const string IdleInTransaction = "25P03";

    /// <summary>True when the driver says so, however deeply its exception is wrapped.</summary>
    public static bool Is(Exception exception) => exception.Chain().Any(e => e is DbException { IsTransient: true } or PostgresException { SqlState: IdleInTransaction });

    /// <summary>
    /// True when the connection is gone or leads to a server that takes no writes, such as the primary of before a fail-over, and
    /// with it probably every idle one of the pool.
    /// </summary>
    public static bool IsConnectionDead(Exception exception) => exception.Chain().Any(e =>
        e is SocketException or IOException
        || (e is PostgresException { SqlState: var state }
            && (state is IdleInTransaction or PostgresErrorCodes.ReadOnlySqlTransaction || state.StartsWith("57P", StringComparison.Ordinal))));
}
