using System.Net;
using MimeKit;
using Solacore.Core.Settings;

namespace Solacore.Core.Mail;

/// <summary>Which server takes the mails, who they come from and where their links lead.</summary>
public sealed record MailOptions
{
    // A record prints its members; secrets must never reach a log line.
    public override string ToString() => nameof(MailOptions);

    /// <summary>Off: resets are dropped with a warning, reminders wait.</summary>
    public required bool Enabled { get; init; }
    public required string Host { get; init; }
    public required int Port { get; init; }

    /// <summary>Empty: no sign-in.</summary>
    public required string User { get; init; }
    public required string Password { get; init; }
    public required string From { get; init; }
    public required string FromName { get; init; }

    public required WebApp Web { get; init; }

    /// <summary>The api as people and mail providers reach it, without a trailing slash: it takes back what was subscribed to.</summary>
    public required string ApiUrl { get; init; }

    /// <summary>
    /// A relay on this machine may speak in the clear. To any other, no mail and no password leaves unencrypted.
    /// </summary>
    public bool IsLocal => Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>
    /// <c>SMTP_ENABLED</c>, <c>SMTP_HOST</c>, <c>SMTP_PORT</c>, <c>SMTP_USER</c>, <c>SMTP_PASSWORD</c>, <c>SMTP_FROM</c>,
    /// <c>SMTP_FROM_NAME</c>, <c>FRONTEND_URL</c>, <c>RESET_PATH</c>, <c>API_URL</c>.
    /// </summary>
    public static MailOptions Read(SettingsReader reader)
    {
        var options = new MailOptions
        {
            Enabled = reader.Bool(SettingNames.SmtpEnabled, false),
            Host = reader.Text(SettingNames.SmtpHost, "smtp.sendgrid.net"),
            Port = reader.Int(SettingNames.SmtpPort, 587, min: 1, max: 65_535),
            User = reader.Text(SettingNames.SmtpUser),
            Password = reader.Text(SettingNames.SmtpPassword),
            From = reader.Text(SettingNames.SmtpFrom, "noreply@solacore.app"),
            FromName = reader.Text(SettingNames.SmtpFromName, "Solacore Support"),
            Web = WebApp.Read(reader),
            ApiUrl = reader.Url(SettingNames.ApiUrl, reader.Debug ? "http://localhost:8000" : "https://api.solacore.app"),
        };
        if (!MailboxAddress.TryParse(options.From, out var from) || from.Domain.Length == 0)
        {
            reader.Fail(SettingNames.SmtpFrom, "is no mail address");
        }

        if (options.Enabled)
        {
            if (!options.ApiUrl.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            {
                reader.FailInProduction(SettingNames.ApiUrl, "is no https address: mail providers unsubscribe people through no other");
            }

            CheckSignIn(reader, options);
        }

        return options;
    }

    private static void CheckSignIn(SettingsReader reader, MailOptions options)
    {
        if (options.User.Length == 0 != (options.Password.Length == 0))
        {
            reader.Fail(options.User.Length == 0 ? SettingNames.SmtpUser : SettingNames.SmtpPassword, "is not set, but its counterpart is: give both or none");
        }
        else if (options.User.Length == 0)
        {
            reader.FailInProduction(SettingNames.SmtpUser, "is not set: SMTP_ENABLED is on and the server needs credentials");
            reader.FailInProduction(SettingNames.SmtpPassword, "is not set: SMTP_ENABLED is on and the server needs credentials");
        }
    }
}
