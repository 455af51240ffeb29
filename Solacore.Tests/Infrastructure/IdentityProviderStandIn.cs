using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Solacore.ServiceDefaults;

namespace Solacore.Tests.Infrastructure;

/// <summary>
/// Speaks for Google and Apple: publishes signing keys, exchanges codes for id tokens and signs whatever a test wants.
/// </summary>
public sealed class IdentityProviderStandIn : IAsyncDisposable
{
    public const string Audience = "solacore-web";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _tokensByCode = new(StringComparer.Ordinal);
    private RsaSecurityKey _key = NewKey();

    private IdentityProviderStandIn(WebApplication app) => _app = app;

    /// <summary>How often the keys were fetched.</summary>
    public int KeyFetches { get; private set; }

    /// <summary>Answers 503 to everything.</summary>
    public bool IsDown { get; set; }

    /// <summary>What the next exchanges of codes are answered with; null: as they deserve.</summary>
    public IResult? Exchange { get; set; }

    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["GOOGLE_CLIENT_ID"] = Audience + ", solacore-phone",
        ["GOOGLE_CLIENT_SECRET"] = "shh",
        ["GOOGLE_KEYS_URL"] = _app.Urls.First() + "/keys",
        ["GOOGLE_TOKEN_URL"] = _app.Urls.First() + "/token",
        ["APPLE_CLIENT_ID"] = Audience,
        ["APPLE_KEYS_URL"] = _app.Urls.First() + "/keys",
    };

    public static async Task<IdentityProviderStandIn> StartAsync()
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var standIn = new IdentityProviderStandIn(app);
        app.MapGet("/keys", standIn.Keys);
        app.MapPost("/token", standIn.ExchangeAsync);
        await app.StartAsync();
        return standIn;
    }

    /// <summary>From now on signs with another key, under another id.</summary>
    public void RotateKey() => _key = NewKey();

    public string GoogleToken(string subject, string? email, params (string Name, object? Value)[] changes) => Sign(
        [("iss", "https://accounts.google.com"), ("aud", "solacore-phone"), ("sub", subject), ("email", email), ("email_verified", true), .. changes]);

    public string AppleToken(string subject, string? email, params (string Name, object? Value)[] changes) => Sign(
        [("iss", "https://appleid.apple.com"), ("aud", Audience), ("sub", subject), ("email", email), .. changes]);

    /// <summary>A code that the token endpoint exchanges once for this id token.</summary>
    public string CodeFor(string idToken)
    {
        var code = Guid.NewGuid().ToString("n");
        _tokensByCode[code] = idToken;
        return code;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private string Sign((string Name, object? Value)[] claims)
    {
        var all = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["iat"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            ["exp"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
        };
        foreach (var (name, value) in claims)
        {
            all.Remove(name);
            if (value is not null)
            {
                all[name] = value;
            }
        }

        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Claims = all,
            SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
        });
    }

    private IResult Keys()
    {
        KeyFetches++;
        var parameters = _key.Rsa.ExportParameters(includePrivateParameters: false);
        var key = new
        {
            kty = "RSA",
            use = "sig",
            alg = "RS256",
            kid = _key.KeyId,
            n = Base64UrlEncoder.Encode(parameters.Modulus),
            e = Base64UrlEncoder.Encode(parameters.Exponent),
        };
        return IsDown ? Results.StatusCode(503) : Results.Json(new { keys = new[] { key } });
    }

    private async Task<IResult> ExchangeAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        var isOurs = form is { } given && given["client_id"] == Audience && given["client_secret"] == "shh"
            && given["grant_type"] == "authorization_code" && given["redirect_uri"] == "http://localhost:3000/callback";
        return IsDown ? Results.StatusCode(503)
            : Exchange is not null ? Exchange
            : isOurs && _tokensByCode.TryRemove(form["code"].ToString(), out var token) ? Results.Json(new { id_token = token })
            : Results.Json(new { error = "invalid_grant" }, statusCode: 400);
    }

    private static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("n") };
}
