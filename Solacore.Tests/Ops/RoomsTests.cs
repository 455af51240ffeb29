using System.Text.RegularExpressions;
using Solacore.LocalHost;

namespace Solacore.Tests.Ops;

/// <summary>Which room may know which other one, inside of a project.</summary>
public sealed partial class RoomsTests
{
    // Billing's part is the value of a column.
    [Theory]
    [InlineData("Solacore.Core", "Data", "Solacore.Core.Billing", "Solacore.Core.Settings")]
    [InlineData("Solacore.Api", "Http", "Solacore.Core.Data", "Solacore.Core.Settings")]
    public void a_room_on_which_the_features_stand_knows_none_of_them(string project, string room, params string[] mayKnow)
    {
        var known = Directory.GetFiles(Path.Combine(BuildOutput.RepositoryRoot, project, room), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Room().Matches(File.ReadAllText(file)).Select(match => match.Value))
            .ToHashSet(StringComparer.Ordinal);

        Assert.Contains($"{project}.{room}", known);
        Assert.Equal(mayKnow, known.Where(name => name != $"{project}.{room}").Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"\bSolacore\.(Api|Core)\.\w+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Room();
}
