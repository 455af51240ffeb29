using System.Globalization;

namespace Solacore.LocalHost;

/// <summary>How the system on this machine runs.</summary>
/// <param name="ApiPort">Port on which the api listens for clients.</param>
/// <param name="DataDirectory">Folder of the databases and of the generated secrets.</param>
internal sealed record LocalSystemOptions(int ApiPort, string DataDirectory)
{
    public const string Usage =
        """
        Usage: ./run [--port PORT] [--data DIR] [--no-build]

          --port PORT   port of the api; else PORT from the environment or from .env, else 8000
          --data DIR    folder of the databases and of the generated secrets; .local when not given
          --no-build    start what was built last

        Settings come from the environment, then from .env; databases and Redis are always its own. It listens on this machine
        alone; HOST=0.0.0.0 ./run opens the api to the network, and its metrics and operator routes with it.
        """;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ServiceFailedException">It cannot be read; the message says what is wrong and how it is used.</exception>
    public static LocalSystemOptions Parse(IReadOnlyList<string> arguments, ServiceEnvironment environment)
    {
        var port = environment.Find(SettingNames.Port);
        var dataDirectory = Path.Combine(BuildOutput.RepositoryRoot, ".local");
        foreach (var option in arguments.Chunk(2))
        {
            switch (option)
            {
                case ["--port", var value]:
                    port = value;
                    break;
                case ["--data", { Length: > 0 } value]:
                    dataDirectory = Path.GetFullPath(value);
                    break;
                default:
                    throw new ServiceFailedException($"\"{string.Join(' ', option)}\" says nothing to me.\n\n{Usage}");
            }
        }

        return new(port is null ? SystemNames.DefaultApiPort : ParsePort(port), dataDirectory);
    }

    private static int ParsePort(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65_535
            ? port
            : throw new ServiceFailedException($"\"{text}\" is not a port: a number from 1 to 65535 is.");
}
