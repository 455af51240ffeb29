using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Solacore.Core.Settings;

namespace Solacore.Core.Accounts;

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

/// <summary>A person as a provider vouches for them.</summary>
/// <param name="Subject">The provider's own name for the person.</param>
/// <param name="Email">Null when the token brings none: Apple tells it only once.</param>
public sealed record ProviderIdentity(string Provider, string Subject, string? Email, bool IsEmailVerified);

/// <summary>The keys with which a provider signs, fetched when needed and kept for a day.</summary>
internal sealed class ProviderKeys(HttpClient http, Uri url, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    // A flood of tokens with made-up key ids must not become a flood of requests to the provider.
    private static readonly TimeSpan MinInterval = TimeSpan.FromMinutes(1);

    // While the provider is away nobody stands in line behind the time-outs of others.
    private static readonly TimeSpan FailureMemory = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1);
    private long? _failedAt;
    private volatile KeySet _keys = new([], FetchedAt: null);

    /// <summary>The key of that id, or null when the provider does not have it.</summary>
    /// <exception cref="HttpRequestException">The keys cannot be fetched and none are kept.</exception>
    public async Task<SecurityKey?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (FindFresh(keyId) is { } known)
        {
            return known;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (FindFresh(keyId) is null && !IsWithin(MinInterval, _keys.FetchedAt))
            {
                await FetchAsync(cancellationToken);
            }

            return _keys.Find(keyId);
        }
        catch (HttpRequestException) when (_keys.Find(keyId) is { } old)
        {
            return old;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private SecurityKey? FindFresh(string keyId) => _keys is var kept && IsWithin(Lifetime, kept.FetchedAt) ? kept.Find(keyId) : null;

    private bool IsWithin(TimeSpan span, long? since) => since is { } timestamp && time.GetElapsedTime(timestamp) < span;

    private async Task FetchAsync(CancellationToken cancellationToken)
    {
        if (IsWithin(FailureMemory, _failedAt))
        {
            throw new HttpRequestException("The provider's keys could not be fetched a moment ago.");
        }

        try
        {
            _keys = new KeySet([.. new JsonWebKeySet(await http.GetStringAsync(url, cancellationToken)).GetSigningKeys()], time.GetTimestamp());
        }
        catch (HttpRequestException)
        {
            _failedAt = time.GetTimestamp();
            throw;
        }
        catch (Exception e) when (e is ArgumentException || ProviderTokens.IsUnreadable(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _failedAt = time.GetTimestamp();
            throw new HttpRequestException("The provider's keys are not readable.", e);
        }
    }

    private sealed record KeySet(IReadOnlyList<SecurityKey> Keys, long? FetchedAt)
    {
        public SecurityKey? Find(string keyId) => Keys.FirstOrDefault(key => key.KeyId == keyId);
    }
}

/// <summary>Checks id tokens of Google and Apple: signature, time, audience, issuer, address, nonce.</summary>
public sealed class ProviderTokens : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(10);

    private readonly IdentityProviderOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Timeout };
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly ProviderKeys _googleKeys;
    private readonly ProviderKeys _appleKeys;

    public ProviderTokens(IdentityProviderOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _googleKeys = new ProviderKeys(_http, options.Google.KeysUrl, time);
        _appleKeys = new ProviderKeys(_http, options.Apple.KeysUrl, time);
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

    /// <summary>Exchanges the code that the web app got for Google's id token.</summary>
    public async Task<(string? IdToken, SignInRefusal? Refusal)> ExchangeGoogleCodeAsync(string code, CancellationToken cancellationToken)
    {
        if (_options.ClientSecret.Length == 0 || _options.Google.Audiences.Count == 0)
        {
            return (null, SignInRefusal.CodeExchangeNotConfigured);
        }

        try
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["code"] = code,
                ["client_id"] = _options.Google.Audiences[0],
                ["client_secret"] = _options.ClientSecret,
                ["redirect_uri"] = _options.RedirectUrl,
                ["grant_type"] = "authorization_code",
            });
            using var response = await _http.PostAsync(_options.TokenUrl, form, cancellationToken);
            if (response.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
            {
                return (null, SignInRefusal.ProviderUnavailable);
            }

            var answer = response.IsSuccessStatusCode
                ? await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)
                : default;
            return answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("id_token", out var idToken)
                && idToken.ValueKind == JsonValueKind.String
                    ? (idToken.GetString(), null)
                    : (null, SignInRefusal.CodeExchangeFailed);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return (null, SignInRefusal.CodeExchangeFailed);
        }
        catch (Exception e) when (IsUnreachable(e, cancellationToken))
        {
            return (null, SignInRefusal.ProviderUnavailable);
        }
    }

    public void Dispose()
    {
        _googleKeys.Dispose();
        _appleKeys.Dispose();
        _http.Dispose();
    }

    private async Task<(ProviderIdentity? Identity, SignInRefusal? Refusal)> VerifyAsync(
        IdentityProvider provider, ProviderKeys keys, string token, string? nonce, CancellationToken cancellationToken)
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
        catch (Exception e) when (IsUnreachable(e, cancellationToken))
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

    /// <summary>No JSON, or in a character set that nobody knows.</summary>
    internal static bool IsUnreadable(Exception exception) => exception is JsonException or InvalidOperationException;

    private static bool IsUnreachable(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
