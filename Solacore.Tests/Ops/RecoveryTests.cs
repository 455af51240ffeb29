using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Solacore.LocalHost;
using Solacore.ServiceDefaults;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.LocalHost;
using Solacore.Tests.Scenarios;

namespace Solacore.Tests.Ops;

/// <summary>A lost server is no lost data: backup, restore, and the drill that proves both.</summary>
public sealed class RecoveryTests(ITestOutputHelper output)
{
    [Fact]
    public async Task the_drill_brings_everything_back_on_another_server_after_the_first_was_killed()
    {
        using var folder = new TemporaryFolder();
        await using var first = await PostgresServer.StartAsync(new PostgresOptions(folder.PathOf("first")) { Durable = false });
        await using var second = await PostgresServer.StartAsync(new PostgresOptions(folder.PathOf("second")) { Durable = false });
        await first.CreateDatabaseAsync("solacore");
        var connection = first.ConnectionString("solacore");
        await RunningSystem.MigrateAsync(connection);
        var redis = await SharedServers.Redis;
        Guid session;
        Visitor ann;
        JsonElement before;
        await using (var system = await RunningSystem.StartAsync(connection, redis.ConnectionString))
        {
            ann = await Visitor.RegisterAsync(system.Apis[0]);
            session = await ann.StartSessionAsync(system.Apis[0]);
            using var reply = await ann.SayAsync(system.Apis[0], session, "I keep putting off my thesis");
            await reply.ToEndAsync();
            before = await ann.GetAsync(system.Apis[0], $"/sessions/{session}");
        }

        await EndIdleTransactionsAtOnceAsync(connection);
        var drill = await Script.RunAsync(
            "drill",
            ["--lose", string.Create(CultureInfo.InvariantCulture, $"kill -9 {first.ProcessId}"), "--port", LoopbackPort.Free().ToString(CultureInfo.InvariantCulture),
                "--check", "curl -fsS \"$API_URL/health/live\""],
            ("DATABASE_DIRECT_URL", connection),
            ("DRILL_DATABASE_URL", second.ConnectionString("solacore")),
            ("REDIS_URL", redis.ConnectionString));

        output.WriteLine(drill.Text);
        Assert.Equal(0, drill.ExitCode);
        Assert.Contains(drill.Lines, line => line.StartsWith("RPO ", StringComparison.Ordinal));
        Assert.Contains(drill.Lines, line => line.StartsWith("RTO ", StringComparison.Ordinal));
        Assert.NotEqual(0, await first.Exited);

        // Ann goes on where she was, with the token she had.
        await using var restored = await RunningSystem.StartAsync(second.ConnectionString("solacore"), redis.ConnectionString);
        var after = await ann.GetAsync(restored.Apis[0], $"/sessions/{session}");
        Assert.Equal(before.GetRawText(), after.GetRawText());
        ann.Dispose();
    }

    [Fact]
    public async Task another_program_on_the_port_is_not_taken_for_the_restored_api()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        using var folder = new TemporaryFolder();
        var port = LoopbackPort.Free();
        Task<ScriptResult> DrillAsync(string lose) => RunDrillAsync(
            database, folder.PathOf("."), "--port", port.ToString(CultureInfo.InvariantCulture), "--lose", lose);

        await using (await OtherApi.StartAsync(port))
        {
            var before = await DrillAsync($"touch '{folder.PathOf("lost")}'");
            Assert.Equal((1, $"Port {port} is taken by another program: choose another one with --port."), (before.ExitCode, before.Text));
            Assert.False(File.Exists(folder.PathOf("lost")));
        }

        // It comes while the drill is under way.
        var drill = DrillAsync($"touch '{folder.PathOf("lost")}'; until [ -e '{folder.PathOf("taken")}' ]; do sleep 0.1; done");
        await Eventually.BeTrueAsync("a lost server", () => File.Exists(folder.PathOf("lost")) || drill.IsCompleted);
        await using var late = await OtherApi.StartAsync(port);
        await File.WriteAllTextAsync(folder.PathOf("taken"), "");
        var result = await drill;

