using System.Data.Common;
using System.Net.Sockets;

namespace Solacore;

// What may be told of an exception: its class and the code that the database or the network gave, as in "PostgresException 28P01" or
// "NpgsqlException HostNotFound". Never its text: messages of drivers name hosts, users and sometimes values. The health of a service
// and the queue tell it alike, so ServiceDefaults compiles this very file.
internal static class ErrorClass
{
    public static string Of(Exception exception) =>
        exception.GetType().Name + (CodeOf(exception) is { } code ? " " + code : "");

    // The code alone; null when nobody gave one.
    public static string? CodeOf(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case DbException { SqlState: { } state }:
                    return state;
                case SocketException socket:
                    return socket.SocketErrorCode.ToString();
            }
        }

        return null;
    }
}
