using Aspire.Hosting.ApplicationModel;
using Solacore.Tests.LocalHost;

namespace Solacore.Tests.AppHost;

public sealed class ComposeModelTests
{
    [Fact]
    public async Task one_server_gets_everything_in_one_file()
    {
        using var folder = new TemporaryFolder();
        await SystemModel.PublishFilesAsync("compose", folder.PathOf("."));

        var compose = await File.ReadAllTextAsync(folder.PathOf("docker-compose.yaml"), TestContext.Current.CancellationToken);
        var services = compose.Split('\n').Where(line => line.StartsWith("  ", StringComparison.Ordinal) && line[2] != ' ').Select(line => line.Trim(' ', ':', '\r'));

        Assert.Equal(["compose-dashboard", "postgres", "redis", "migrations", "api", "worker", "aspire", "solacore-postgres-17"], services);
        Assert.Contains("condition: \"service_completed_successfully\"", compose, StringComparison.Ordinal);
        Assert.Contains("condition: \"service_healthy\"", compose, StringComparison.Ordinal);
        Assert.Equal(
            ["127.0.0.1:18888:18888", "127.0.0.1:8000:8000", "127.0.0.1:8001:8001", "127.0.0.1:8002:8001"],
            compose.Split('\n').Select(line => line.Trim(' ', '-', '"', '\r'))
                .Where(line => line.Contains(':', StringComparison.Ordinal) && line.All(character => char.IsAsciiDigit(character) || character is '.' or ':')));
        Assert.Contains("JWT_SECRET: \"${JWT_SECRET}\"", compose, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_service_gets_connections_settings_and_ports_and_nothing_twice()
    {
        await using var model = await SystemModel.PublishedAsync("compose", "unused", "--publisher", "manifest");

        var environment = await model.Resource<ProjectResource>("worker").PublishedEnvironmentAsync();

        Assert.Equal("{solacore.connectionString}", environment["ConnectionStrings__solacore"]);
        Assert.Equal("{redis.connectionString}", environment["ConnectionStrings__redis"]);
        Assert.Equal("{jwt-secret.value}", environment["JWT_SECRET"]);
        Assert.Equal("{operator-key.value}", environment["OPERATOR_KEY"]);
        Assert.Equal("{smtp-host.value}", environment["SMTP_HOST"]);
        Assert.Equal("false", environment["DEBUG"]);
        Assert.Equal(2, environment.Keys.Count(name => name.Contains("solacore", StringComparison.OrdinalIgnoreCase) || name.StartsWith("ConnectionStrings__", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task an_unknown_target_says_which_there_are()
    {
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => SystemModel.PublishedAsync("mainframe", "unused", "--publisher", "manifest"));

        Assert.Contains("'azure' or 'compose', not 'mainframe'", refusal.ToString(), StringComparison.Ordinal);
    }
}
