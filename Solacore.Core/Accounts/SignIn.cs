using Solacore.Core.Data;

namespace Solacore.Core.Accounts;

/// <summary>The device that a sign-in names.</summary>
/// <param name="Fingerprint">1 to 255 characters, opaque.</param>
/// <param name="Name">As the device calls itself; null or empty keeps what is known.</param>
/// <param name="IsMadeUp">The device named no fingerprint, so this one says nothing about which device it is.</param>
public sealed record DeviceClaim(string Fingerprint, string? Name, bool IsMadeUp = false)
{
    // A record prints its members; fingerprints must never reach a log line.
    public override string ToString() => nameof(DeviceClaim);
}

/// <summary>A person who has just signed in or stayed signed in.</summary>
public sealed record SignedIn(Guid UserId, string Email, string AuthProvider, string Locale, TokenPair Tokens)
{
    public override string ToString() => nameof(SignedIn);

    internal static SignedIn As(User user, TokenPair tokens) => new(user.Id, user.Email, user.AuthProvider, user.Locale, tokens);
}

/// <summary>Why nobody was signed in.</summary>
public enum SignInRefusal
{
    InvalidCredentials,
    EmailAlreadyExists,
    DeviceLimitReached,
    DeviceBoundToOther,

    /// <summary>A token of ours or of a provider is no proof of anything.</summary>
    InvalidToken,
    BetaModeDisabled,

    /// <summary>A provider's token was issued by somebody else.</summary>
    WrongIssuer,
    EmailNotVerified,

    /// <summary>The provider's account matches no account and brings no verified address.</summary>
    AccountNotLinked,

    /// <summary>The provider's keys or its token endpoint cannot be reached.</summary>
    ProviderUnavailable,
    CodeExchangeNotConfigured,
    CodeExchangeFailed,
}

/// <summary>Either a person or the reason why not.</summary>
public readonly record struct SignInResult(SignedIn? SignedIn, SignInRefusal? Refusal)
{
    public static implicit operator SignInResult(SignedIn signedIn) => new(signedIn, null);

    public static implicit operator SignInResult(SignInRefusal refusal) => new(null, refusal);
}
