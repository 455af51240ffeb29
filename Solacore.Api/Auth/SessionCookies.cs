using System.Buffers.Text;
using System.Security.Cryptography;
using Solacore.Api.Http;
using Solacore.Core.Accounts;

namespace Solacore.Api.Auth;

/// <summary>The four cookies of a login (contract/http-api.md section 2.4).</summary>
internal sealed class SessionCookies(EdgeOptions edge, AccountOptions accounts)
{
    public const string Refresh = "refresh_token";

    private const int CsrfBytes = 32;

    public void Set(HttpResponse response, TokenPair tokens)
    {
        Append(response, Access.Cookie, tokens.Access, accounts.AccessTokenLifetime, httpOnly: true);
        Append(response, Refresh, tokens.Refresh, accounts.RefreshTokenLifetime, httpOnly: true);
        SetCsrf(response);
    }

    /// <summary>Makes a new CSRF token; the one before simply stops matching.</summary>
    public string SetCsrf(HttpResponse response)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CsrfBytes));
        Append(response, Csrf.Cookie, token, accounts.RefreshTokenLifetime, httpOnly: false);
        Append(response, Csrf.HttpOnlyCookie, token, accounts.RefreshTokenLifetime, httpOnly: true);
        return token;
    }

    public void Clear(HttpResponse response)
    {
        foreach (var (name, httpOnly) in new[] { (Access.Cookie, true), (Refresh, true), (Csrf.Cookie, false), (Csrf.HttpOnlyCookie, true) })
        {
            var options = Options(TimeSpan.Zero, httpOnly);
            options.Expires = DateTimeOffset.UnixEpoch;
            response.Cookies.Append(name, "", options);
        }
    }

    private void Append(HttpResponse response, string name, string value, TimeSpan maxAge, bool httpOnly) =>
        response.Cookies.Append(name, value, Options(maxAge, httpOnly));

    private CookieOptions Options(TimeSpan maxAge, bool httpOnly) => new()
    {
        Path = "/",
        SameSite = SameSiteMode.Lax,
        Secure = !edge.Debug,
        HttpOnly = httpOnly,
        MaxAge = maxAge,
        Domain = edge.CookieDomain.Length > 0 ? edge.CookieDomain : null,
    };
}
