namespace Solacore.Api.Http;

/// <summary>What a browser is told on every answer, whatever stands in front of the service.</summary>
internal static class SecurityHeaders
{
    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app, EdgeOptions options) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = context.Request.IsHttps ? "SAMEORIGIN" : "DENY";
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin";
        headers["Permissions-Policy"] = "geolocation=(), microphone=(), camera=()";
        if (!options.Debug)
        {
            headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
        }

        return next(context);
    });

    /// <summary>Answers of these endpoints hold credentials or personal data and stay out of every cache.</summary>
    public static TBuilder NoStore<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(NoStoreMetadata.Instance);

    public static IApplicationBuilder UseNoStore(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<NoStoreMetadata>() is not null)
        {
            context.Response.Headers.CacheControl = "no-store";
        }

        return next(context);
    });

    private sealed class NoStoreMetadata
    {
        public static readonly NoStoreMetadata Instance = new();
    }
}
