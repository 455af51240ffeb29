using System.Diagnostics;

namespace Solacore.Api.Http;

/// <summary>Names every request: a well-formed <c>X-Request-ID</c> is kept, anything else gets a new one.</summary>
internal static class RequestIds
{
    public const string Header = "X-Request-ID";

    private const int MaxLength = 128;

    public static IApplicationBuilder UseRequestIds(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        string? given = context.Request.Headers[Header];
        var id = given is not null && IsWellFormed(given) ? given : Guid.CreateVersion7().ToString();
        context.TraceIdentifier = id;
        context.Response.Headers[Header] = id;
        Activity.Current?.SetTag("solacore.request_id", id);
        return next(context);
    });

    /// <summary>1 to 128 letters, digits, points, hyphens and underscores: safe in a log line and in a header.</summary>
    public static bool IsWellFormed(string id) =>
        id.Length is > 0 and <= MaxLength && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
