using System.Globalization;
using System.Security.Cryptography;
using Npgsql;

namespace Solacore.LocalHost;

/// <summary>Where and how a private Postgres runs.</summary>
/// <param name="DataDirectory">Folder that belongs to this server alone; made at the first start.</param>
public sealed record PostgresOptions(string DataDirectory)
{
    /// <summary>Port of 127.0.0.1; a free one when null.</summary>
    public int? Port { get; init; }

    /// <summary>Settings as in postgresql.conf, for example <c>max_connections</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>False trades the survival of a machine crash for speed. A killed server loses nothing that it wrote either way, except the last unflushed commits.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Variables set on top of this process' own; a null removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>Called with every line of its log.</summary>
    public Action<string>? OnLine { get; init; }

    /// <summary>How long the server may take until it answers, crash recovery included.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>
/// A Postgres server of our own: its own data, a loopback port, a generated password, no configuration outside its folder.
/// Never the server that a package may have started on this machine. As root it runs under an unprivileged account,
/// because Postgres refuses anything else.
/// </summary>
public sealed class PostgresServer : LoopbackServer
{
    /// <summary>The superuser of the server.</summary>
    public const string UserName = "solacore";

    private const string Name = "Postgres";
    private const string AdministrationDatabase = "postgres";
    private static readonly TimeSpan LeftoverTimeout = TimeSpan.FromSeconds(10);
    private static readonly Dictionary<string, string> UndurableSettings = new(StringComparer.Ordinal)
    {
        ["fsync"] = "off",
        ["synchronous_commit"] = "off",
        ["full_page_writes"] = "off",
    };

    private readonly PostgresOptions _options;
    private readonly PostgresBinaries _binaries;
    private readonly UnixAccount? _account;

    private PostgresServer(PostgresOptions options, PostgresBinaries binaries, UnixAccount? account, DirectoryLock directoryLock)
        : base(Name, options.DataDirectory, options.Port, directoryLock)
    {
        _options = options;
        _binaries = binaries;
        _account = account;
    }

    private string ClusterDirectory => Path.Combine(_options.DataDirectory, "cluster");

    internal string PasswordFile => Path.Combine(_options.DataDirectory, "password");

    private string PidFile => Path.Combine(ClusterDirectory, "postmaster.pid");

    /// <summary>Makes the data directory where there is none, starts the server and waits until it answers a query.</summary>
    /// <exception cref="ServiceFailedException">No binaries, a folder out of reach or in use, a port taken, a start that took too long.</exception>
    public static async Task<PostgresServer> StartAsync(PostgresOptions options, CancellationToken cancellationToken = default)
    {
        options = options with { DataDirectory = Path.GetFullPath(options.DataDirectory) };
        Directory.CreateDirectory(options.DataDirectory);
        var account = UnixAccount.ToStepDownTo();
        if (account is not null && ClosedParent(options.DataDirectory) is { } closed)
        {
            throw new ServiceFailedException(
                $"Postgres runs as user {account.Name}, who may not enter {closed}: choose a data folder elsewhere, or `chmod o+x {closed}`.");
        }

        var directoryLock = Lock(Name, options.DataDirectory);
        try
        {
            var versionFile = Path.Combine(options.DataDirectory, "cluster", "PG_VERSION");
            int? majorVersion = File.Exists(versionFile)
                ? int.Parse(await File.ReadAllTextAsync(versionFile, cancellationToken), CultureInfo.InvariantCulture)
                : null;
            var binaries = await PostgresBinaries.FindAsync(majorVersion, cancellationToken);

            var server = new PostgresServer(options, binaries, account, directoryLock);
            await server.ClearLeftoverAsync(cancellationToken);
            if (majorVersion is null)
            {
                await server.InitializeAsync(cancellationToken);
            }

            await server.StartProcessAsync(cancellationToken);
            return server;
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    /// <summary>Connection string of a database of this server, for the superuser.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = UserName,
        Password = File.ReadAllText(PasswordFile),
        Database = database,
    }.ConnectionString;

    /// <summary>Creates a database, as a copy of <paramref name="template"/> where one is named. Nobody may be connected to the template.</summary>
    public async Task CreateDatabaseAsync(string name, string? template = null, CancellationToken cancellationToken = default)
    {
        using var quoting = new NpgsqlCommandBuilder();
        var copy = template is null ? "" : $" TEMPLATE {quoting.QuoteIdentifier(template)}";
        await ExecuteAsync($"CREATE DATABASE {quoting.QuoteIdentifier(name)}{copy}", cancellationToken);
    }

    /// <summary>Whether the server has a database of this name.</summary>
    public async Task<bool> HasDatabaseAsync(string name, CancellationToken cancellationToken = default)
    {
        await using var connection = await ConnectAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = name } } };
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    /// <summary>A folder above <paramref name="directory"/> that the account of a server started by root cannot enter.</summary>
    internal static string? ClosedParent(string directory)
    {
        for (var parent = Path.GetDirectoryName(directory); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            if (!OperatingSystem.IsWindows() && !File.GetUnixFileMode(parent).HasFlag(UnixFileMode.OtherExecute))
            {
                return parent;
            }
        }

        return null;
    }

