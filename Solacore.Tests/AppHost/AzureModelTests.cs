using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Solacore.Tests.LocalHost;

namespace Solacore.Tests.AppHost;

public sealed class AzureModelTests
{
    private static readonly string[] Secrets =
    [
        "jwt-secret", "stripe-secret-key", "stripe-webhook-secret", "revenuecat-webhook-secret", "revenuecat-api-key", "openai-api-key", "anthropic-api-key",
        "openrouter-api-key", "google-client-secret", "smtp-password", "expo-access-token", "sentry-dsn", "operator-key", "postgres-password",
    ];

    [Fact]
    public async Task every_secret_is_a_secret_parameter_without_a_value_in_the_model()
    {
        await using var model = await SystemModel.PublishedAsync("azure", "unused", "--publisher", "manifest");

        var secrets = model.Resources.OfType<ParameterResource>().Where(parameter => parameter.Secret).ToList();

        Assert.Equal(Secrets.Order(StringComparer.Ordinal), secrets.Select(secret => secret.Name).Order(StringComparer.Ordinal));
        Assert.All(secrets, secret => Assert.True(secret.Default is null or GenerateParameterDefault));
    }

    [Theory]
    [InlineData("frontend-url", "https://solacore.app")]
    [InlineData("smtp-host", "")]
    [InlineData("custom-domain", "")]
    [InlineData("certificate-name", "")]
    [InlineData("region", "eastus2")]
    public async Task a_default_can_be_overridden(string name, string value)
    {
        await using var plain = await SystemModel.PublishedAsync("azure", "unused", "--publisher", "manifest");
        await using var given = await SystemModel.PublishedAsync("azure", "unused", "--publisher", "manifest", $"--Parameters:{name}=another");

        Assert.Equal(value, plain.Resource<ParameterResource>(name).Default!.GetDefaultValue());
        Assert.Equal("another", given.Resource<ParameterResource>(name).Default!.GetDefaultValue());
    }

    [Fact]
    public async Task the_manifest_holds_managed_stores_two_apps_and_a_job()
    {
        using var folder = new TemporaryFolder();
        var resources = await SystemModel.PublishManifestAsync("azure", folder.PathOf("."));

        Assert.Equal("azure.bicep.v0", (string)resources["redis"]!["type"]!);

        var postgres = await TemplateAsync(folder.PathOf("."), resources["postgres"]!);
        Assert.Contains("autoGrow: 'Enabled'", postgres, StringComparison.Ordinal);
        Assert.Contains("backupRetentionDays: 7", postgres, StringComparison.Ordinal);
        Assert.All(
            ["'pgbouncer.enabled'", "'idle_in_transaction_session_timeout'", "'log_error_verbosity'"],
            parameter => Assert.Contains(parameter, postgres, StringComparison.Ordinal));
        Assert.Contains("Port=6432", postgres, StringComparison.Ordinal);

        var api = await TemplateAsync(folder.PathOf("."), resources["api"]!["deployment"]!);
        Assert.Contains("minReplicas: 1", api, StringComparison.Ordinal);
        Assert.Contains("concurrentRequests: '100'", api, StringComparison.Ordinal);
        Assert.DoesNotContain("customDomains", api, StringComparison.Ordinal);
        Assert.Contains("'/health/ready'", api, StringComparison.Ordinal);
        Assert.Contains("terminationGracePeriodSeconds: 60", api, StringComparison.Ordinal);

        var worker = await TemplateAsync(folder.PathOf("."), resources["worker"]!["deployment"]!);
        Assert.Contains("'postgresql'", worker, StringComparison.Ordinal);
        Assert.Contains("select count(*) from jobs where state = 0 and run_at <= now()", worker, StringComparison.Ordinal);
        Assert.Contains("'queue-depth-password'", worker, StringComparison.Ordinal);
        Assert.Contains("terminationGracePeriodSeconds: 60", worker, StringComparison.Ordinal);

        Assert.Contains("Microsoft.App/jobs", await TemplateAsync(folder.PathOf("."), resources["migrations"]!["deployment"]!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task the_api_has_a_domain_of_its_own_once_one_is_given()
    {
        using var folder = new TemporaryFolder();
        var resources = await SystemModel.PublishManifestAsync("azure", folder.PathOf("."), "--Parameters:custom-domain=api.example.com");

        var api = await TemplateAsync(folder.PathOf("."), resources["api"]!["deployment"]!);

        Assert.Contains("customDomains", api, StringComparison.Ordinal);
        Assert.Equal("api.example.com", (string)resources["custom-domain"]!["inputs"]!["value"]!["default"]!["value"]!);
    }

    [Fact]
    public async Task the_services_use_the_pooler_and_know_the_way_past_it()
    {
        await using var model = await SystemModel.PublishedAsync("azure", "unused", "--publisher", "manifest");

        var worker = await model.Resource<ProjectResource>("worker").PublishedEnvironmentAsync();
        var migrations = await model.Resource<ProjectResource>("migrations").PublishedEnvironmentAsync();

        Assert.Contains("connectionstrings--solacore-pooled", worker["ConnectionStrings__solacore"], StringComparison.Ordinal);
        Assert.Contains("solacore-direct", string.Join(' ', worker.Keys), StringComparison.Ordinal);
        Assert.DoesNotContain("pooled", migrations["ConnectionStrings__solacore"], StringComparison.Ordinal);
        Assert.Equal("true", worker["DATABASE_POOLED"]);
        Assert.Contains("jwt-secret", worker["JWT_SECRET"], StringComparison.Ordinal);
        Assert.Contains("operator-key", worker["OPERATOR_KEY"], StringComparison.Ordinal);
    }

    private static Task<string> TemplateAsync(string folder, JsonNode module) =>
        File.ReadAllTextAsync(Path.Combine(folder, (string)module["path"]!), TestContext.Current.CancellationToken);
}
