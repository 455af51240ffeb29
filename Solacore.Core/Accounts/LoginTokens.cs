using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Solacore.Core.Accounts;

/// <summary>What a login hands out.</summary>
public sealed record TokenPair(string Access, string Refresh)
{
    // A record prints its members; tokens must never reach a log line.
    public override string ToString() => nameof(TokenPair);
}

/// <summary>The claims of an access token that verified.</summary>
/// <param name="SessionId">Null when the token does not name a login.</param>
public sealed record AccessClaims(Guid UserId, Guid? SessionId);

/// <summary>
/// Makes and verifies the signed tokens of a login (JWT; contract/http-api.md section 2.3). Two pairs made from the same
/// seed and instant are equal, which is how a lost pair is given out again without being stored.
/// </summary>
public sealed class LoginTokens
{
    private const string AccessType = "access";
    private const string RefreshType = "refresh";

    private readonly AccountOptions _options;
    private readonly TimeProvider _time;
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false };
    private readonly SigningCredentials _credentials;
    private readonly TokenValidationParameters _validation;

    public LoginTokens(AccountOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _credentials = new SigningCredentials(new SymmetricSecurityKey(PaddedSecret(options)), options.JwtAlgorithm);
        _validation = new TokenValidationParameters
        {
            IssuerSigningKey = _credentials.Key,
            ValidAlgorithms = [options.JwtAlgorithm],
            ValidateIssuer = false,
            ValidateAudience = false,
            RequireExpirationTime = true,
            LifetimeValidator = (_, expires, _, _) => expires > _time.GetUtcNow().UtcDateTime,
        };
    }

    /// <summary>A pair that nobody can guess.</summary>
    public TokenPair Issue(Guid userId, string email, Guid sessionId, DateTimeOffset now) =>
        Issue(userId, email, sessionId, now, RandomNumberGenerator.GetHexString(32));

    /// <summary>The pair that replaces a refresh token; always the same for one token and one second.</summary>
    public TokenPair Replace(Guid userId, string email, Guid sessionId, string replacedHash, DateTimeOffset rotatedAt) =>
        Issue(userId, email, sessionId, rotatedAt, replacedHash);

    /// <summary>Null when the token is malformed, expired, not ours or of another type.</summary>
    public async ValueTask<AccessClaims?> VerifyAccessAsync(string token)
    {
        var verified = await VerifyAsync(token, AccessType);
        return verified is not null && Guid.TryParse(verified.Subject, out var userId)
            ? new AccessClaims(userId, SessionOf(verified))
            : null;
    }

    /// <summary>The login of a refresh token, or null when the token is malformed, expired, not ours or of another type.</summary>
    public async ValueTask<Guid?> VerifyRefreshAsync(string token) =>
        await VerifyAsync(token, RefreshType) is { } verified ? SessionOf(verified) : null;

    private TokenPair Issue(Guid userId, string email, Guid sessionId, DateTimeOffset now, string seed) => new(
        Sign(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["sub"] = userId.ToString(),
            ["sid"] = sessionId.ToString(),
            ["email"] = email,
            ["type"] = AccessType,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + _options.AccessTokenLifetime).ToUnixTimeSeconds(),
            ["jti"] = IdFrom(AccessType, seed),
        }),
        Sign(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["sub"] = sessionId.ToString(),
            ["sid"] = sessionId.ToString(),
            ["type"] = RefreshType,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + _options.RefreshTokenLifetime).ToUnixTimeSeconds(),
            ["jti"] = IdFrom(RefreshType, seed),
        }));

    private string Sign(Dictionary<string, object> claims) =>
        _handler.CreateToken(new SecurityTokenDescriptor { Claims = claims, SigningCredentials = _credentials });

    // Keyed by the secret, so that a reader of the database cannot compute the next pair from the stored hash.
    private string IdFrom(string type, string seed) => Convert.ToHexStringLower(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(_options.JwtSecret), Encoding.UTF8.GetBytes($"{type}:{seed}")).AsSpan(0, 16));

    private async ValueTask<JsonWebToken?> VerifyAsync(string token, string type)
    {
        var result = await _handler.ValidateTokenAsync(token, _validation);
        return result is { IsValid: true, SecurityToken: JsonWebToken verified }
            && verified.TryGetPayloadValue<string>("type", out var actual) && actual == type
                ? verified
                : null;
    }

    private static Guid? SessionOf(JsonWebToken token) =>
        token.TryGetPayloadValue<string>("sid", out var text) && Guid.TryParse(text, out var id) ? id : null;

    // The library insists on long keys. HMAC itself pads a short one with zeros to its block, so doing that here changes
    // no signature; settings refuse short secrets outside development.
    private static byte[] PaddedSecret(AccountOptions options)
    {
        var secret = Encoding.UTF8.GetBytes(options.JwtSecret);
        var block = options.JwtAlgorithm == "HS256" ? 64 : 128;
        if (secret.Length < block)
        {
            Array.Resize(ref secret, block);
        }

        return secret;
    }
}
