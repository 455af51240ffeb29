using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Solacore.ServiceDefaults;

namespace Solacore.Tests.ServiceDefaults;

/// <summary>
/// Stands in for whoever collects telemetry: takes Sentry envelopes (JSON lines) and OTLP over HTTP (protobuf, whose
/// strings are plain UTF-8) and keeps their text.
/// </summary>
internal sealed class Ingest : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _received = new();

    private Ingest(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public string SentryDsn => Url.Replace("://", "://key@", StringComparison.Ordinal) + "/1";

    public string Everything => string.Join('\n', _received);

    public static async Task<Ingest> StartAsync()
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var ingest = new Ingest(builder.Build());
        ingest._app.MapPost("/{**path}", ingest.ReceiveAsync);
        await ingest._app.StartAsync(TestContext.Current.CancellationToken);
        return ingest;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        await using var body = context.Request.Headers.ContentEncoding == "gzip"
            ? new GZipStream(context.Request.Body, CompressionMode.Decompress)
            : context.Request.Body;
        using var reader = new StreamReader(body, Encoding.UTF8);
        _received.Enqueue($"{context.Request.Path}\n{await reader.ReadToEndAsync(context.RequestAborted)}");
    }
}
