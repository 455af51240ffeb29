using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Solacore.Api.Http.Errors;

namespace Solacore.Api.Http;

/// <summary>
/// Double-submit cookies for requests that a browser authenticates by itself, checked before routing
/// (contract/http-api.md section 3).
/// </summary>
internal static partial class Csrf
{
    public const string Header = "X-CSRF-Token";

    /// <summary>Readable by the page, which copies it into the header.</summary>
    public const string Cookie = "csrf_token";

    /// <summary>The same value out of the page's reach.</summary>
    public const string HttpOnlyCookie = "csrf_token_http";

    // They make a session instead of using one, or prove themselves by the token that they carry.
    private static readonly FrozenSet<string> ExemptPaths = FrozenSet.Create(
        StringComparer.Ordinal,
        "/auth/register", "/auth/login", "/auth/beta-login", "/auth/refresh", "/auth/forgot-password", "/auth/reset-password",
        "/auth/oauth/google", "/auth/oauth/google/code", "/auth/oauth/apple", "/auth/google", "/auth/apple",
        "/unsubscribe", "/unsubscribe/undo");

    public static IApplicationBuilder UseCsrf(this IApplicationBuilder app, EdgeOptions options) => app.Use((context, next) =>
        FindProblem(context.Request, options.CsrfOrigins) is { } code
            ? ApiError.Bare(code).ExecuteAsync(context)
            : next(context));

    private static ErrorCode? FindProblem(HttpRequest request, IReadOnlySet<string> allowedOrigins)
    {
        if (!IsChecked(request.Method, request.Path.Value ?? "/") || Access.BearerToken(request) is not null)
        {
            return null;
        }

        string? header = request.Headers[Header];
        if (string.IsNullOrEmpty(header))
        {
            // The web client cannot send the header to another origin, but no page can forge its Origin either.
            return IsFromAllowedOrigin(request, allowedOrigins) ? null : ErrorCode.CsrfTokenMissing;
        }

        if (request.Cookies[Cookie] is not { Length: > 0 } cookie || request.Cookies[HttpOnlyCookie] is not { Length: > 0 } httpOnly)
        {
            return ErrorCode.CsrfTokenMissing;
        }

        return AreEqual(header, cookie) & AreEqual(header, httpOnly) ? null : ErrorCode.CsrfTokenInvalid;
    }

    /// <summary>Whether a request without a bearer token needs proof.</summary>
    public static bool IsChecked(string method, string path) => IsUnsafe(method) && !IsExempt(path);

    public static bool IsFromAllowedOrigin(HttpRequest request, IReadOnlySet<string> allowedOrigins) =>
        request.Headers.Origin is [{ } origin] && allowedOrigins.Contains(origin);

    private static bool IsUnsafe(string method) =>
        HttpMethods.IsPost(method) || HttpMethods.IsPut(method) || HttpMethods.IsPatch(method) || HttpMethods.IsDelete(method);

    private static bool IsExempt(string path)
    {
        var trimmed = path.TrimEnd('/');
        return ExemptPaths.Contains(trimmed)
            || path.StartsWith("/webhooks", StringComparison.Ordinal)
            || MessagePath().IsMatch(trimmed);
    }

    private static bool AreEqual(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    // Both clients stream messages with a plain fetch that cannot add the header.
    [GeneratedRegex("^/(?:sessions|learn)/[0-9a-f-]{36}/messages$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex MessagePath();
}
