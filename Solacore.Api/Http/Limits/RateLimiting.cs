using System.Globalization;
using Microsoft.Net.Http.Headers;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Requests;

namespace Solacore.Api.Http.Limits;

/// <param name="IsCountedByHandler">The handler checks the token itself, and with it what counts.</param>
internal sealed record LimitMetadata(LimitName Name, bool IsCountedByHandler = false);

/// <summary>The last check before a handler: refused requests of earlier checks do not count, refusals of the handler do.</summary>
internal sealed class RateLimiting(RateLimitOptions options, WindowCounters counters, TimeProvider time)
{
    public async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var refusal = http.GetEndpoint()?.Metadata.GetMetadata<LimitMetadata>() is { IsCountedByHandler: false } metadata
            ? await RefuseAsync(http, metadata.Name)
            : null;
        return refusal ?? await next(context);
    }

    /// <summary>Counts a request. The answer to it, when it is one too many; otherwise the headers of its answer tell what is left.</summary>
    public async ValueTask<ApiError?> RefuseAsync(HttpContext http, LimitName name)
    {
        if (!options.IsEnabled || ClientAddress.IsAmong(options.Whitelist, http.Connection.RemoteIpAddress))
        {
            return null;
        }

        var verdict = await CountAsync(http, name);
        if (verdict.IsExceeded)
        {
            WriteHeaders(http.Response, verdict);
            return ApiError.RateLimited(verdict.Limit.ToString());
        }

        http.Response.OnStarting(() =>
        {
            // Refusals by the handler carry no limit headers, as before.
            if (http.Response.StatusCode < StatusCodes.Status400BadRequest)
            {
                WriteHeaders(http.Response, verdict);
            }

            return Task.CompletedTask;
        });
        return null;
    }

    private async ValueTask<Verdict> CountAsync(HttpContext http, LimitName name)
    {
        var address = "address:" + ClientAddress.KeyOf(http.Connection.RemoteIpAddress);
        var owner = name is LimitName.Api or LimitName.Sse && await FindUserAsync(http) is { } user ? $"user:{user}" : address;
        var limit = options.Named[name];

        // The braces keep both counters of a request in one slot of a Redis cluster, where a script needs them.
        var path = LimitedPath.Of(http.Request.Path.Value ?? "/");
        var counts = await counters.RaiseAsync(
        [
            new Counter($"limit:{{{path}}}:{name}:{owner}", limit.Window),
            new Counter($"limit:{{{path}}}:Global:{address}", options.Global.Window),
        ]);
        var now = time.GetUtcNow();
        var named = new Verdict(limit, counts[0].Value, now + counts[0].Reset);
        var global = new Verdict(options.Global, counts[1].Value, now + counts[1].Reset);
        return global.Remaining < named.Remaining || (global.IsExceeded && !named.IsExceeded) ? global : named;
    }

    private async ValueTask<Guid?> FindUserAsync(HttpContext http)
    {
        if (http.Features.Get<Caller>() is { } caller)
        {
            return caller.UserId;
        }

        var authenticator = http.RequestServices.GetRequiredService<IAuthenticator>();
        foreach (var token in Access.Tokens(http.Request))
        {
            if (await authenticator.FindSubjectAsync(token) is { } subject)
            {
                return subject;
            }
        }

        return null;
    }

    private void WriteHeaders(HttpResponse response, Verdict verdict)
    {
        response.Headers["X-RateLimit-Limit"] = verdict.Limit.Count.ToString(CultureInfo.InvariantCulture);
        response.Headers["X-RateLimit-Remaining"] = Math.Max(0, verdict.Remaining).ToString(CultureInfo.InvariantCulture);
        response.Headers["X-RateLimit-Reset"] = (verdict.ResetAt - DateTimeOffset.UnixEpoch).TotalSeconds.ToString("F3", CultureInfo.InvariantCulture);
        response.Headers[HeaderNames.RetryAfter] =
            Math.Ceiling(Math.Max(0, (verdict.ResetAt - time.GetUtcNow()).TotalSeconds)).ToString(CultureInfo.InvariantCulture);
    }

    private readonly record struct Verdict(RateLimit Limit, long Count, DateTimeOffset ResetAt)
    {
        public long Remaining => Limit.Count - Count;

        public bool IsExceeded => Remaining < 0;
    }
}

/// <summary>
/// The path as a counter sees it. Routes are found in any case and ids in any form, and neither may open another window.
/// </summary>
internal static class LimitedPath
{
    public static string Of(string path) => string.Join('/', path.Split('/').Select(segment =>
        LenientUuid.TryParse(segment, out var id) ? id.ToString() : segment.ToLowerInvariant()));
}

internal static class LimitedEndpoints
{
    public static TBuilder Limited<TBuilder>(this TBuilder builder, LimitName name) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new LimitMetadata(name));

    public static TBuilder LimitedByHandler<TBuilder>(this TBuilder builder, LimitName name) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new LimitMetadata(name, IsCountedByHandler: true));
}
