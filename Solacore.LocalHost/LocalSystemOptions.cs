using System.Globalization;
using System.Net;

namespace Solacore.LocalHost;

/// <summary>How the system on this machine runs.</summary>
/// <param name="ApiPort">Port on which the api listens for clients.</param>
/// <param name="DataDirectory">Folder of the databases and of the generated secrets.</param>
/// <param name="Address">Where the services are asked: the address that they listen on, 127.0.0.1 when they listen on all.</param>
internal sealed record LocalSystemOptions(int ApiPort, string DataDirectory, IPAddress Address)
{
    /// <summary>Reads the command line.</summary>
    /// <exception cref="ServiceFailedException">It cannot be read; the message says what is wrong.</exception>
    public static LocalSystemOptions Parse(IReadOnlyList<string> arguments, ServiceEnvironment environment)
    {
        var port = environment.Find(SettingNames.Port);
        var dataDirectory = Path.Combine(BuildOutput.RepositoryRoot, ".local");
        foreach (var option in arguments.Chunk(2))
        {
            switch (option)
            {
                case ["--port", { Length: > 0 } value]:
                    port = value;
                    break;
                case ["--data", { Length: > 0 } value]:
                    dataDirectory = Path.GetFullPath(value);
                    break;
                case ["--port" or "--data", ..]:
                    throw new ServiceFailedException($"{option[0]} needs a value. Options: ./run --help");
                default:
                    throw new ServiceFailedException($"Unknown option {option[0]}. Options: ./run --help");
            }
        }

        return new(port is null ? SystemNames.DefaultApiPort : ParsePort(port), dataDirectory, AddressOf(environment.Find(SettingNames.Host)));
    }

    /// <summary>What is wrong with a host that is no address, the services themselves say.</summary>
    private static IPAddress AddressOf(string? host) =>
        IPAddress.TryParse(host, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) ? address : IPAddress.Loopback;

    private static int ParsePort(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65_535
            ? port
            : throw new ServiceFailedException($"\"{text}\" is not a port: a number from 1 to 65535 is.");
}
