using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Solacore.LocalHost;
using Solacore.Tests.LocalHost;

namespace Solacore.Tests.Ops;

/// <summary>What holds of the commands of <c>ops/</c> without a system that they act on.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CommandTests
{
    public static TheoryData<string> Commands =>
        [.. Directory.GetFiles(Script.PathOf("."), "*", SearchOption.AllDirectories)
            .Where(path => File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute))
            .Select(path => Path.GetRelativePath(Script.PathOf("."), path))];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task every_command_explains_itself(string command)
    {
        var result = await Script.RunAsync(command, ["--help"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("ops/" + command, result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("test")]
    public async Task what_builds_explains_itself_without_building(string command)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.PathOf("dotnet"), "#!/usr/bin/env bash\necho 'dotnet was called'; exit 1\n");
        File.SetUnixFileMode(folder.PathOf("dotnet"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var result = await Script.RunAsync("../" + command, ["--help"], ("PATH", $"{folder.PathOf(".")}:{Environment.GetEnvironmentVariable("PATH")}"));

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith($"Usage: ./{command} ", result.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("dotnet was called", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_signed_event_without_its_secret_says_where_the_secret_is()
    {
        // In a copy, where nothing was started yet.
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.PathOf("ops/lib"));
        File.Copy(Script.PathOf("send-stripe-event"), folder.PathOf("ops/send-stripe-event"));
        File.Copy(Script.PathOf("lib/hmac.sh"), folder.PathOf("ops/lib/hmac.sh"));

        var result = await Script.RunAsync(folder.PathOf("ops/send-stripe-event"), [Guid.NewGuid().ToString()], ("STRIPE_WEBHOOK_SECRET", null));

        Assert.Equal(
            (1, "No STRIPE_WEBHOOK_SECRET: start ./run once, it generates one. After ./run --data DIR set the one in DIR/secrets.env."),
            (result.ExitCode, result.Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("whsec_a secret with $signs, 'quotes' and ümlauts")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef and one more block")]
    public async Task a_signature_is_made_without_showing_its_key(string key)
    {
        var lines = await ServiceProcess.RunToEndAsync(
            new ServiceOptions("bash", "bash", ["-c", "source ops/lib/hmac.sh; printf %s 'what is signed' | hmac_sha256 \"$KEY\""])
            {
                Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["KEY"] = key },
                WorkingDirectory = BuildOutput.RepositoryRoot,
            });

        Assert.Equal([Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), "what is signed"u8))], lines);
    }

    [Theory]
    [InlineData("Succeeded", 0)]
    [InlineData("Failed", 1)]
    public async Task a_deployment_on_Azure_waits_for_the_end_of_its_migrations_and_fails_with_them(string end, int exitCode)
    {
        using var folder = new TemporaryFolder();
        // Stands in for the Azure CLI: the job runs when it is asked about for the first time.
        var cli = folder.PathOf("az");
        await File.WriteAllTextAsync(
            cli,
            """
            #!/usr/bin/env bash
            echo "$*" >>"$CALLS"
            case $* in
                'containerapp job start --name migrations --resource-group rg-test '*) echo migrations-1 ;;
                'containerapp job execution show --name migrations --resource-group rg-test '*' --job-execution-name migrations-1 '*)
                    if (($(wc -l <"$CALLS") == 2)); then echo Running; else echo "$END"; fi ;;
                *) exit 1 ;;
            esac
            """);
        File.SetUnixFileMode(cli, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var result = await Script.RunAsync(
            "migrate-azure",
            ["rg-test"],
            ("PATH", $"{folder.PathOf(".")}:{Environment.GetEnvironmentVariable("PATH")}"), ("CALLS", folder.PathOf("calls")), ("END", end));

        Assert.Equal(exitCode, result.ExitCode);
        Assert.StartsWith($"migrations-1: {end}", result.Lines[^1], StringComparison.Ordinal);
        Assert.Equal(3, (await File.ReadAllLinesAsync(folder.PathOf("calls"))).Length);
    }
}
