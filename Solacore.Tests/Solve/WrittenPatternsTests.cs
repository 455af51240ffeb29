using Solacore.Core.Language;

namespace Solacore.Tests.Solve;

/// <summary>Patterns that are one regular expression find what each would find by itself.</summary>
public sealed class WrittenPatternsTests
{
    private static readonly WrittenPatterns Wishes = new(["^i want (to )?(?<rest>.+)$", "^I (want|need) (?<rest>.+)$", "^(?<rest>.+) would be nice$|^let's hope"]);

    [Theory]
    [InlineData("I want to sleep", 0, "sleep")]
    [InlineData("I need sleep", 1, "sleep")]
    [InlineData("Sleep would be nice", 2, "Sleep")]
    [InlineData("let's hope so", 2, "")]
    public void the_first_that_fits_counts(string text, int number, string rest)
    {
        var found = Wishes.First(text);

        Assert.Equal((number, rest), (found!.Value.Number, found.Value.Match.Groups["rest"].Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Well, I want to sleep")]
    public void none_fits_behind_the_beginning(string text) => Assert.Null(Wishes.First(text));
}
