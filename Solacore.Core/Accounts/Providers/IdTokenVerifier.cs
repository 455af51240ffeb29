using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Solacore.Core.Accounts.Providers;

/// <summary>A person as a provider vouches for them.</summary>
/// <param name="Subject">The provider's own name for the person.</param>
/// <param name="Email">Null when the token brings none: Apple tells it only once.</param>
public sealed record ProviderIdentity(string Provider, string Subject, string? Email, bool IsEmailVerified);

/// <summary>Checks id tokens of Google and Apple: signature, time, audience, issuer, address, nonce.</summary>
public sealed class IdTokenVerifier : IDisposable
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(10);

    private readonly IdentityProviderOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http = OutgoingHttp.Create(ProviderAnswers.Timeout);
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly SigningKeys _googleKeys;
    private readonly SigningKeys _appleKeys;

    public IdTokenVerifier(IdentityProviderOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _googleKeys = new SigningKeys(_http, options.Google.KeysUrl, time);
        _appleKeys = new SigningKeys(_http, options.Apple.KeysUrl, time);
    }

    /// <param name="token">As the phone got it from Google.</param>
    /// <param name="nonce">What the phone asked Google to put into the token; null when it asked for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<(ProviderIdentity? Identity, SignInRefusal? Refusal)> VerifyGoogleAsync(
        string token, string? nonce, CancellationToken cancellationToken) =>
        VerifyAsync(_options.Google, _googleKeys, token, nonce, cancellationToken);

    /// <inheritdoc cref="VerifyGoogleAsync"/>
    public Task<(ProviderIdentity? Identity, SignInRefusal? Refusal)> VerifyAppleAsync(
        string token, string? nonce, CancellationToken cancellationToken) =>
        VerifyAsync(_options.Apple, _appleKeys, token, nonce, cancellationToken);

    public void Dispose()
    {
        _googleKeys.Dispose();
        _appleKeys.Dispose();
        _http.Dispose();
    }

    private async Task<(ProviderIdentity? Identity, SignInRefusal? Refusal)> VerifyAsync(
        IdentityProvider provider, SigningKeys keys, string token, string? nonce, CancellationToken cancellationToken)
    {
        if (provider.Audiences.Count == 0 || KeyIdOf(token) is not { } keyId)
        {
            return (null, SignInRefusal.InvalidToken);
        }

        SecurityKey? key;
        try
        {
            key = await keys.FindAsync(keyId, cancellationToken);
        }
        catch (Exception e) when (ProviderAnswers.IsUnreachable(e, cancellationToken))
        {
            return (null, SignInRefusal.ProviderUnavailable);
        }

        if (key is null)
        {
            return (null, SignInRefusal.InvalidToken);
        }

        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = key,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ValidAudiences = provider.Audiences,

            // Looked at below: a wrong issuer has an error code of its own.
            ValidateIssuer = false,
            RequireExpirationTime = true,
            LifetimeValidator = (notBefore, expires, _, _) =>
                expires > _time.GetUtcNow().UtcDateTime - ClockSkew && !(notBefore > _time.GetUtcNow().UtcDateTime + ClockSkew),
        });
        return result is { IsValid: true, SecurityToken: JsonWebToken { Subject: { Length: > 0 and <= 255 } subject } verified }
            ? Judge(provider, verified, subject, nonce)
            : (null, SignInRefusal.InvalidToken);
    }

    private static (ProviderIdentity?, SignInRefusal?) Judge(IdentityProvider provider, JsonWebToken token, string subject, string? nonce)
    {
        if (!provider.Issuers.Contains(token.Issuer, StringComparer.Ordinal))
        {
            return (null, provider.WrongIssuer);
        }

        if (nonce is not null && !(token.TryGetPayloadValue<string>("nonce", out var actual) && actual == nonce))
        {
            return (null, SignInRefusal.InvalidToken);
        }

        var email = token.TryGetPayloadValue<string>("email", out var text) && EmailAddress.FindProblem(text) is null
            ? EmailAddress.Clean(text)
            : null;
        var isVerified = IsEmailVerified(token, whenSilent: !provider.RequiresVerifiedEmail);
        return provider.RequiresVerifiedEmail && (email is null || !isVerified)
            ? (null, SignInRefusal.EmailNotVerified)
            : (new ProviderIdentity(provider.Name, subject, email, isVerified), null);
    }

    // Google writes a boolean, Apple a boolean or its text.
    private static bool IsEmailVerified(JsonWebToken token, bool whenSilent) =>
        token.TryGetPayloadValue<object>("email_verified", out var value)
            ? string.Equals(value?.ToString(), "true", StringComparison.OrdinalIgnoreCase)
            : whenSilent;

    /// <summary>Null for what no key can verify.</summary>
    private string? KeyIdOf(string token)
    {
        try
        {
            return _handler.CanReadToken(token) && _handler.ReadJsonWebToken(token) is { Alg: SecurityAlgorithms.RsaSha256, Kid: { Length: > 0 } id } ? id : null;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            return null;
        }
    }
}
