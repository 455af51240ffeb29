using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Solacore.Tests.AppHost;

/// <summary>The AppHost's model, built but never started: that needs neither containers nor the orchestrator.</summary>
internal static class SystemModel
{
    public static Task<IDistributedApplicationTestingBuilder> LocalAsync() =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.Solacore_AppHost>(TestContext.Current.CancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> PublishedAsync(string target, string output, params string[] publisher) =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.Solacore_AppHost>(
            ["--operation", "publish", .. publisher, "--output-path", output, "--target", target],
            TestContext.Current.CancellationToken);

    /// <summary>Publishes the manifest that azd reads, with the templates beside it.</summary>
    public static async Task<JsonObject> PublishManifestAsync(string target, string folder, params string[] parameters)
    {
        var manifest = Path.Combine(folder, "manifest.json");
        await PublishAsync(await PublishedAsync(target, manifest, ["--publisher", "manifest", .. parameters]));
        return JsonNode.Parse(await File.ReadAllTextAsync(manifest, TestContext.Current.CancellationToken))!["resources"]!.AsObject();
    }

    /// <summary>Does what <c>aspire publish</c> does.</summary>
    public static async Task PublishFilesAsync(string target, string folder) =>
        await PublishAsync(await PublishedAsync(target, folder, "--step", "publish"));

    public static T Resource<T>(this IDistributedApplicationTestingBuilder model, string name)
        where T : IResource =>
        model.Resources.OfType<T>().Single(resource => resource.Name == name);

    public static IReadOnlyList<string> Waits(this IResource resource) =>
        [.. resource.Annotations.OfType<WaitAnnotation>().Select(wait => $"{wait.WaitType} {wait.Resource.Name}").Order(StringComparer.Ordinal)];

    /// <summary>What a resource gets on publishing; values that are known later appear as manifest expressions.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> PublishedEnvironmentAsync(this IResource resource)
    {
        var configuration = await ExecutionConfigurationBuilder.Create(resource)
            .WithEnvironmentVariablesConfig()
            .BuildAsync(
                new DistributedApplicationExecutionContext(DistributedApplicationOperation.Publish),
                NullLogger.Instance,
                TestContext.Current.CancellationToken);
        return configuration.EnvironmentVariables.ToDictionary(StringComparer.Ordinal);
    }

    private static async Task PublishAsync(IDistributedApplicationTestingBuilder model)
    {
        await using (model)
        {
            await using var app = await model.BuildAsync(TestContext.Current.CancellationToken);
            await app.RunAsync(TestContext.Current.CancellationToken);
        }
    }
}