        Assert.True(result.ExitCode == 1, result.Text);
        Assert.Equal("The api does not get healthy on the restored database.", result.Lines[^1]);
    }

    [Fact]
    public async Task a_drill_says_what_failed_and_what_was_only_supposed_to_be_lost_wherever_its_files_are()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        using var folder = new TemporaryFolder();
        var odd = Directory.CreateDirectory(folder.PathOf("somebody's files")).FullName;

        var drill = await RunDrillAsync(database, odd, "--port", LoopbackPort.Free().ToString(CultureInfo.InvariantCulture), "--check", "false");

        Assert.True(drill.ExitCode == 1, drill.Text);
        Assert.Contains("From here on the first server counts as lost (nothing was done to it).", drill.Lines);
        Assert.Equal("The --check command failed.", drill.Lines[^1]);
    }

    [Fact]
    public async Task a_database_that_holds_anything_is_not_restored_over()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        using var folder = new TemporaryFolder();
        var backup = await BackupAsync(folder, database.ConnectionString);

        var restore = await Script.RunAsync("restore", [ArchiveOf(backup)], ("DATABASE_URL", database.ConnectionString), ("DATABASE_DIRECT_URL", null));

        Assert.Equal(1, restore.ExitCode);
        Assert.Matches("is not empty .* nothing was touched", restore.Text);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task client_programs_that_are_newer_than_the_server_restore_into_it()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        await database.ExecuteAsync("insert into users (id, email) values ($1, 'ann@example.com')", Guid.CreateVersion7());
        using var folder = new TemporaryFolder();
        var backup = await BackupAsync(folder, database.ConnectionString);
        // As pg_restore 17 and newer: it begins with a setting that servers before 17 do not know, whatever server it speaks to.
        var newer = folder.PathOf("pg_restore");
        await File.WriteAllTextAsync(
            newer,
            """
            #!/usr/bin/env bash
            set -euo pipefail
            if [[ $* == *--dbname* ]]; then
                echo 'pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"' >&2
                exit 1
            fi
            PATH=${PATH#*:} pg_restore "$@" | sed 's/^SET lock_timeout = 0;$/&\nSET transaction_timeout = 0;/'
            """);
        File.SetUnixFileMode(newer, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var empty = await EmptyDatabaseAsync();

        var restore = await Script.RunAsync(
            "restore",
            [ArchiveOf(backup)],
            ("DATABASE_URL", empty), ("DATABASE_DIRECT_URL", null), ("PATH", $"{folder.PathOf(".")}:{Environment.GetEnvironmentVariable("PATH")}"));

        Assert.True(restore.ExitCode == 0, restore.Text);
        Assert.Equal("ann@example.com", await QueryAsync(empty, "select email from users"));
    }

    [Fact]
    public async Task an_archive_that_breaks_off_leaves_the_database_empty()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        await database.ExecuteAsync("insert into users (id, email) values ($1, 'ann@example.com')", Guid.CreateVersion7());
        using var folder = new TemporaryFolder();
        var archive = ArchiveOf(await BackupAsync(folder, database.ConnectionString));
        var half = (await File.ReadAllBytesAsync(archive))[..^200];
        await File.WriteAllBytesAsync(archive, half);
        await File.WriteAllTextAsync(archive + ".sha256", $"{Convert.ToHexStringLower(SHA256.HashData(half))}  {Path.GetFileName(archive)}\n");
        var empty = await EmptyDatabaseAsync();

        var restore = await Script.RunAsync("restore", [archive], ("DATABASE_URL", empty), ("DATABASE_DIRECT_URL", null));

        Assert.True(restore.ExitCode != 0, restore.Text);
        Assert.Contains("pg_restore: error: could not read from input file", restore.Text, StringComparison.Ordinal);
        Assert.Equal(0L, await QueryAsync(empty, "select count(*) from pg_class where relnamespace = 'public'::regnamespace"));
    }

    [Fact]
    public async Task old_archives_go_new_ones_stay_and_a_damaged_one_is_refused()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        using var folder = new TemporaryFolder();
        var archives = Directory.CreateDirectory(folder.PathOf("archives")).FullName;
        string[] old = ["solacore-20200101T020000Z.dump", "solacore-20200101T020000Z.dump.sha256", "solacore-20200102T020000Z.dump.age"];
        string[] others = ["solacore-29990101T020000Z.dump", "somebody-elses.dump"];
        foreach (var name in old.Concat(others))
        {
            await File.WriteAllTextAsync(Path.Combine(archives, name), "not an archive");
        }

        var backup = await BackupAsync(folder, database.ConnectionString);

        Assert.True(backup.ExitCode == 0, backup.Text);
        var archive = ArchiveOf(backup);
        Assert.Equal(
            others.Append(Path.GetFileName(archive)).Append(Path.GetFileName(archive) + ".sha256").Append("solacore_backup.prom").Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(archives).Select(path => Path.GetFileName(path)).Where(name => name != ".lock").Order(StringComparer.Ordinal));
        await File.AppendAllTextAsync(archive, "!");
        var restore = await Script.RunAsync("restore", [archive], ("DATABASE_URL", database.ConnectionString));
        Assert.Equal(1, restore.ExitCode);
        Assert.Contains("The checksum", restore.Text, StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task everybody_may_see_when_the_last_backup_was_and_nobody_else_what_is_in_it()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        using var folder = new TemporaryFolder();

        var backup = await BackupAsync(folder, database.ConnectionString);

        const UnixFileMode everybody = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode entered = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Assert.Equal(everybody | entered, ForOthers(folder.PathOf("archives")));
        Assert.Equal(everybody, ForOthers(folder.PathOf("archives/solacore_backup.prom")));
        Assert.Equal(UnixFileMode.None, ForOthers(ArchiveOf(backup)));

        static UnixFileMode ForOthers(string path) =>
            File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Theory]
    [InlineData("age1example", "BACKUP_RECIPIENT needs age: install the package age.")]
    [InlineData("ops@example.com", "BACKUP_RECIPIENT needs gpg: install the package gnupg.")]
    public async Task a_backup_that_cannot_be_encrypted_names_the_missing_package(string recipient, string advice)
    {
        using var folder = new TemporaryFolder();
        LinkPrograms(folder);

        var backup = await Script.RunAsync("backup", [], ("DATABASE_URL", "postgresql://solacore@127.0.0.1:1/solacore"), ("BACKUP_RECIPIENT", recipient), ("PATH", folder.PathOf(".")));

        Assert.Equal((1, advice), (backup.ExitCode, backup.Text));
    }

    [Theory]
    [InlineData("date, stat, find, flock", "backup")]
    [InlineData("find", "restore", "latest")]
    [InlineData("date, stat, find, flock", "drill")]
    public async Task a_machine_without_the_programs_of_Linux_is_told_what_is_missing(string missing, string command, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        LinkPrograms(folder);
        // As macOS has them: other options than GNU's.
        foreach (var other in new[] { "date", "stat", "find" })
        {
            File.CreateSymbolicLink(folder.PathOf(other), "/bin/false");
        }

        var result = await Script.RunAsync(
            command,
            arguments,
            ("DATABASE_URL", "postgresql://solacore@127.0.0.1:1/solacore"), ("DRILL_DATABASE_URL", "postgresql://solacore@127.0.0.1:1/empty"),
            ("BACKUP_DIR", folder.PathOf("archives")), ("BACKUP_RECIPIENT", null), ("PATH", folder.PathOf(".")));

        Assert.Equal(
            (1, $"Missing, of Linux' kind: {missing}. Debian: coreutils, findutils, util-linux. macOS: brew install coreutils findutils flock, with the gnubin folders of the first two in front on the PATH."),
            (result.ExitCode, result.Text));
    }

    [Fact]
    public async Task a_settings_file_is_read_as_the_services_read_it()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(
            folder.PathOf("production.env"),
            [
                "DATABASE_URL=postgresql://replaced@127.0.0.1:1/below",
                $" export database_url = \"{database.ConnectionString}\" # the primary",
                $"Backup_Dir={folder.PathOf("archives")} # a volume of its own",
                "BACKUP_RECIPIENT=# not yet",
                "BACKUP_RETENTION_DAYS='3'\r",
            ]);

        var backup = await Script.RunAsync(
            "backup", ["--env-file", folder.PathOf("production.env")], ("DATABASE_URL", null), ("DATABASE_DIRECT_URL", null), ("BACKUP_S3_BUCKET", null));

        Assert.True(backup.ExitCode == 0, backup.Text);
        Assert.Equal(folder.PathOf("archives"), Path.GetDirectoryName(ArchiveOf(backup)));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task an_archive_goes_encrypted_into_a_bucket_and_comes_back()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        await database.ExecuteAsync("insert into users (id, email) values ($1, 'ann@example.com')", Guid.CreateVersion7());
        using var folder = new TemporaryFolder();
        await using var bucket = await Bucket.StartAsync();
        using var curl = new RecordedCurl();
        var (recipient, identity) = await AgeKeyAsync(folder);
        (string, string?)[] settings =
        [
            ("BACKUP_DIR", folder.PathOf("archives")), ("BACKUP_RECIPIENT", recipient), ("BACKUP_IDENTITY_FILE", identity),
            ("BACKUP_S3_BUCKET", "safe"), ("BACKUP_S3_ENDPOINT", bucket.Address), ("AWS_ACCESS_KEY_ID", Bucket.KeyId), ("AWS_SECRET_ACCESS_KEY", "not_a_key"),
            ("AWS_SESSION_TOKEN", Bucket.SessionToken), ("PATH", curl.Path),
        ];
        bucket.Objects["/safe/solacore/solacore-20200101T020000Z.dump"] = [1];

        var backup = await Script.RunAsync("backup", [], [.. settings, ("DATABASE_URL", database.ConnectionString)]);
        Assert.True(backup.ExitCode == 0, backup.Text);
        var name = Path.GetFileName(ArchiveOf(backup));
        Assert.Equal([$"/safe/solacore/{name}", $"/safe/solacore/{name}.sha256"], bucket.Objects.Keys.Order(StringComparer.Ordinal));
        Directory.Delete(folder.PathOf("archives"), recursive: true);
        var empty = await EmptyDatabaseAsync();
        var restore = await Script.RunAsync("restore", ["latest"], [.. settings, ("DATABASE_URL", empty)]);

        Assert.True(restore.ExitCode == 0, restore.Text);
        Assert.Equal("ann@example.com", await QueryAsync(empty, "select email from users"));
        Assert.All(["not_a_key", Bucket.SessionToken], secret => Assert.DoesNotContain(secret, curl.Arguments, StringComparison.Ordinal));
        Assert.True(recipient is null || !bucket.Objects[$"/safe/solacore/{name}"].AsSpan().StartsWith("PGDMP"u8), "The archive is encrypted.");
    }

    [Fact]
    public async Task the_latest_archive_is_the_latest_of_a_bucket_of_many_pages()
    {
        using var folder = new TemporaryFolder();
        await using var bucket = await Bucket.StartAsync();
        bucket.PageSize = 3;
        foreach (var name in Enumerable.Range(1, 5).Select(day => $"/safe/solacore/solacore-2026010{day}T020000Z.dump"))
        {
            bucket.Objects[name] = bucket.Objects[name + ".sha256"] = [1];
        }

        var restore = await RestoreLatestAsync();
        bucket.IsEndless = true;
        var endless = await RestoreLatestAsync();
        bucket.Objects.Clear();
        bucket.IsEndless = false;
        var none = await RestoreLatestAsync();

        Assert.Equal(1, restore.ExitCode);
        Assert.Matches(@"^The checksum of \S+/solacore-20260105T020000Z\.dump does not fit", restore.Text);
        Assert.Equal((1, "The list of the bucket has no end."), (endless.ExitCode, endless.Text));
        Assert.Equal((1, "There is no archive."), (none.ExitCode, none.Text));

        Task<ScriptResult> RestoreLatestAsync() => Script.RunAsync(
            "restore",
            ["latest"],
            ("DATABASE_URL", "postgresql://solacore@127.0.0.1:1/solacore"), ("DATABASE_DIRECT_URL", null), ("BACKUP_DIR", folder.PathOf("archives")),
            ("BACKUP_S3_BUCKET", "safe"), ("BACKUP_S3_ENDPOINT", bucket.Address), ("AWS_ACCESS_KEY_ID", Bucket.KeyId), ("AWS_SECRET_ACCESS_KEY", "not_a_key"),
            ("AWS_SESSION_TOKEN", Bucket.SessionToken));
    }

    /// <summary>What docs/deploy-hosts.md asks of a database behind a pooler, without the patience.</summary>
    private static async Task EndIdleTransactionsAtOnceAsync(string connection)
    {
        await using var database = Npgsql.NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand("alter database solacore set idle_in_transaction_session_timeout = '1ms'");
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A database that is not there yet, which the restore makes.</summary>
    private static async Task<string> EmptyDatabaseAsync() => (await SharedServers.Postgres).ConnectionString($"restored_{Guid.CreateVersion7():n}");

    private static async Task<object?> QueryAsync(string connection, string sql)
    {
        await using var database = Npgsql.NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>A drill of a test's database, restored into another one of the same server.</summary>
    private static async Task<ScriptResult> RunDrillAsync(TestDatabase database, string temporaryFiles, params string[] arguments) => await Script.RunAsync(
        "drill",
        arguments,
        ("DATABASE_DIRECT_URL", database.ConnectionString),
        ("DRILL_DATABASE_URL", (await SharedServers.Postgres).ConnectionString($"drill_{Guid.CreateVersion7():n}")),
        ("REDIS_URL", (await SharedServers.Redis).ConnectionString),
        ("TMPDIR", temporaryFiles));

    private static Task<ScriptResult> BackupAsync(TemporaryFolder folder, string connection) => Script.RunAsync(
        "backup", [], ("DATABASE_URL", connection), ("DATABASE_DIRECT_URL", null), ("BACKUP_DIR", folder.PathOf("archives")), ("BACKUP_RECIPIENT", null), ("BACKUP_S3_BUCKET", null));

    /// <summary>What starts a script, and nothing else, for a search path of its own.</summary>
    private static void LinkPrograms(TemporaryFolder folder)
    {
        var paths = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator);
        foreach (var found in new[] { "bash", "dirname", "setsid", "setpriv" }.SelectMany(name => paths.Select(path => Path.Combine(path, name)).Where(File.Exists).Take(1)))
        {
            File.CreateSymbolicLink(folder.PathOf(Path.GetFileName(found)), found);
        }
    }

    /// <summary>The one line of standard output: the path of the archive. What is said on standard error may come before it or after.</summary>
    private static string ArchiveOf(ScriptResult backup) => backup.Lines.Single(Path.IsPathFullyQualified);

    /// <summary>A fresh key pair of age; where age is not installed there is none, and the archive goes unencrypted.</summary>
    private static async Task<(string? Recipient, string? Identity)> AgeKeyAsync(TemporaryFolder folder)
    {
        var path = folder.PathOf("identity");
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (paths.All(directory => !File.Exists(Path.Combine(directory, "age-keygen"))))
        {
            return (null, null);
        }

        await ServiceProcess.RunToEndAsync(new ServiceOptions("age-keygen", "age-keygen", ["-o", path]));
        var lines = await File.ReadAllLinesAsync(path);
        return (lines.Single(line => line.StartsWith("# public key: ", StringComparison.Ordinal))["# public key: ".Length..], path);
    }

    /// <summary>Stands in for the api of another installation on this machine, which is well.</summary>
    private static class OtherApi
    {
        public static async Task<WebApplication> StartAsync(int port)
        {
            var builder = ServiceHost.CreateBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
            var app = builder.Build();
            app.MapGet("/health", () => Results.Text("""{"status":"healthy","version":"1.0.0","database":"connected"}"""));
            app.MapGet("/health/ready", () => Results.Text("""{"ready":true}"""));
            await app.StartAsync();
            return app;
        }
    }

    /// <summary>Stands in for an S3-compatible store: objects by path, the list of version 2, signed requests only.</summary>
    private sealed class Bucket : IAsyncDisposable
    {
        public const string KeyId = "test-key-id";
        public const string SessionToken = "not_a_token";

        private readonly WebApplication _app;

        private Bucket(WebApplication app) => _app = app;

        public string Address => _app.Urls.Single();

        public ConcurrentDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

        /// <summary>Names that one answer lists at most.</summary>
        public int PageSize { get; set; } = 1000;

        /// <summary>Whether each page of the list says that another follows.</summary>
        public bool IsEndless { get; set; }

        public static async Task<Bucket> StartAsync()
        {
            var builder = ServiceHost.CreateBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var bucket = new Bucket(builder.Build());
            bucket._app.Run(bucket.AnswerAsync);
            await bucket._app.StartAsync();
            return bucket;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task AnswerAsync(HttpContext context)
        {
            var path = context.Request.Path.Value!;
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            if (!IsSigned(context.Request, body.ToArray()))
            {
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return;
            }

            switch (context.Request.Method)
            {
                case "PUT":
                    Objects[path] = body.ToArray();
                    break;
                case "DELETE":
                    Objects.TryRemove(path, out _);
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    break;
                case "GET" when context.Request.Query.ContainsKey("list-type"):
                    await context.Response.WriteAsync(List(path, path + context.Request.Query["prefix"], context.Request.Query["continuation-token"].ToString()));
                    break;
                case "GET" when Objects.TryGetValue(path, out var content):
                    await context.Response.Body.WriteAsync(content);
                    break;
                default:
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    break;
            }
        }

        /// <summary>One page; its token holds every letter that an address has to encode.</summary>
        private string List(string path, string prefix, string token)
        {
            const string start = "+/= page ";
            var page = token.Length == 0 ? 0 : int.Parse(token[start.Length..], CultureInfo.InvariantCulture);
            var keys = Objects.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Skip(page * PageSize).ToList();
            var contents = keys.Take(PageSize).Select(key => $"<Contents><Key>{key[path.Length..]}</Key></Contents>");
            var next = keys.Count > PageSize || IsEndless ? $"<NextContinuationToken>{start}{page + 1}</NextContinuationToken>" : "";
            return $"<?xml version=\"1.0\"?><ListBucketResult>{next}{string.Concat(contents)}</ListBucketResult>";
        }

        private static bool IsSigned(HttpRequest request, byte[] body)
        {
            var authorization = request.Headers.Authorization.ToString();
            var declared = request.Headers["x-amz-content-sha256"].ToString();
            return authorization.StartsWith($"AWS4-HMAC-SHA256 Credential={KeyId}/", StringComparison.Ordinal)
                && authorization.Contains("/us-east-1/s3/aws4_request", StringComparison.Ordinal)
                && request.Headers["x-amz-security-token"].ToString() == SessionToken
                && (request.Method != "PUT" || declared == Convert.ToHexStringLower(SHA256.HashData(body)));
        }
    }
}
