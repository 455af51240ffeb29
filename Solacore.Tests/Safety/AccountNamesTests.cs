using Solacore.Core.Safety;

namespace Solacore.Tests.Safety;

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
    [InlineData("Beatriz's Fairphone", "Beatriz's Fairphone is slow, my Fairphone is not", "is slow, my Fairphone is not")]
    [InlineData("iPhone 15", "My iPhone 15 is broken, my iPhone is not", "My iPhone 15 is broken, my iPhone is not")]
    [InlineData("Web Browser", "Which web browser is safe?", "Which web browser is safe?")]
    [InlineData("iPhone de trabajo", "el trabajo me agobia", "el trabajo me agobia")]
    [InlineData(null, "nothing to hide", "nothing to hide")]
    public void so_are_the_owners_of_devices_but_not_what_everybody_calls_theirs(string? device, string text, string expected) =>
        Assert.Equal(expected, AccountNames.Of("a@example.com", [device]).Hide(text));

    [Theory]
    [InlineData("sun@example.com", "Why does the sun shine? Sun or rain, THE SUN. I love sun")]
    [InlineData("will.green@example.com", "Will I ever eat green food? I WILL. It will help. Green is fine")]
    [InlineData("home@example.com", "I stay at home. Home is where I work from home")]
    [InlineData("info@example.com", "I need more info, and then some info")]
    [InlineData("luz.mar@example.com", "La luz del mar me calma. Luz, más luz")]
    public void an_ordinary_word_of_the_address_stays_where_it_names_nobody(string email, string text) =>
        Assert.Equal(text, AccountNames.Of(email, []).Hide(text));

    [Theory]
    [InlineData("sun", "I'm sun and I sleep badly in the sun", "I'm and I sleep badly in the sun")]
    [InlineData("sun", "my name is SUN", "my name is")]
    [InlineData("sun", "they call Sun names", "they call names")]
    [InlineData("sun", "hi, sun here, I need help", "hi, here, I need help")]
    [InlineData("sun", "Sun here. I need help", "here. I need help")]
    [InlineData("sun", "hello it's sun, i need help", "hello it's , i need help")]
    [InlineData("sun", "Thanks for listening. sun", "Thanks for listening.")]
    [InlineData("sun", "help me please, thanks Sun!", "help me please, thanks !")]
    [InlineData("sun", "我是sun，我很累", "我是，我很累")]
    [InlineData("will", "I cannot sleep — will", "I cannot sleep —")]
    [InlineData("will", "Dear Will, will you sleep?", "Dear , will you sleep?")]
    [InlineData("luz", "me llamo luz y busco la luz", "me llamo y busco la luz")]
    [InlineData("sol", "no puedo más, gracias, sol", "no puedo más, gracias,")]
    [InlineData("will.green", "will.green, will green and Will Green; W. Green", ", and ; W.")]
    public void an_ordinary_word_of_the_address_goes_where_it_is_said_as_a_name(string local, string text, string expected) =>
        Assert.Equal(expected, AccountNames.Of(local + "@example.com", []).Hide(text));

    [Theory]
    [InlineData("Teach me chess please, Maximil...", "Teach me chess please, ...")]
    [InlineData("Teach me chess please, MAX...", "Teach me chess please, ...")]
    [InlineData("我是Feather...", "我是...")]
    [InlineData("教我下棋，我叫欧阳修...", "教我下棋，我叫...")]
    [InlineData("Teach me chess, ma...", "Teach me chess, ma...")]
    [InlineData("Teach me the maxims of...", "Teach me the maxims of...")]
    [InlineData("Teach me max... and min", "Teach me max... and min")]
    public void a_text_that_was_cut_inside_a_name_does_not_end_with_its_beginning(string text, string expected) =>
        Assert.Equal(expected, AccountNames.Of("maximilian.featherstone@example.com", ["欧阳修竹的iPhone"]).Hide(text));

    private static string Squeezed(string text) => text.Replace(" ", "", StringComparison.Ordinal);
}
