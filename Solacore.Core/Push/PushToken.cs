using System.Text.RegularExpressions;

namespace Solacore.Core.Push;

/// <summary>The address of an app on a phone, as Expo's push service gives it out: <c>ExponentPushToken[…]</c>.</summary>
public static partial class PushToken
{
    /// <summary>Longest token that is stored, in characters.</summary>
    public const int MaxLength = 255;

    public static bool IsValid(string token) => token.Length <= MaxLength && Form().IsMatch(token);

    [GeneratedRegex(@"^(Expo|Exponent)PushToken\[[A-Za-z0-9_\-]+\]\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();
}
