using System.Collections.Concurrent;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Solacore.LocalHost;
using Solacore.ServiceDefaults;
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
        using var folder = new TemporaryFolder();

        var result = await Script.RunAsync(Copy(folder, "send-stripe-event"), [Guid.NewGuid().ToString()], ("STRIPE_WEBHOOK_SECRET", null));

        Assert.Equal(
            (1, "No STRIPE_WEBHOOK_SECRET: start ./run once, it generates one. After ./run --data DIR set the one in DIR/secrets.env."),
            (result.ExitCode, result.Text));
    }

    [Theory]
    [InlineData("STRIPE_WEBHOOK_SECRET=whsec_generated", "STRIPE_WEBHOOK_SECRET=whsec_mine")]
    [InlineData("STRIPE_WEBHOOK_SECRET=whsec_mine", "STRIPE_WEBHOOK_SECRET=")]
    [InlineData("", "STRIPE_WEBHOOK_SECRET=whsec_mine,whsec_old")]
    [InlineData("", "STRIPE_WEBHOOK_SECRET=whsec_old\n export Stripe_Webhook_Secret = 'whsec_mine , whsec_old' # rolled")]
    [InlineData("", "STRIPE_WEBHOOK_SECRET=\"whsec_mine\"\r\n#STRIPE_WEBHOOK_SECRET=whsec_no")]
    public async Task a_local_event_is_signed_with_the_secret_that_the_local_system_reads(string generated, string file)
    {
        ConcurrentQueue<(string Signature, string Body)> events = new();
        await using var api = await StripeListener.StartAsync(events);
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.PathOf(".local"));
        await File.WriteAllTextAsync(folder.PathOf(".local/secrets.env"), generated);
        await File.WriteAllTextAsync(folder.PathOf(".env"), file);

        var sent = await Script.RunAsync(
            Copy(folder, "send-stripe-event"), [Guid.NewGuid().ToString()], ("STRIPE_WEBHOOK_SECRET", null), ("API_URL", api.Urls.Single()));
        var smoke = await Script.RunAsync(Copy(folder, "smoke"), [api.Urls.Single(), "--accepted-only"], ("STRIPE_WEBHOOK_SECRET", null));

        Assert.True(sent.ExitCode == 0, sent.Text);
        Assert.Contains(smoke.Lines, line => line.StartsWith("ok    Stripe: a signed event is taken ", StringComparison.Ordinal));
        Assert.Equal(2, events.Count);
        Assert.All(events, stripe =>
        {
            var parts = stripe.Signature["t=".Length..].Split(",v1=");
            var signed = HMACSHA256.HashData("whsec_mine"u8, Encoding.UTF8.GetBytes($"{parts[0]}.{stripe.Body}"));
            Assert.Equal(Convert.ToHexStringLower(signed), parts[1]);
        });
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

    /// <summary>A command in a folder where nothing was started yet.</summary>
    private static string Copy(TemporaryFolder folder, string command)
    {
        Directory.CreateDirectory(folder.PathOf("ops/lib"));
        foreach (var file in Directory.GetFiles(Script.PathOf("lib"), "*.sh").Select(Path.GetFileName))
        {
            File.Copy(Script.PathOf($"lib/{file}"), folder.PathOf($"ops/lib/{file}"), overwrite: true);
        }

        File.Copy(Script.PathOf(command), folder.PathOf($"ops/{command}"));
        return folder.PathOf($"ops/{command}");
    }

    /// <summary>Stands in for an api that takes everything; what comes from Stripe with a signature that could be one is kept.</summary>
    private static class StripeListener
    {
        public static async Task<WebApplication> StartAsync(ConcurrentQueue<(string Signature, string Body)> events)
        {
            var builder = ServiceHost.CreateBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            app.MapPost("/webhooks/stripe", async (HttpRequest request) =>
            {
                var body = await new StreamReader(request.Body).ReadToEndAsync();
                if (body != "{}")
                {
                    events.Enqueue((request.Headers["Stripe-Signature"].ToString(), body));
                }

                return Results.Text("""{"received":true}""");
            });
            app.MapFallback(() => Results.Text("""{"user_id":"ann"}"""));
            await app.StartAsync();
            return app;
        }
    }
}
