using System.Globalization;

namespace Solacore.LocalHost;

/// <summary>One installation of Postgres' server programs.</summary>
internal sealed record PostgresBinaries(string Directory, int MajorVersion)
{
    private const int OldestMajorVersion = 15;

    public string PathOf(string program) => Path.Combine(Directory, program);

    /// <summary>
    /// The newest installation, or the one of <paramref name="requiredMajorVersion"/>: a data directory belongs to the
    /// major version that made it.
    /// </summary>
    /// <exception cref="ServiceFailedException">There is none; the message says what to install.</exception>
    public static async Task<PostgresBinaries> FindAsync(int? requiredMajorVersion, CancellationToken cancellationToken)
    {
        var found = new List<PostgresBinaries>();
        foreach (var directory in Candidates().Distinct(StringComparer.Ordinal))
        {
            if (File.Exists(Path.Combine(directory, "initdb")) && File.Exists(Path.Combine(directory, "postgres")))
            {
                found.Add(new(directory, await MajorVersionAsync(directory, cancellationToken)));
            }
        }

        if (requiredMajorVersion is { } required)
        {
            return found.Find(binaries => binaries.MajorVersion == required) ?? throw new ServiceFailedException(
                $"The data was written by Postgres {required}, which is not installed: install it again, or delete the data to start afresh.");
        }

        return found.Where(binaries => binaries.MajorVersion >= OldestMajorVersion).MaxBy(binaries => binaries.MajorVersion)
            ?? throw new ServiceFailedException(
                $"No Postgres {OldestMajorVersion} or newer was found: `apt-get install postgresql` on Debian, `brew install postgresql@17` on macOS.");
    }

    private static IEnumerable<string> Candidates() =>
    [
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        .. BinFoldersIn("/usr/lib/postgresql", "*"),
        .. BinFoldersIn("/usr", "pgsql-*"),
        .. BinFoldersIn("/opt/homebrew/opt", "postgresql*"),
        .. BinFoldersIn("/usr/local/opt", "postgresql*"),
        .. BinFoldersIn("/Applications/Postgres.app/Contents/Versions", "*"),
    ];

    private static IEnumerable<string> BinFoldersIn(string parent, string pattern) =>
        System.IO.Directory.Exists(parent)
            ? System.IO.Directory.EnumerateDirectories(parent, pattern).Select(folder => Path.Combine(folder, "bin"))
            : [];

    private static async Task<int> MajorVersionAsync(string directory, CancellationToken cancellationToken)
    {
        // postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1); a pre-release reads 19beta1.
        var lines = await ServiceProcess.RunToEndAsync(new("postgres --version", Path.Combine(directory, "postgres"), ["--version"]), cancellationToken);
        var number = lines[0].Split(' ')[2];
        return int.Parse(string.Concat(number.TakeWhile(char.IsAsciiDigit)), CultureInfo.InvariantCulture);
    }
}
