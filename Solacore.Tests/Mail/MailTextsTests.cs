using Solacore.Core.Mail;

namespace Solacore.Tests.Mail;

public sealed class MailTextsTests
{
    private static readonly Guid Id = Guid.Parse("0192f0c1-1111-7222-8333-444455556666");
    private const string Stop = "https://api.solacore.app/unsubscribe?token=abc_-1&lang=en";
    private static readonly DateTimeOffset Due = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Theory]
    [InlineData("en", "Password reset – Solacore", "valid for 30 minutes", "If it was not you, ignore this mail")]
    [InlineData("es-MX", "Restablecer la contraseña – Solacore", "válido durante 30 minutos", "Si no has sido tú, ignora este correo")]
    [InlineData("zh-CN", "重置密码 – Solacore", "30 分钟内有效", "如果这不是你本人的操作，请忽略此邮件")]
    [InlineData("fr", "Password reset – Solacore", "valid for 30 minutes", "If it was not you, ignore this mail")]
    public void a_reset_mail_says_in_the_language_of_the_user_what_it_must(string locale, string subject, string validity, string ignore)
    {
        const string Link = "https://solacore.app/reset-password?token=abc_-1";
        var mail = MailTexts.PasswordReset(Id, "ann@example.com", locale, Link);

        Assert.Equal(("reset.0192f0c1111172228333444455556666", "ann@example.com", subject, null), (mail.Occasion, mail.To, mail.Subject, mail.UnsubscribeUrl));
        foreach (var body in new[] { mail.Text, mail.Html })
        {
            Assert.Contains(Link, body, StringComparison.Ordinal);
            Assert.Contains(validity, body, StringComparison.Ordinal);
            Assert.Contains(ignore, body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("en", "Your reminder: pick up where you left off – Solacore", "Your first step: Call Bob", "No more reminders by mail: ")]
    [InlineData("es", "Tu recordatorio: retoma lo que empezaste – Solacore", "Tu primer paso: Call Bob", "Para no recibir más recordatorios por correo: ")]
    [InlineData("zh", "提醒：继续处理你的问题 – Solacore", "你的第一步：Call Bob", "不再接收提醒邮件：")]
    public void a_reminder_names_the_action_the_session_and_the_way_to_stop_it(string locale, string subject, string step, string stop)
    {
        var mail = MailTexts.Reminder(Id, Due, "ann@example.com", locale, "Call\n Bob", $"https://solacore.app/sessions/{Id}", Stop);

        Assert.Equal(("reminder.0192f0c1111172228333444455556666.20260304T050607.000000", subject, Stop), (mail.Occasion, mail.Subject, mail.UnsubscribeUrl));
        Assert.EndsWith($"{stop}{Stop}\n", mail.Text, StringComparison.Ordinal);
        Assert.Contains($"{stop}<a href=\"{Stop.Replace("&", "&amp;", StringComparison.Ordinal)}\">", mail.Html, StringComparison.Ordinal);
        foreach (var body in new[] { mail.Text, mail.Html })
        {
            Assert.Contains(step, body, StringComparison.Ordinal);
            Assert.Contains($"https://solacore.app/sessions/{Id}", body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void a_reminder_without_an_action_has_no_empty_paragraph()
    {
        var mail = MailTexts.Reminder(Id, Due, "ann@example.com", "en", "  ", "https://solacore.app/sessions/1", Stop);

        Assert.DoesNotContain("first step", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("{", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void what_a_person_wrote_is_text_and_never_markup_or_a_place()
    {
        var mail = MailTexts.Reminder(Id, Due, "ann@example.com", "en", "<script>alert(1)</script> & {link}", "https://solacore.app/sessions/1", Stop);

        Assert.Contains("Your first step: &lt;script&gt;alert(1)&lt;/script&gt; &amp; {link}</p>", mail.Html, StringComparison.Ordinal);
        Assert.Contains("Your first step: <script>alert(1)</script> & {link}\n", mail.Text, StringComparison.Ordinal);
    }
}