    private async Task ClearLeftoverAsync(CancellationToken cancellationToken)
    {
        await WaitForLeftoverAsync(PidFile, ClusterDirectory, LeftoverTimeout, cancellationToken);

        if (!File.Exists(PidFile))
        {
            return;
        }

        // A machine that went down left it empty. Postgres would wait for an end to it; nobody else is here to write one.
        var lines = await File.ReadAllLinesAsync(PidFile, cancellationToken);
        if (lines.Length == 0)
        {
            File.Delete(PidFile);
            return;
        }

        // The pid may by now belong to some other process of the same account, and Postgres would take that for itself.
        // Our own pid, as its parent's, is the one living pid that it knows to be stale; the rest of the file stays,
        // because Postgres finds surviving backends by it.
        lines[0] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var complete = Path.Combine(_options.DataDirectory, "postmaster.pid");
        await File.WriteAllLinesAsync(complete, lines, cancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            // Ours, but the server's account reads it.
            File.SetUnixFileMode(complete, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        File.Move(complete, PidFile, overwrite: true);
    }

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        // Moved into place when complete, so that an interrupted initdb is simply done again.
        var unfinished = ClusterDirectory + ".unfinished";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        await File.WriteAllTextAsync(PasswordFile, RandomNumberGenerator.GetHexString(32, lowercase: true), cancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(PasswordFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        if (_account is not null)
        {
            var owner = string.Create(CultureInfo.InvariantCulture, $"{_account.UserId}:{_account.GroupId}");
            await ServiceProcess.RunToEndAsync(new("chown", "chown", ["-R", owner, _options.DataDirectory]), cancellationToken);
        }

        try
        {
            await InitializeAsync(unfinished, "C.UTF-8", cancellationToken);
        }
        catch (ServiceFailedException failure) when (failure.Message.Contains("invalid locale name", StringComparison.Ordinal))
        {
            await InitializeAsync(unfinished, "C", cancellationToken);
        }

        Directory.Move(unfinished, ClusterDirectory);
    }

    private async Task InitializeAsync(string directory, string locale, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "-D", directory, "--username", UserName, "--pwfile", PasswordFile, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", locale,
            "--no-instructions", .. _options.Durable ? (string[])[] : ["--no-sync"],
        ];
        await ServiceProcess.RunToEndAsync(Program("initdb", arguments), cancellationToken);
    }

    private protected override async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await LaunchAsync(cancellationToken);
                return;
            }
            catch (ServiceFailedException failure) when (failure.Message.Contains("pre-existing shared memory block", StringComparison.Ordinal)
                && TimeProvider.System.GetElapsedTime(started) < LeftoverTimeout)
            {
                // Backends that outlive a killed postmaster for a moment keep the next one from starting.
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            }
        }
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["listen_addresses"] = "127.0.0.1",
            ["port"] = Port.ToString(CultureInfo.InvariantCulture),
            // The detail of an error names the values of the row, which may be somebody's address.
            ["log_error_verbosity"] = "terse",
            // A path of a socket may hold 107 bytes, and ours may lie deep; nobody needs it.
            ["unix_socket_directories"] = "",
        };
        if (!_options.Durable)
        {
            foreach (var (name, value) in UndurableSettings)
            {
                settings[name] = value;
            }
        }

        foreach (var (name, value) in _options.Settings)
        {
            settings[name] = value;
        }

        string[] arguments = ["-D", ClusterDirectory, .. settings.SelectMany(setting => (string[])["-c", $"{setting.Key}={setting.Value}"])];
        await LaunchAsync(
            Program("postgres", arguments) with
            {
                Name = Name,
                OnLine = _options.OnLine,
                StopSignal = UnixSignal.Interrupt, // Fast shutdown: sessions are ended, everything is written.
                OrphanSignal = UnixSignal.Quit,
            },
            async token =>
            {
                await using var connection = await ConnectAsync(token);
                return true;
            },
            _options.StartTimeout,
            cancellationToken);
    }

    private ServiceOptions Program(string program, IReadOnlyList<string> arguments) => new(program, _binaries.PathOf(program), arguments)
    {
        Account = _account,
        WorkingDirectory = _options.DataDirectory,
        // Messages in English; and without a locale the server refuses to start on macOS ("became multithreaded during startup").
        Environment = new Dictionary<string, string?>(_options.Environment, StringComparer.Ordinal) { ["LC_ALL"] = "C" },
    };

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(ConnectionString(AdministrationDatabase) + ";Pooling=false");
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
