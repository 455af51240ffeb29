using System.Data.Common;
using System.Net.Sockets;
using Npgsql;

namespace Solacore.Core.Data;

/// <summary>Troubles of the database that pass by themselves, such as a restart or a cut connection.</summary>
public static class Transient
{
    /// <summary>True when the driver says so, however deeply its exception is wrapped.</summary>
    public static bool Is(Exception exception) => exception.Chain().Any(e => e is DbException { IsTransient: true });

    /// <summary>True when the connection is gone, and with it probably every idle one of the pool.</summary>
    public static bool IsConnectionDead(Exception exception) => exception.Chain().Any(e =>
        e is SocketException or IOException || (e is PostgresException postgres && postgres.SqlState.StartsWith("57P", StringComparison.Ordinal)));
}
