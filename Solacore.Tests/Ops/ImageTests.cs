using System.Text.Json;
using Solacore.LocalHost;

namespace Solacore.Tests.Ops;

/// <summary>
/// The images need neither root nor a writable disk, and listen where they are told to. Read from the projects as the
/// publish reads them: making an image needs its base image, which not every machine can fetch.
/// </summary>
public sealed class ImageTests
{
    [Theory]
    [InlineData("Solacore.Api", "solacore-api")]
    [InlineData("Solacore.Worker", "solacore-worker")]
    public async Task the_image_is_unprivileged_and_listens_where_it_is_told_to(string project, string repository)
    {
        var image = await ReadAsync(
            project, "-getProperty:ContainerBaseImage,ContainerUser,ContainerRepository,ContainerImageTags,ContainerTitle", "-getItem:ContainerPort,ContainerEnvironmentVariable");
        var properties = image.GetProperty("Properties");
        var items = image.GetProperty("Items");

        Assert.Equal("mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra", properties.GetProperty("ContainerBaseImage").GetString());
        Assert.Equal("1654", properties.GetProperty("ContainerUser").GetString());
        Assert.Equal(repository, properties.GetProperty("ContainerRepository").GetString());
        Assert.Equal("1.0.0;latest", properties.GetProperty("ContainerImageTags").GetString());
        Assert.NotEmpty(properties.GetProperty("ContainerTitle").GetString()!);
        Assert.Equal(["8000", "8001"], Identities("ContainerPort"));
        Assert.Equal(
            [("ASPNETCORE_HTTP_PORTS", ""), ("DOTNET_EnableDiagnostics", "0")],
            items.GetProperty("ContainerEnvironmentVariable").EnumerateArray().Select(item => (item.GetProperty("Identity").GetString(), item.GetProperty("Value").GetString())));

        IEnumerable<string?> Identities(string item) => items.GetProperty(item).EnumerateArray().Select(entry => entry.GetProperty("Identity").GetString());
    }

    [Theory]
    [InlineData("linux-x64", "true", "-p:_IsPublishing=true")]
    [InlineData("linux-arm64", "true", "-p:_IsPublishing=true", "-p:ContainerRuntimeIdentifier=linux-arm64")]
    [InlineData("linux-x64", "false", "-p:_IsPublishing=true", "-p:PublishReadyToRun=false")]
    [InlineData("", "", "-p:_IsPublishing=true", "-p:ContainerRuntimeIdentifiers=\"linux-x64;linux-arm64\"")]
    [InlineData("", "")]
    public async Task what_is_published_is_compiled_ahead_for_the_platform_of_the_image(string platform, string isCompiled, params string[] arguments)
    {
        var properties = (await ReadAsync("Solacore.Worker", ["-getProperty:RuntimeIdentifier,PublishReadyToRun", .. arguments])).GetProperty("Properties");

        Assert.Equal((platform, isCompiled), (properties.GetProperty("RuntimeIdentifier").GetString(), properties.GetProperty("PublishReadyToRun").GetString()));
    }

    private static async Task<JsonElement> ReadAsync(string project, params string[] arguments)
    {
        var lines = await ServiceProcess.RunToEndAsync(
            new ServiceOptions("msbuild", "dotnet", ["msbuild", Path.Combine(BuildOutput.RepositoryRoot, project), "-nologo", .. arguments]));
        return JsonElement.Parse(string.Join('\n', lines));
    }
}
