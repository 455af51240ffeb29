using System.Text;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core.Data;
using Solacore.Core.Settings;

namespace Solacore.Api.Http;

/// <summary>Everything that cuts across the endpoints; the order of the checks is contract/http-api.md section 8.</summary>
internal static class HttpEdge
{
    // Written by the framework with a space and by its API document without.
    private static readonly string[] JsonWithCharset = ["application/json; charset=utf-8", "application/json;charset=utf-8"];

    private static readonly object OwnCounters = new();

    public static void AddHttpEdge(this WebApplicationBuilder builder, SettingsReader settings)
    {
        var options = EdgeOptions.Read(settings);
        var limits = RateLimitOptions.Read(settings);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(limits);

        // Clients of today do not come back to a reply that is cut off: longer than most take, shorter than what orchestrators
        // grant before they kill.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(45));
        if (limits.RedisUrl is { } url)
        {
            builder.Services.AddKeyedSingleton(
                OwnCounters, (_, _) => RedisLink.Open(ConnectionSettings.IsMemory(url) ? null : ConnectionSettings.ParseRedis(url)));
        }

        builder.Services.AddSingleton(provider => new SharedOrLocal(
            (limits.RedisUrl is null ? provider.GetRequiredService<RedisLink>() : provider.GetRequiredKeyedService<RedisLink>(OwnCounters)).Connection,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SharedOrLocal>>()));
        builder.Services.AddSingleton<WindowCounters>();
        builder.Services.AddSingleton<AttemptBackOff>();
        builder.Services.AddSingleton<RateLimiting>();
        builder.Services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        builder.Services.AddApiDocument(options);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // The server itself refuses a header that is not UTF-8, before anybody could add what browsers need. These may come from
            // another service of the domain, or from the browser's owner; our own values are ASCII.
            kestrel.RequestHeaderEncodingSelector = name => name is "Cookie" or "User-Agent" or "Referer" or "Authorization" ? Encoding.Latin1 : null;
            kestrel.Limits.MaxRequestBodySize = LimitedBody.LargestRead;

            // A large body keeps others out while it comes; see LimitedBody. What our clients send is done within the grace.
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 16 * 1024, gracePeriod: TimeSpan.FromSeconds(30));
        });
    }

    public static void UseHttpEdge(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<EdgeOptions>();
        if (options.TrustedProxies.Count > 0)
        {
            app.UseForwardedHeaders(TrustOnly(options.TrustedProxies));
        }

        app.UseRequestIds();
        app.UseSecurityHeaders(options);
        app.UsePlainJsonContentType();
        app.UseCrossOrigin(options);
        app.UseMiddleware<Failures>();
        app.UseCsrf(options);
        app.UseRouting();
        app.UseUnroutedAnswers();
        app.UseNoStore();
        app.UseBodySyntax();
        app.UseAccess();
    }

    /// <summary>The group in which every endpoint of the product is mapped, so that no check can be forgotten.</summary>
    public static RouteGroupBuilder MapApi(this WebApplication app)
    {
        var limiting = app.Services.GetRequiredService<RateLimiting>();
        var api = app.MapGroup("");
        api.AddEndpointFilter(Validation.Filter);
        api.AddEndpointFilter(limiting.FilterAsync);
        api.RequireDeclaredAccess();
        return api;
    }

    private static ForwardedHeadersOptions TrustOnly(IReadOnlyList<System.Net.IPNetwork> proxies)
    {
        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,

            // As many hops as are trusted; the first address that is not ends the walk.
            ForwardLimit = null,
        };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in proxies)
        {
            forwarded.KnownIPNetworks.Add(network);
        }

        return forwarded;
    }

    // Existing clients know the plain type. Downloads (exports) keep the charset, which is pinned for them.
    private static void UsePlainJsonContentType(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(() =>
        {
            if (JsonWithCharset.Contains(context.Response.ContentType, StringComparer.Ordinal) && context.Response.Headers.ContentDisposition.Count == 0)
            {
                context.Response.ContentType = ApiJson.ContentType;
            }

            return Task.CompletedTask;
        });
        return next(context);
    });
}
