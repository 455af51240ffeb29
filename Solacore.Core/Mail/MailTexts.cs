using System.Collections.Frozen;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Solacore.Core.Language;

namespace Solacore.Core.Mail;

/// <summary>
/// What the mails say, from <c>Texts/en.json</c>, <c>es.json</c>, <c>zh.json</c>. A translator edits only those files: a
/// paragraph whose <c>{place}</c> has no value is left out, and the paragraph <c>{link}</c> becomes a button in HTML; the one with
/// <c>{unsubscribe}</c> is set in small type.
/// Both alternatives of a mail come from the same paragraphs, so they cannot say different things.
/// </summary>
public static class MailTexts
{
    private static readonly JsonSerializerOptions FileJson = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private static readonly FrozenDictionary<string, MailFile> Files =
        ReplyLocale.Supported.ToFrozenDictionary(locale => locale, Load, StringComparer.Ordinal);

    // Letters of all languages stay readable in the source of a mail.
    private static readonly HtmlEncoder Html = HtmlEncoder.Create(UnicodeRanges.All);

    private static readonly string Layout = BuiltInFile.ReadText("mail/layout.html");

    /// <summary>A link to a new password.</summary>
    /// <param name="resetId">The row of the token, which names the occasion.</param>
    /// <param name="locale">Any language tag; English when it is none of the supported ones.</param>
    public static OutgoingMail PasswordReset(Guid resetId, string to, string? locale, string link) =>
        Write($"reset.{resetId:n}", to, locale, file => file.PasswordReset, new(StringComparer.Ordinal) { ["link"] = link });

    /// <summary>The nudge that somebody asked for.</summary>
    /// <param name="time">When it was due: a new time is a new occasion.</param>
    /// <param name="action">The person's own words; null or blank without any.</param>
    /// <param name="link">To the session.</param>
    /// <param name="unsubscribe">Stops these mails.</param>
    public static OutgoingMail Reminder(
        Guid sessionId, DateTimeOffset time, string to, string? locale, string? action, string link, string unsubscribe)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["link"] = link, ["unsubscribe"] = unsubscribe };
        if (!string.IsNullOrWhiteSpace(action))
        {
            values["action"] = Wording.OneLine(action);
        }

        var due = time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss.ffffff", CultureInfo.InvariantCulture);
        return Write($"reminder.{sessionId:n}.{due}", to, locale, file => file.Reminder, values) with { UnsubscribeUrl = unsubscribe };
    }

    private static OutgoingMail Write(string occasion, string to, string? locale, Func<MailFile, MailText> choose, Dictionary<string, string> values)
    {
        var language = ReplyLocale.FromTag(locale) ?? ReplyLocale.Default;
        var words = choose(Files[language]);
        var paragraphs = words.Paragraphs.Where(p => Placeholders.CanFill(p, values)).ToList();
        var text = string.Join("\n\n", paragraphs.Select(p => Placeholders.Fill(p, values))) + "\n";
        var body = string.Join('\n', paragraphs.Select(p => p switch
        {
            "{link}" => Button(words.Button, values["link"]),
            _ when p.Contains("{unsubscribe}", StringComparison.Ordinal) => $"""<p class="address">{HtmlOf(p, values)}</p>""",
            _ => $"<p>{HtmlOf(p, values)}</p>",
        }));
        var html = Placeholders.Fill(Layout, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["language"] = language,
            ["subject"] = Html.Encode(words.Subject),
            ["body"] = body,
        });
        return new OutgoingMail(occasion, to, words.Subject, text, html);
    }

    /// <summary>The address in full, too: some readers show no buttons, and some people trust none.</summary>
    private static string Button(string label, string link)
    {
        var address = Html.Encode(link);
        return $"""<p><a class="button" href="{address}">{Html.Encode(label)}</a></p><p class="address">{address}</p>""";
    }

    private static string HtmlOf(string paragraph, Dictionary<string, string> values) =>
        Placeholders.Fill(Html.Encode(paragraph), values.ToDictionary(v => v.Key, v => v.Key == "unsubscribe" ? Anchor(v.Value) : Html.Encode(v.Value), StringComparer.Ordinal));

    private static string Anchor(string link) => $"""<a href="{Html.Encode(link)}">{Html.Encode(link)}</a>""";

    private static MailFile Load(string locale) => BuiltInFile.ReadJson<MailFile>($"mail/{locale}.json", FileJson);
}

internal sealed record MailFile
{
    public required MailText PasswordReset { get; init; }

    public required MailText Reminder { get; init; }
}

/// <param name="Button">Label of the link.</param>
internal sealed record MailText(string Subject, string Button, IReadOnlyList<string> Paragraphs);
