using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Solacore.Core.Language;

/// <summary>
/// The language of a reply (contract/domain.md 15): the session's own locale when the client set it, else
/// <c>Accept-Language</c>, else the language of the message, else that of the session's last reply (nobody can tell the language
/// of "B" or "ok"), else the user's locale, else English.
/// </summary>
public static class ReplyLocale
{
    public const string Default = "en";

    public static readonly IReadOnlyList<string> Supported = ["en", "es", "zh"];

    // Words that are frequent in one of the two languages and rare or unknown in the other; without accents.
    private static readonly FrozenSet<string> EnglishWords = FrozenSet.ToFrozenSet(
        [
            "the", "and", "is", "are", "was", "i", "i'm", "im", "my", "you", "your", "to", "of", "in", "it", "it's", "that", "this", "for", "with",
            "have", "has", "do", "don't", "dont", "can't", "what", "how", "not", "but", "about", "feel", "want", "need", "at", "on", "be", "am",
            "can", "will", "would", "because", "so", "just", "when", "why", "from", "been", "get", "know", "should", "could", "they", "we", "he",
            "she", "hello", "hi", "yes", "thanks", "help", "work", "job", "nothing", "only", "time", "really",
            // What people name in a word or two.
            "him", "her", "money", "boss", "mother", "father", "mom", "dad", "husband", "wife", "girlfriend", "boyfriend", "partner", "friend",
            "friends", "family", "kids", "children", "house", "home", "school", "exam", "exams", "rent", "debt", "debts", "health", "sleep",
            "pain", "death", "divorce", "breakup", "problem", "problems", "fear", "anxiety", "stress", "sadness", "loneliness", "peace", "tired",
            "sad", "alone",
        ],
        StringComparer.Ordinal);

    private static readonly FrozenSet<string> SpanishWords = FrozenSet.ToFrozenSet(
        [
            "el", "la", "los", "las", "que", "y", "es", "soy", "estoy", "mi", "mis", "tu", "su", "un", "una", "unos", "de", "del", "en", "con",
            "por", "para", "pero", "muy", "lo", "le", "se", "si", "como", "cuando", "porque", "quiero", "tengo", "puedo", "siento", "necesito",
            "hola", "gracias", "esta", "este", "esto", "yo", "al", "mas", "nada", "todo", "hacer", "trabajo", "sin", "hay", "ser", "fue", "ayuda",
            "ya", "donde", "quien", "hoy", "solo", "creo", "dia", "dias",
            // What people name in a word or two.
            "ella", "dinero", "tiempo", "jefe", "jefa", "madre", "padre", "padres", "marido", "mujer", "novia", "novio", "pareja", "amiga", "amigo",
            "amigos", "familia", "hijo", "hija", "hijos", "casa", "escuela", "colegio", "examen", "examenes", "alquiler", "deudas", "salud",
            "dormir", "dolor", "muerte", "divorcio", "ruptura", "mudanza", "problema", "problemas", "miedo", "ansiedad", "estres", "tristeza",
            "soledad", "paz", "cansada", "cansado", "triste", "sola",
        ],
        StringComparer.Ordinal);

    /// <summary>Chooses the language of a reply.</summary>
    /// <param name="sessionLocale">The session's locale, only when a client set it; null for the column's default.</param>
    /// <param name="acceptLanguage">The raw header value.</param>
    /// <param name="message">The person's message.</param>
    /// <param name="otherwise">The locale of the session's last reply, else the account's.</param>
    /// <returns><c>en</c>, <c>es</c> or <c>zh</c>.</returns>
    public static string Choose(string? sessionLocale, string? acceptLanguage, string? message, string? otherwise) =>
        FromTag(sessionLocale) ?? FromAcceptLanguage(acceptLanguage) ?? FromText(message) ?? FromTag(otherwise) ?? Default;

    /// <summary>The language of a tag such as <c>zh-CN</c>, <c>zh_Hans</c> or <c>ES</c>; null when it is none of the three.</summary>
    public static string? FromTag(string? tag)
    {
        var trimmed = (tag ?? "").Trim();
        var end = trimmed.AsSpan().IndexOfAny('-', '_');
        var language = (end < 0 ? trimmed : trimmed[..end]).ToLowerInvariant();
        return Supported.Contains(language) ? language : null;
    }

    private static string? FromAcceptLanguage(string? header) =>
        (header ?? "").Split(',')
            .Select(Range)
            .Where(range => range is { Locale: not null, Quality: > 0 })
            .OrderByDescending(range => range.Quality)
            .FirstOrDefault()
            .Locale;

    /// <summary>A range without a readable q counts as unwanted: guessing would prefer a broken entry to a good one.</summary>
    private static (string? Locale, double Quality) Range(string range)
    {
        var parts = range.Split(';', StringSplitOptions.TrimEntries);
        var quality = parts.Skip(1).FirstOrDefault(part => part.StartsWith("q=", StringComparison.OrdinalIgnoreCase));
        if (quality is null)
        {
            return (FromTag(parts[0]), 1);
        }

        return double.TryParse(quality.AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var q)
            ? (FromTag(parts[0]), q)
            : (null, 0);
    }

    private static string? FromText(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (IsChinese(text))
        {
            return "zh";
        }

        var words = Wording.Plain(text).Split(' ').Select(word => word.Trim('.', ',', '!', '?', ';', ':', '"', '¿', '¡', '(', ')')).ToList();
        var english = words.Count(EnglishWords.Contains);
        var spanish = words.Count(SpanishWords.Contains) + text.Count(letter => letter is '¿' or '¡' or 'ñ' or 'Ñ' or 'á' or 'é' or 'í' or 'ó' or 'ú');
        if (english == spanish)
        {
            return null;
        }

        return english > spanish ? "en" : "es";
    }

    /// <summary>A Han character says about as much as a short word; kana means Japanese.</summary>
    private static bool IsChinese(string text)
    {
        var han = 0;
        var latin = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is >= 0x3040 and <= 0x30FF)
            {
                return false;
            }

            if (Han.Is(rune))
            {
                han++;
            }
            else if (Rune.IsLetter(rune))
            {
                latin++;
            }
        }

        return han > 0 && han * 3 >= latin;
    }
}
