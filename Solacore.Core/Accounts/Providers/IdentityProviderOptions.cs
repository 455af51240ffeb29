using Solacore.Core.Settings;

namespace Solacore.Core.Accounts.Providers;

/// <summary>A trusted identity provider and where its signing keys are.</summary>
/// <param name="Name">As stored with the user: google or apple.</param>
/// <param name="Audiences">Our client ids there; empty: no token of this provider is accepted.</param>
/// <param name="RequiresVerifiedEmail">Google's accounts may carry an address that nobody has proven.</param>
/// <param name="WrongIssuer">How a token of somebody else is refused.</param>
public sealed record IdentityProvider(
    string Name, Uri KeysUrl, IReadOnlyList<string> Issuers, IReadOnlyList<string> Audiences, bool RequiresVerifiedEmail, SignInRefusal WrongIssuer);

/// <summary>Settings of signing in through others.</summary>
/// <param name="TokenUrl">Where Google exchanges a code.</param>
/// <param name="ClientSecret">Empty: the web's way of signing in with Google is off.</param>
/// <param name="RedirectUrl">The page of the web app to which Google sends the code.</param>
public sealed record IdentityProviderOptions(
    IdentityProvider Google, IdentityProvider Apple, Uri TokenUrl, string ClientSecret, string RedirectUrl)
{
    // A record prints its members; secrets must never reach a log line.
    public override string ToString() => nameof(IdentityProviderOptions);

    /// <summary>
    /// <c>GOOGLE_CLIENT_ID</c> and <c>APPLE_CLIENT_ID</c> (lists: phones and browser have their own),
    /// <c>GOOGLE_CLIENT_SECRET</c>, <c>FRONTEND_URL</c>, and for tests <c>GOOGLE_KEYS_URL</c>, <c>GOOGLE_TOKEN_URL</c>,
    /// <c>APPLE_KEYS_URL</c>.
    /// </summary>
    public static IdentityProviderOptions Read(SettingsReader settings)
    {
        settings.RequiredInProduction(SettingNames.GoogleClientId, "nobody could sign in with Google");
        return new IdentityProviderOptions(
            new IdentityProvider(
                "google",
                new Uri(settings.Url("GOOGLE_KEYS_URL", "https://www.googleapis.com/oauth2/v3/certs")),
                ["accounts.google.com", "https://accounts.google.com"],
                settings.List(SettingNames.GoogleClientId),
                RequiresVerifiedEmail: true,
                SignInRefusal.WrongIssuer),
            new IdentityProvider(
                "apple",
                new Uri(settings.Url("APPLE_KEYS_URL", "https://appleid.apple.com/auth/keys")),
                ["https://appleid.apple.com"],
                settings.List(SettingNames.AppleClientId),
                RequiresVerifiedEmail: false,
                SignInRefusal.InvalidToken),
            new Uri(settings.Url("GOOGLE_TOKEN_URL", "https://oauth2.googleapis.com/token")),
            settings.Text(SettingNames.GoogleClientSecret),
            WebApp.Read(settings).Url + "/callback");
    }
}
