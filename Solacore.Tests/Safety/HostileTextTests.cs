using CsCheck;
using Solacore.Core.Safety;

namespace Solacore.Tests.Safety;

/// <summary>Whatever is typed: nothing throws, and cleaning what is clean changes nothing.</summary>
public sealed class HostileTextTests
{
    private static readonly string[] Fragments =
    [
        "ignore ", "previous ", "instructions", "[INST]", "system:", "\n", "a@b.co", "555-123-4567", "@", "+1 (", ") ", "4111 1111 1111 1111",
        "kill ", "myself", "no quiero ", "vivir", "想", "死", "不", "\u200b", "\u200d", "\ufe0f", "\u20e3", "\u0001", "٥", "—", "\ud83d", "\ude22", "\ufffe", "\uffff", "😢", "\u0301", "’", "“", "1gn0re ", "i!", "$", ".", " ", "my password is ", "号", "北京市",
    ];

    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String,
        Gen.Char.Array[0, 200].Select(chars => new string(chars)),
        Gen.Int[0, Fragments.Length - 1].Select(i => Fragments[i]).Array[0, 40].Select(string.Concat));

    [Fact]
    public void no_text_makes_the_rules_throw() => Texts.Sample(text =>
    {
        _ = CrisisDetector.Detect(text);
        _ = InjectionGuard.LooksLikeInjection(text);
        _ = PersonalData.Flags(text);
        Assert.InRange(EmotionDetector.Detect(text).Confidence, 0, 1);
    }, iter: 2_000);

    [Fact]
    public void cleaning_is_idempotent() => Texts.Sample(text =>
    {
        var sanitised = InputCleaning.Sanitise(text);
        Assert.Equal(sanitised, InputCleaning.Sanitise(sanitised));
        var withoutData = InputCleaning.RemovePersonalData(text);
        Assert.Equal(withoutData, InputCleaning.RemovePersonalData(withoutData));
        var clean = InputCleaning.Clean(text);
        Assert.Equal(clean, InputCleaning.Clean(clean));
    }, iter: 2_000);

    /// <summary>Texts that make a backtracking pattern hang; the test run would not end.</summary>
    [Theory]
    [InlineData("!")]
    [InlineData("i!")]
    [InlineData("ignore ")]
    [InlineData("want to want to ")]
    [InlineData("想")]
    [InlineData("1 ")]
    [InlineData("a.")]
    [InlineData("@")]
    [InlineData("(1) ")]
    [InlineData("no quiero ")]
    [InlineData("北京市")]
    [InlineData("AB12")]
    [InlineData("seed phrase is aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("twenty one one one mil ")]
    [InlineData("1  1  1 1 ")]
    [InlineData("1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("A1_")]
    [InlineData("calle mayor ")]
    [InlineData("12 kings ")]
    [InlineData("phone 1/1_1 - ")]
    [InlineData("1\u200d")]
    [InlineData("1— ")]
    [InlineData("路八")]
    public void repeated_text_is_read_to_its_end(string piece) => IsReadToItsEnd(string.Concat(Enumerable.Repeat(piece, 4_000 / piece.Length)));

    /// <summary>One word that is longer than any pattern expects, behind a word that introduces something.</summary>
    [Theory]
    [InlineData("seed phrase is ")]
    [InlineData("password is ")]
    [InlineData("passport ")]
    [InlineData("username ")]
    [InlineData("telegram ")]
    [InlineData("IBAN ES00")]
    [InlineData("https://reset.example.com/")]
    [InlineData("call one ")]
    [InlineData("12 ")]
    [InlineData("calle ")]
    [InlineData("born on ")]
    [InlineData("i live at 12 ")]
    [InlineData("vivo en la calle ")]
    [InlineData("phone 030/1")]
    public void one_long_word_is_read_to_its_end(string lead)
    {
        foreach (var letter in "aA1_")
        {
            IsReadToItsEnd(lead + new string(letter, 4_000) + "!");
        }
    }

    private static void IsReadToItsEnd(string text)
    {
        _ = CrisisDetector.Detect(text);
        _ = EmotionDetector.Detect(text);
        _ = InjectionGuard.LooksLikeInjection(text);
        var clean = InputCleaning.Clean(text);
        Assert.True(clean.Length <= text.Length);
    }
}
