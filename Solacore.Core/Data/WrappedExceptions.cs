using System.Data.Common;
using System.Net.Sockets;

namespace Solacore.Core.Data;

/// <summary>EF Core and its retries wrap the driver's exception, once or more often.</summary>
public static class WrappedExceptions
{
    /// <summary>The exception and all that it wraps, from the outside in.</summary>
    public static IEnumerable<Exception> Chain(this Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            yield return e;
        }
    }

    /// <summary>
    /// What may be logged of an exception: its class and the code that the database or the network gave, as in
    /// <c>PostgresException 28P01</c> or <c>NpgsqlException HostNotFound</c>. Never its text, which may hold data.
    /// </summary>
    public static string Class(this Exception exception)
    {
        var code = exception.Chain().Select(e => e is SocketException socket ? socket.SocketErrorCode.ToString() : (e as DbException)?.SqlState).FirstOrDefault(code => code is not null);
        return code is null ? exception.GetType().Name : $"{exception.GetType().Name} {code}";
    }
}
