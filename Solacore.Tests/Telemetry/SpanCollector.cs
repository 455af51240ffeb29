using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Solacore.ServiceDefaults;

namespace Solacore.Tests.Telemetry;

/// <summary>One span as it was exported.</summary>
/// <param name="Kind">0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer.</param>
public sealed record CollectedSpan(
    string Service,
    string TraceId,
    string SpanId,
    string ParentId,
    string Name,
    int Kind,
    DateTimeOffset Start,
    DateTimeOffset End,
    IReadOnlyDictionary<string, string> Attributes,
    bool IsError);

/// <summary>
/// The smallest collector: takes traces by OTLP over HTTP in protobuf form (POST /v1/traces) and keeps their spans; metrics
/// and logs are answered and dropped.
/// </summary>
public sealed class SpanCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SpanCollector(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public ConcurrentQueue<CollectedSpan> Spans { get; } = new();

    /// <summary>What a process needs to export to this collector, and to do it soon.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Url,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
    };

    public static async Task<SpanCollector> StartAsync()
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var collector = new SpanCollector(app);
        app.MapPost("/v1/traces", collector.ReceiveAsync);
        app.MapPost("/v1/{other}", () => Results.Ok());
        await app.StartAsync();
        return collector;
    }

    public IReadOnlyList<CollectedSpan> OfTrace(string traceId) =>
        [.. Spans.Where(span => span.TraceId == traceId).OrderBy(span => span.Start)];

    private async Task ReceiveAsync(HttpContext context)
    {
        await using var body = context.Request.Headers.ContentEncoding == "gzip"
            ? new GZipStream(context.Request.Body, CompressionMode.Decompress)
            : context.Request.Body;
        using var bytes = new MemoryStream();
        await body.CopyToAsync(bytes, context.RequestAborted);
        foreach (var span in OtlpTraces.Read(bytes.ToArray()))
        {
            Spans.Enqueue(span);
        }

        // An empty ExportTraceServiceResponse is no bytes at all.
        context.Response.ContentType = "application/x-protobuf";
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <summary>
/// Reads <c>ExportTraceServiceRequest</c>; field numbers from opentelemetry-proto 1.x (trace.proto, resource.proto, common.proto).
/// Fields that nobody here needs are passed over.
/// </summary>
internal static class OtlpTraces
{
    public static IEnumerable<CollectedSpan> Read(ReadOnlyMemory<byte> request) =>
        from resourceSpans in Fields(request)
        where resourceSpans.Number == 1
        let parts = Fields(resourceSpans.Bytes).ToList()
        let service = ServiceOf(parts)
        from scopeSpans in parts
        where scopeSpans.Number == 2
        from span in Fields(scopeSpans.Bytes)
        where span.Number == 2
        select Span(service, [.. Fields(span.Bytes)]);

    private static string ServiceOf(List<Field> resourceSpans) => resourceSpans
        .Where(part => part.Number == 1)
        .SelectMany(resource => Fields(resource.Bytes).Where(field => field.Number == 1))
        .Select(Attribute)
        .FirstOrDefault(attribute => attribute.Key == "service.name").Value ?? "";

    private static CollectedSpan Span(string service, List<Field> span)
    {
        return new CollectedSpan(
            service, Id(1), Id(2), Id(4), Text(Find(5)), (int)Find(6).Value, Time(7), Time(8),
            span.Where(field => field.Number == 9).Select(Attribute).ToDictionary(StringComparer.Ordinal),
            // status { code = 3 }, 2 is error
            Fields(Find(15).Bytes).Any(field => field is { Number: 3, Value: 2 }));

        Field Find(int number) => span.Find(field => field.Number == number);
        string Id(int number) => Convert.ToHexStringLower(Find(number).Bytes.Span);
        DateTimeOffset Time(int number) => DateTimeOffset.UnixEpoch.AddTicks((long)(Find(number).Value / 100));
    }

    // KeyValue { key = 1, value = 2 { string = 1, bool = 2, int = 3, double = 4 } }
    private static KeyValuePair<string, string> Attribute(Field field)
    {
        var parts = Fields(field.Bytes).ToList();
        var value = Fields(parts.Find(part => part.Number == 2).Bytes).FirstOrDefault();
        return new(Text(parts.Find(part => part.Number == 1)), value.Number switch
        {
            1 => Text(value),
            2 => value.Value == 1 ? "true" : "false",
            4 => BitConverter.UInt64BitsToDouble(value.Value).ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => ((long)value.Value).ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
    }

    private static string Text(Field field) => Encoding.UTF8.GetString(field.Bytes.Span);

    /// <summary>The fields of one message: a tag (number and wire type), then a varint, eight bytes, a length with bytes, or four bytes.</summary>
    private static IEnumerable<Field> Fields(ReadOnlyMemory<byte> message)
    {
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint();
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    yield return new Field(number, Varint(), default);
                    break;
                case 1:
                    yield return new Field(number, BinaryPrimitives.ReadUInt64LittleEndian(message.Span.Slice(at, 8)), default);
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint();
                    yield return new Field(number, 0, message.Slice(at, length));
                    at += length;
                    break;
                case 5:
                    yield return new Field(number, BinaryPrimitives.ReadUInt32LittleEndian(message.Span.Slice(at, 4)), default);
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"Wire type {tag & 7} is none of protobuf's.");
            }
        }

        ulong Varint()
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = message.Span[at++];
                value |= (ulong)(next & 0x7f) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }
        }
    }

    private readonly record struct Field(int Number, ulong Value, ReadOnlyMemory<byte> Bytes);
}
