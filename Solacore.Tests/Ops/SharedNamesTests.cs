using System.Text.RegularExpressions;
using Solacore.LocalHost;

namespace Solacore.Tests.Ops;

/// <summary>
/// The AppHost shares names with the services through two files. Where no Aspire package is to be had it is not compiled,
/// so that a name that does not exist would be found by somebody else.
/// </summary>
public sealed partial class SharedNamesTests
{
    [Fact]
    public void every_name_that_the_AppHost_uses_exists()
    {
        var known = new[] { "SettingNames", "SystemNames" }
            .SelectMany(type => Constant().Matches(Text("Solacore.Core", type + ".cs")).Select(match => $"{type}.{match.Groups["name"].Value}"))
            .ToHashSet(StringComparer.Ordinal);
        var used = new[] { "Solacore.AppHost", Path.Combine("Solacore.Tests", "AppHost") }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(BuildOutput.RepositoryRoot, folder), "*.cs"))
            .SelectMany(file => Use().Matches(File.ReadAllText(file)).Select(match => match.Value))
            .ToHashSet(StringComparer.Ordinal);

        Assert.True(used.Count >= 40);
        Assert.Empty(used.Except(known));
    }

    [Fact]
    public void every_setting_that_the_AppHost_hands_over_is_read()
    {
        // What the tables explain is what the services read: SettingsTests compares them.
        var explained = Text("docs", "settings.md");

        Assert.All(Value().Matches(Text("Solacore.Core", "SettingNames.cs")), setting => Assert.Contains($"`{setting.Groups["value"]}`", explained, StringComparison.Ordinal));
    }

    [Fact]
    public void a_shared_name_is_written_nowhere_else()
    {
        var shared = Value().Matches(Text("Solacore.Core", "SettingNames.cs")).Select(match => match.Groups["value"].Value)
            .Append("--reset")
            .ToHashSet(StringComparer.Ordinal);
        var written = new[] { "Solacore.Api", "Solacore.Core", "Solacore.Worker", "Solacore.ServiceDefaults", "Solacore.LocalHost" }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(BuildOutput.RepositoryRoot, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => Path.GetFileName(file) is not ("SettingNames.cs" or "SystemNames.cs"))
            .SelectMany(file => Literal().Matches(File.ReadAllText(file)).Select(match => match.Groups["value"].Value));

        Assert.DoesNotContain(written, shared.Contains);
    }

    private static string Text(string folder, string file) => File.ReadAllText(Path.Combine(BuildOutput.RepositoryRoot, folder, file));

    [GeneratedRegex(@"(const|static readonly) [\w\[\]]+ (?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Constant();

    [GeneratedRegex("const string \\w+ = \"(?<value>\\w+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Value();

    [GeneratedRegex("\"(?<value>[\\w-]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Literal();

    [GeneratedRegex(@"\b(SettingNames|SystemNames)\.\w+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Use();
}
