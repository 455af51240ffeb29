using System.Data.Common;
using System.Net.Sockets;

namespace Solacore;

// What may be told of an exception: its class and the code that the database or the network gave, as in "PostgresException 28P01" or
// "NpgsqlException HostNotFound". Never its text: messages of drivers name hosts, users and sometimes values. The health of a service
// and the queue tell it alike, so ServiceDefaults compiles this very file.
internal static class ErrorClass
{
    public static string Of(Exception exception)
    {
        var type = exception.GetType().Name;
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case DbException { SqlState: { } state }:
                    return $"{type} {state}";
                case SocketException socket:
                    return $"{type} {socket.SocketErrorCode}";
            }
        }

        return type;
    }
}
