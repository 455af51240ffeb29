using Solacore.Core.Model;

namespace Solacore.Tests.Model;

public sealed class AccountNamesTests
{
    [Theory]
    [InlineData("maria.lopez@example.com", "I am María, Maria López (maria.lopez)", "I am , (  )")]
    [InlineData("ann+coach@example.com", "Ann says: planning with Hannah and ann+coach", "says: planning with Hannah and")]
    [InlineData("x9@example.com", "x9 is too short to be taken for a name", "x9 is too short to be taken for a name")]
    [InlineData("12345678@example.com", "12345678 steps", "12345678 steps")]
    public void the_words_of_the_address_are_hidden_wherever_they_stand_alone(string email, string text, string expected) =>
        Assert.Equal(Squeezed(expected), Squeezed(AccountNames.Of(email, []).Hide(text)));

    [Theory]
    [InlineData("Beatriz's iPhone", "It is me, beatriz.", "It is me, .")]
    [InlineData("iPhone de Beatriz", "Beatriz’s plan is BEATRIZ's", "’s plan is 's")]
    [InlineData("小明的iPhone", "我是小明，我很累", "我是，我很累")]
    [InlineData("iPhone 15", "My iPhone 15 is broken, my iPhone is not", "My is broken, my iPhone is not")]
    [InlineData(null, "nothing to hide", "nothing to hide")]
    public void so_are_devices_and_their_owners(string? device, string text, string expected) =>
        Assert.Equal(expected, AccountNames.Of("a@example.com", [device]).Hide(text));

    private static string Squeezed(string text) => text.Replace(" ", "", StringComparison.Ordinal);
}
