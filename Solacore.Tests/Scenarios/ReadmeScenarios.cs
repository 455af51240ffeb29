using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Scenarios;

/// <summary>What the README tells a newcomer to type works as it stands.</summary>
public sealed class ReadmeScenarios(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task the_lines_to_try_stream_a_reply_and_buy_a_plan()
    {
        var redis = await SharedServers.Redis;
        await using var system = await RunningSystem.StartAsync(database.ConnectionString, redis.ConnectionString);
        var address = system.Apis[0].Address.ToString().TrimEnd('/');
        var readme = await File.ReadAllLinesAsync(Path.Combine(BuildOutput.RepositoryRoot, "README.md"));
        var lines = readme
            .SkipWhile(line => line != "## Try it")
            .TakeWhile(line => line != "## Read on")
            .Where(line => line.StartsWith("    ", StringComparison.Ordinal))
            .Select(line => line.Trim().Replace("http://localhost:8000", address, StringComparison.Ordinal));

        // The last line waits for the plan, however long it takes.
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var options = new ServiceOptions("readme", "bash", ["-euo", "pipefail", "-c", string.Join('\n', lines)])
        {
            WorkingDirectory = BuildOutput.RepositoryRoot,
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["API_URL"] = address,
                ["STRIPE_WEBHOOK_SECRET"] = RunningSystem.StripeSecret,
            },
        };
        var output = await ServiceProcess.RunToEndAsync(options, bound.Token);

        Assert.Contains("event: done", output);
        Assert.True(output.Count(line => line == "event: token") > 3, string.Join('\n', output));
        Assert.Contains("""{"received":true}""", output);
        Assert.StartsWith("""{"tier":"standard","status":"active",""", output[^1], StringComparison.Ordinal);
    }
}
