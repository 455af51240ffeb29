using Solacore.Core.Language;

namespace Solacore.Tests.Solve;

/// <summary>Which language answers: contract/domain.md 15.</summary>
public sealed class ReplyLocaleTests
{
    [Theory]
    // The session's own locale wins, in any shape.
    [InlineData("es", "zh-CN", "hello there", "en", "es")]
    [InlineData("zh-CN", "es", "hola", "es", "zh")]
    [InlineData("zh_Hans", null, null, null, "zh")]
    [InlineData("EN-us", "zh", "你好", "zh", "en")]
    [InlineData("fr", "es", null, "zh", "es")]
    [InlineData("", "es", null, null, "es")]
    // Then Accept-Language by weight.
    [InlineData(null, "es-MX,es;q=0.9,en;q=0.8", "hello", "en", "es")]
    [InlineData(null, "en;q=0.5, zh-TW;q=0.9", null, null, "zh")]
    [InlineData(null, "fr-FR,fr;q=0.9,es;q=0.3", "hello", "en", "es")]
    [InlineData(null, "es;q=0,en;q=0.1", null, null, "en")]
    [InlineData(null, "es;q=zero,zh;q=0.1", null, null, "zh")]
    [InlineData(null, "es; q=0.4 , zh ;q=0.4", null, null, "es")]
    [InlineData(null, "*", "quiero dormir mejor pero no puedo", "en", "es")]
    [InlineData(null, "fr,de;q=0.7", "我睡不着", "en", "zh")]
    [InlineData(null, ",;q=,;;", "我睡不着", "en", "zh")]
    // Then the message.
    [InlineData(null, null, "I feel worried about a deadline", "es", "en")]
    [InlineData(null, null, "Estoy preocupada por el plazo", "en", "es")]
    [InlineData(null, null, "no se que hacer con mi trabajo", "en", "es")]
    [InlineData(null, null, "¿Ayuda?", "en", "es")]
    [InlineData(null, null, "ruptura", "en", "es")]
    [InlineData(null, null, "paz", "en", "es")]
    [InlineData(null, null, "ella", "en", "es")]
    [InlineData(null, null, "tristeza", "en", "es")]
    [InlineData(null, null, "Dinero, deudas.", "en", "es")]
    [InlineData(null, null, "money", "es", "en")]
    [InlineData(null, null, "breakup", "es", "en")]
    [InlineData(null, null, "我想睡觉", "en", "zh")]
    [InlineData(null, null, "我的 deadline 是明天，怎么办", "en", "zh")]
    [InlineData(null, null, "My teacher wrote 好 on it and I feel happy about that", "es", "en")]
    [InlineData(null, null, "眠れないのです", "es", "es")]
    // Then the account, then English.
    [InlineData(null, null, "12345", "es-ES", "es")]
    [InlineData(null, null, "", "zh", "zh")]
    [InlineData(null, null, null, "fr", "en")]
    [InlineData(null, null, null, null, "en")]
    public void the_first_answer_counts(string? session, string? acceptLanguage, string? message, string? user, string expected) =>
        Assert.Equal(expected, ReplyLocale.Choose(session, acceptLanguage, message, user));

    [Theory]
    [InlineData("B", "es", "es")]
    [InlineData("ok", "zh", "zh")]
    [InlineData("I will call her tomorrow", "zh", "en")]
    [InlineData("B", "fr", "en")]
    [InlineData("B", null, "en")]
    public void a_message_without_a_language_goes_on_in_that_of_the_last_reply(string message, string? last, string expected) =>
        Assert.Equal(expected, ReplyLocale.Choose(sessionLocale: null, acceptLanguage: null, message, last));
}
