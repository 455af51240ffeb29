using System.Security.Cryptography;
using System.Text;
using Solacore.Core.Settings;

namespace Solacore.Core.Accounts;

/// <summary>Settings of accounts and logins.</summary>
public sealed record AccountOptions
{
    // A record prints its members; secrets must never reach a log line.
    public override string ToString() => nameof(AccountOptions);

    // Known to everybody who reads this line, so production refuses it.
    private const string DevelopmentSecret = "solacore-development-secret-that-production-refuses";
    private const int MinSecretBytes = 32;
    private const int LoginDays = 30;

    // What templates of settings hold where a secret belongs.
    private static readonly string[] SampleWords = ["change-me", "changeme", "change_me", "change-in-production", "change-this", "your-secret", "your_secret"];

    /// <summary>Signs all tokens.</summary>
    public required string JwtSecret { get; init; }

    /// <summary>Everybody can sign tokens like ours; only in development.</summary>
    public bool IsJwtSecretKnown => JwtSecret == DevelopmentSecret;

    /// <summary>HS256, HS384 or HS512.</summary>
    public required string JwtAlgorithm { get; init; }

    public required TimeSpan AccessTokenLifetime { get; init; }

    /// <summary>A login ends this long after its last refresh.</summary>
    public TimeSpan RefreshTokenLifetime { get; } = TimeSpan.FromDays(LoginDays);

    /// <summary>
    /// For this long after a rotation the replaced refresh token still gets the current pair: two tabs race, and a phone
    /// may lose the answer. Later its return means theft.
    /// </summary>
    public required TimeSpan RefreshGrace { get; init; }

    /// <summary>Ten devices for everybody and a shared account without a password. Never in production.</summary>
    public required bool BetaMode { get; init; }

    /// <summary>What only this server can make of an id: 32 bytes, different for each purpose.</summary>
    internal byte[] ProofOf(string purpose, Guid id) =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(JwtSecret), Encoding.UTF8.GetBytes($"{purpose}:{id}"));

    /// <summary>
    /// <c>JWT_SECRET</c>, <c>JWT_ALGORITHM</c>, <c>JWT_EXPIRE_MINUTES</c>, <c>REFRESH_GRACE_SECONDS</c>, <c>BETA_MODE</c>.
    /// </summary>
    public static AccountOptions Read(SettingsReader settings)
    {
        var secret = settings.Text(SettingNames.JwtSecret, DevelopmentSecret);
        if (secret == DevelopmentSecret)
        {
            settings.FailInProduction(SettingNames.JwtSecret, "is not set: give a random text of at least 32 bytes");
        }
        else if (SampleWords.Any(word => secret.Contains(word, StringComparison.OrdinalIgnoreCase)))
        {
            settings.FailInProduction(SettingNames.JwtSecret, "is a sample: give a random text of at least 32 bytes");
        }
        else if (Encoding.UTF8.GetByteCount(secret) < MinSecretBytes)
        {
            settings.FailInProduction(SettingNames.JwtSecret, "is shorter than 32 bytes");
        }

        var betaMode = settings.Bool("BETA_MODE", false);
        if (betaMode)
        {
            settings.FailInProduction("BETA_MODE", "is on: it gives everybody a shared account");
        }

        return new AccountOptions
        {
            JwtSecret = secret,
            JwtAlgorithm = settings.OneOf("JWT_ALGORITHM", "HS256", "HS256", "HS384", "HS512"),

            // Later it would be refused anyway: the login has ended.
            AccessTokenLifetime = TimeSpan.FromMinutes(settings.Int("JWT_EXPIRE_MINUTES", 60, min: 1, max: LoginDays * 24 * 60)),
            RefreshGrace = settings.Seconds("REFRESH_GRACE_SECONDS", 30, max: 3600),
            BetaMode = betaMode,
        };
    }
}
