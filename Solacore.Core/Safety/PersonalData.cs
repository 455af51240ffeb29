using System.Text;
using Solacore.Core.Safety.Personal;

namespace Solacore.Core.Safety;

/// <summary>
/// Finds what identifies a person or opens an account: addresses, numbers with a check digit, secrets, and
/// whatever a sentence introduces as such ("my passport is …"). Numbers that only count, measure or date stay.
/// </summary>
public static class PersonalData
{
    /// <summary>No address or introduced number reaches farther than so many characters from a digit of it.</summary>
    private const int LongestAroundNumber = 160;

    /// <summary>The kinds of contact data in a text: <c>pii_email</c>, <c>pii_phone</c>, in this order.</summary>
    public static IReadOnlyList<string> Flags(string text)
    {
        var flags = new List<string>();
        if (OnlineNames.HasMail(text))
        {
            flags.Add("pii_email");
        }

        if (PhoneNumbers.Any(text))
        {
            flags.Add("pii_phone");
        }

        return flags;
    }

    /// <summary>The text with personal data taken out; what stood around it is left as it was.</summary>
    internal static string Remove(string text)
    {
        // Secrets first: they may hold anything that looks like something else.
        text = Secrets.Remove(text);
        text = OnlineNames.RemovePages(text);
        text = OnlineNames.RemoveMail(text);
        text = Places.RemoveThreeWords(text);
        text = Places.RemoveSpelledHouses(text);
        text = RemoveNumbers(text);
        text = OnlineNames.RemoveHandles(text);
        text = IdentityNumbers.RemoveAliases(text);
        text = IdentityNumbers.RemoveBirthDates(text);
        return PhoneNumbers.RemoveSpelled(text);
    }

    /// <summary>What identifies by a number is found near digits only; the rest of a long text need not be searched for it.</summary>
    private static string RemoveNumbers(string text)
    {
        var cleaned = new StringBuilder(text.Length);
        var done = 0;
        while (text.AsSpan(done).IndexOfAnyInRange('0', '9') is >= 0 and var distance)
        {
            var end = done + distance;
            var start = Math.Max(done, end - LongestAroundNumber);
            while (end < text.Length && text.AsSpan(end, Math.Min(LongestAroundNumber, text.Length - end)).LastIndexOfAnyInRange('0', '9') is >= 0 and var next)
            {
                end += next + 1;
            }

            end = Math.Min(text.Length, end + LongestAroundNumber);
            cleaned.Append(text, done, start - done).Append(RemoveNumbersNearby(text[start..end]));
            done = end;
        }

        return cleaned.Append(text, done, text.Length - done).ToString();
    }

    private static string RemoveNumbersNearby(string text)
    {
        text = IdentityNumbers.Remove(text);
        text = Places.Remove(text);
        text = IdentityNumbers.RemoveIntroduced(text);
        return PhoneNumbers.Remove(text);
    }
}
