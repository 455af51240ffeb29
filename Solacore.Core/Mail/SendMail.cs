using System.Text.Json.Serialization;
using Solacore.Core.Jobs;

namespace Solacore.Core.Mail;

/// <summary>What a mail is about; its id says about which one.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MailOccasion>))]
public enum MailOccasion
{
    /// <summary>The id is that of the <c>password_reset_tokens</c> row; the link's token is made from it.</summary>
    PasswordReset,
}

/// <summary>A mail to send. Neither address nor token: both are looked up when it is sent.</summary>
/// <param name="Locale">The language of whoever asked for it; null in jobs of the release before: the account's.</param>
public sealed record SendMail(MailOccasion Occasion, Guid Id, string? Locale = null)
{
    public static readonly JobKind<SendMail> Kind = new("mail.send", JobLane.Mail, RetryPolicy.Standard, TimeSpan.FromMinutes(1));
}
