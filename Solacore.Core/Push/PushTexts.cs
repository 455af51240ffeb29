using System.Collections.Frozen;
using System.Text.Json;
using Solacore.Core.Language;

namespace Solacore.Core.Push;

/// <summary>What a notification says.</summary>
public sealed record PushText(string Title, string Body);

/// <summary>
/// The words of notifications, from <c>Texts/en.json</c>, <c>es.json</c>, <c>zh.json</c>. They have no places for a person's own
/// words: a locked screen is read by anybody.
/// </summary>
public static class PushTexts
{
    private static readonly FrozenDictionary<string, PushText> Reminders =
        ReplyLocale.Supported.ToFrozenDictionary(locale => locale, Load, StringComparer.Ordinal);

    /// <param name="locale">Any language tag; English when it is none of the supported ones.</param>
    public static PushText Reminder(string? locale) => Reminders[ReplyLocale.FromTag(locale) ?? ReplyLocale.Default];

    private static PushText Load(string locale) => BuiltInFile.ReadJson<File>($"push/{locale}.json", JsonSerializerOptions.Web).Reminder;

    private sealed record File(PushText Reminder);
}
