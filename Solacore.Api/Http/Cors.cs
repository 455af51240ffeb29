using System.Diagnostics.CodeAnalysis;

namespace Solacore.Api.Http;

/// <summary>
/// CORS with credentials for the configured origins, on errors too. Written out because clients know the original's
/// preflight answers, which the framework's middleware does not give.
/// </summary>
internal static class Cors
{
    private const string Methods = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

    private const string DefaultHeaders =
        "Accept, Authorization, Cache-Control, Content-Type, DNT, Idempotency-Key, If-Modified-Since, Last-Event-ID, Range, "
        + "User-Agent, X-CSRF-Token, X-Device-Fingerprint, X-Request-ID, X-Requested-With";

    private const string Exposed =
        "Content-Disposition, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-ID, X-Turn-ID";

    public static IApplicationBuilder UseCrossOrigin(this IApplicationBuilder app, EdgeOptions options) => app.Use((context, next) =>
    {
        string? origin = context.Request.Headers.Origin;
        if (string.IsNullOrEmpty(origin))
        {
            return next(context);
        }

        var isAllowed = options.AllowedOrigins.Contains(origin);
        var headers = context.Response.Headers;
        headers.Append("Vary", "Origin");
        if (isAllowed)
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlAllowCredentials = "true";
        }

        if (HttpMethods.IsOptions(context.Request.Method) && context.Request.Headers.ContainsKey("Access-Control-Request-Method"))
        {
            return AnswerPreflight(context, isAllowed);
        }

        if (isAllowed)
        {
            headers.AccessControlExposeHeaders = Exposed;
        }

        return next(context);
    });

    private static Task AnswerPreflight(HttpContext context, bool isAllowed)
    {
        var response = context.Response;
        response.ContentType = "text/plain; charset=utf-8";
        if (!isAllowed)
        {
            response.StatusCode = StatusCodes.Status400BadRequest;
            return response.WriteAsync("Disallowed CORS origin", context.RequestAborted);
        }

        string? asked = context.Request.Headers.AccessControlRequestHeaders;
        response.Headers.AccessControlAllowMethods = Methods;
        response.Headers.AccessControlAllowHeaders = IsSendable(asked) ? asked : DefaultHeaders;
        response.Headers.AccessControlMaxAge = "600";
        return response.WriteAsync("OK", context.RequestAborted);
    }

    /// <summary>Requests may carry characters that no answer may; a browser asks for nothing but names.</summary>
    private static bool IsSendable([NotNullWhen(true)] string? header) => header is { Length: > 0 } && header.All(c => c is >= ' ' and <= '~');
}
