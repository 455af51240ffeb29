using Solacore.Core.Accounts;

namespace Solacore.Tests.Accounts;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("ann@example.com", "ann@example.com")]
    [InlineData(" Ann@Example.COM ", "Ann@example.com")]
    [InlineData("a.b+c_d-e@sub.domain.co.uk", "a.b+c_d-e@sub.domain.co.uk")]
    [InlineData("ünïcode@example.com", "ünïcode@example.com")]
    [InlineData("ann@bücher.de", "ann@bücher.de")]
    [InlineData("beta-tester@solacore.app", "beta-tester@solacore.app")]
    public void a_usable_address_is_kept_as_typed_but_for_its_domain(string text, string stored) =>
        Assert.Equal((null, stored), (EmailAddress.FindProblem(text), EmailAddress.Clean(text)));

    [Theory]
    [InlineData("")]
    [InlineData("ann")]
    [InlineData("@example.com")]
    [InlineData("ann@")]
    [InlineData("ann@localhost")]
    [InlineData("ann@printer.local")]
    [InlineData("ann@site.test")]
    [InlineData("ann@site.invalid")]
    [InlineData("ann@site.example")]
    [InlineData("ann@example..com")]
    [InlineData("ann@-example.com")]
    [InlineData("ann@example.com.")]
    [InlineData("ann@127.0.0.1")]
    [InlineData("ann@[127.0.0.1]")]
    [InlineData(".ann@example.com")]
    [InlineData("ann.@example.com")]
    [InlineData("a..nn@example.com")]
    [InlineData("an n@example.com")]
    [InlineData("ann@b@example.com")]
    [InlineData("Ann <ann@example.com>")]
    [InlineData("\"ann\"@example.com")]
    [InlineData("ann\u0000@example.com")]
    [InlineData("ann\n@example.com")]
    [InlineData("ann@exa_mple.com")]
    [InlineData("ann@example.com\u202e")]
    public void everything_else_is_refused_with_a_sentence(string text) =>
        Assert.EndsWith(".", EmailAddress.FindProblem(text), StringComparison.Ordinal);

    [Fact]
    public void lengths_are_bounded()
    {
        Assert.Null(EmailAddress.FindProblem(new string('a', 64) + "@example.com"));
        Assert.NotNull(EmailAddress.FindProblem(new string('a', 65) + "@example.com"));
        Assert.NotNull(EmailAddress.FindProblem("a@" + string.Join('.', Enumerable.Repeat(new string('b', 60), 5)) + ".com"));
    }
}
