namespace Solacore.Core.Accounts;

/// <summary>What a new password must hold. There is no upper bound: the whole text counts in the hash.</summary>
public static class PasswordRules
{
    public const int MinLength = 8;

    /// <summary>The first rule that the password breaks, as a sentence, or null.</summary>
    public static string? FindProblem(string password) =>
        password.EnumerateRunes().Count() < MinLength ? "Password must be at least 8 characters"
        : !password.Any(char.IsAsciiLetterUpper) ? "Password must contain at least one uppercase letter"
        : !password.Any(char.IsAsciiDigit) ? "Password must contain at least one digit"
        : null;
}
