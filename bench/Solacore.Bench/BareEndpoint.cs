using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Solacore.ServiceDefaults;

namespace Solacore.Bench;

/// <summary>A Kestrel endpoint that reads a body and does nothing with it: what HTTP alone costs on this machine.</summary>
internal static class BareEndpoint
{
    public static async Task RunAsync(string port)
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        app.MapGet("/health/ready", () => "ready");
        app.MapPost("/webhooks/stripe", async (HttpRequest request) =>
        {
            await request.Body.CopyToAsync(Stream.Null, request.HttpContext.RequestAborted);
            return TypedResults.Ok();
        });
        await app.RunAsync();
    }
}
