using System.Text.Json;
using System.Xml.Linq;

namespace Solacore.Tests.AppHostFiles;

/// <summary>What must hold of the AppHost's files even where its project cannot be compiled for want of Aspire's packages.</summary>
public sealed class AppHostFilesTests
{
    private static readonly string Root = FindRoot();

    [Fact]
    public void sdk_and_packages_are_of_one_version()
    {
        var project = XDocument.Load(Path.Combine(Root, "Solacore.AppHost", "Solacore.AppHost.csproj"));
        var sdks = project.Descendants("Import")
            .Where(import => (string?)import.Attribute("Sdk") == "Aspire.AppHost.Sdk")
            .Select(import => (string?)import.Attribute("Version"));
        var packages = XDocument.Load(Path.Combine(Root, "Directory.Packages.props")).Descendants("AspireVersion").Single().Value;

        Assert.Equal([packages, packages], sdks);
    }

    [Fact]
    public void the_aspire_package_that_the_sdk_brings_is_not_pinned_too() =>
        // NuGet refuses a central version for a package that an SDK references implicitly (NU1009).
        Assert.DoesNotContain(
            XDocument.Load(Path.Combine(Root, "Directory.Packages.props")).Descendants("PackageVersion"),
            package => (string?)package.Attribute("Include") == "Aspire.Hosting.AppHost");

    [Fact]
    public void the_tools_are_pointed_to_the_project()
    {
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "aspire.config.json")));
        var path = config.RootElement.GetProperty("appHost").GetProperty("path").GetString()!;

        Assert.True(File.Exists(Path.Combine(Root, path)), path);
        Assert.Contains($"project: ./{path}", File.ReadAllText(Path.Combine(Root, "azure.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void the_dashboard_replays_all_by_a_query_that_is_no_part_of_the_path()
    {
        var wiring = File.ReadAllText(Path.Combine(Root, "Solacore.AppHost", "LocalWiring.cs"));

        // Aspire puts the path into UriBuilder.Path, which escapes a question mark.
        Assert.Contains("\"/admin/dead-jobs/replay\"", wiring, StringComparison.Ordinal);
        Assert.Contains("{ Query = \"all=true\" }", wiring, StringComparison.Ordinal);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Solacore.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder.FullName;
    }
}
