namespace Solacore.LocalHost;

/// <summary>Where the Postgres of the local system keeps its data.</summary>
internal static class PostgresDirectory
{
    private const string SystemData = "/var/lib/solacore";

    /// <summary>
    /// The folder <c>postgres</c> of the data directory. When root works in a place that the server's account may not enter
    /// (a clone in root's home, say), that is a link to a folder which it may: deleting the data directory still means
    /// starting afresh.
    /// </summary>
    public static string In(string dataDirectory)
    {
        var directory = Path.Combine(dataDirectory, "postgres");
        if (new DirectoryInfo(directory).LinkTarget is { } target && Directory.Exists(target))
        {
            return target;
        }

        if (Directory.Exists(directory) || UnixAccount.ToStepDownTo() is null || PostgresServer.ClosedParent(directory) is null)
        {
            return directory;
        }

        File.Delete(directory);
        var reachable = Directory.CreateDirectory(Path.Combine(SystemData, Guid.CreateVersion7().ToString("n"))).FullName;
        Directory.CreateSymbolicLink(directory, reachable);
        return reachable;
    }
}
