using System.Globalization;

namespace Solacore.LocalHost;

/// <summary>A server of an earlier run, found by its pid file.</summary>
internal static class Leftover
{
    /// <summary>
    /// Whether the process that wrote <paramref name="pidFile"/> still runs. A pid alone proves nothing, because pids are used
    /// again: the process must also have <paramref name="argument"/> on its command line.
    /// </summary>
    public static async Task<int?> FindAsync(string pidFile, string argument, CancellationToken cancellationToken)
    {
        if (!File.Exists(pidFile))
        {
            return null;
        }

        var firstLine = (await File.ReadAllLinesAsync(pidFile, cancellationToken)).FirstOrDefault();
        return int.TryParse(firstLine, NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
            && await ArgumentsAsync(processId, cancellationToken) is { } arguments
            && arguments.Contains(argument, StringComparison.Ordinal)
                ? processId
                : null;
    }

    private static async Task<string?> ArgumentsAsync(int processId, CancellationToken cancellationToken)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                return await File.ReadAllTextAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/cmdline"), cancellationToken);
            }

            string[] arguments = ["-o", "args=", "-p", processId.ToString(CultureInfo.InvariantCulture)];
            return string.Join('\n', await ServiceProcess.RunToEndAsync(new("ps", "ps", arguments), cancellationToken));
        }
        catch (Exception gone) when (gone is IOException or ServiceFailedException)
        {
            return null;
        }
    }
}
