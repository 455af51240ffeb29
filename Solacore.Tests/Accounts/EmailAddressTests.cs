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
    [InlineData("ann@xn--bcher-kva.de", "ann@bücher.de")]
    [InlineData("ann@BÜCHER。de", "ann@bücher.de")]
    [InlineData("ann@ｅxample.com", "ann@example.com")]
    [InlineData("u\u0308nicode@bu\u0308cher.de", "ünicode@bücher.de")]
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
    [InlineData("ann\ufffe@example.com")]
    [InlineData("ann@exa\ufffemple.com")]
    [InlineData("ann@exa_mple.com")]
    [InlineData("ann@example.com\u202e")]
    public void everything_else_is_refused_with_a_sentence(string text) =>
        Assert.EndsWith(".", EmailAddress.FindProblem(text), StringComparison.Ordinal);

    [Fact]
    public void lengths_are_bounded()
    {
        Assert.Null(EmailAddress.FindProblem(new string('a', 64) + "@example.com"));
        Assert.NotNull(EmailAddress.FindProblem(new string('a', 65) + "@example.com"));
        Assert.Null(EmailAddress.FindProblem(string.Concat(Enumerable.Repeat("u\u0308", 32)) + "@example.com"));
        Assert.NotNull(EmailAddress.FindProblem("a@" + string.Join('.', Enumerable.Repeat(new string('b', 60), 5)) + ".com"));
    }

    [Fact]
    public void what_grows_when_it_is_composed_is_measured_afterwards()
    {
        var twice = "\u0958";
        Assert.Equal(2, twice.Normalize().Length);

        Assert.NotNull(EmailAddress.FindProblem(string.Concat(Enumerable.Repeat(twice, 21)) + "@example.com"));
        Assert.NotNull(EmailAddress.FindProblem(new string('a', 60) + "@" + string.Join('.', Enumerable.Repeat(string.Concat(Enumerable.Repeat(twice, 26)), 4)) + ".co"));
    }

    [Theory]
    [InlineData("Ann@Bücher.de")]
    [InlineData("ann@xn--bcher-kva.de")]
    [InlineData("ANN@BU\u0308CHER。DE")]
    public void one_mailbox_has_one_key(string spelling) => Assert.Equal("ann@bücher.de", EmailAddress.KeyOf(spelling));

    [Theory]
    [InlineData("vi@example.com", "vİ@example.com")]
    [InlineData("ann@strasse.de", "ann@straße.de")]
    [InlineData("ann@βόλοσ.gr", "ann@βόλος.gr")]
    public void other_letters_are_another_mailbox(string one, string other) => Assert.NotEqual(EmailAddress.KeyOf(one), EmailAddress.KeyOf(other));
}
