using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
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
            Append(response, name, "", TimeSpan.Zero, httpOnly, expires: $"expires={DateTimeOffset.UnixEpoch:R}; ");
        }
    }

    /// <summary>In the letters of the contract, where the framework writes all attributes small. No value needs quoting.</summary>
    private void Append(HttpResponse response, string name, string value, TimeSpan maxAge, bool httpOnly, string expires = "") =>
        response.Headers.Append(HeaderNames.SetCookie, string.Create(
            CultureInfo.InvariantCulture,
            $"{name}={value}; {expires}{(httpOnly ? "HttpOnly; " : "")}Max-Age={(long)maxAge.TotalSeconds}; Path=/; SameSite=lax{(edge.Debug ? "" : "; Secure")}{(edge.CookieDomain.Length > 0 ? $"; Domain={edge.CookieDomain}" : "")}"));
}
