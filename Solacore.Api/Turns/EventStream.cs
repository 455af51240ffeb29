using System.Buffers;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Core.Safety;
using Solacore.Core.Turns;

namespace Solacore.Api.Turns;

/// <summary>
/// A server-sent event stream in the narrow form that existing clients parse by hand: LF only, one space after the
/// colon, one <c>data</c> line per event (contract/http-api.md section 21).
/// </summary>
internal sealed class EventStream : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    /// <summary>Names the turn, for resuming and stopping it; not in a crisis, which has no turn.</summary>
    public const string TurnHeader = "X-Turn-ID";

    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(30);

    private readonly TurnViewer? _viewer;
    private readonly Func<CancellationToken, IAsyncEnumerable<TurnEvent>> _read;

    private EventStream(TurnViewer? viewer, Func<CancellationToken, IAsyncEnumerable<TurnEvent>> read)
    {
        _viewer = viewer;
        _read = read;
    }

    public int? StatusCode => StatusCodes.Status200OK;

    public static EventStream Of(TurnRelay relay, TurnViewer viewer, TurnEventId after) =>
        new(viewer, cancellationToken => relay.ReadAsync(viewer, after, cancellationToken));

    /// <summary>
    /// The answer to somebody who needs a hotline. The numbers are in the text as well: the web client shows nothing else.
    /// </summary>
    public static EventStream Of(CrisisAnswer answer) => new(viewer: null, _ => Two(
        new TurnEvent(new TurnEventId(1, 1), TurnEvent.TokenName, TurnEvent.TokenData(answer.Text)),
        new TurnEvent(
            new TurnEventId(1, 2),
            TurnEvent.DoneName,
            JsonSerializer.Serialize(new CrisisDone(Blocked: true, "CRISIS", answer.Resources), ApiJson.Options))));

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) => builder.Metadata.Add(new TextMetadata(
        $"Server-sent events; see [{ApiDocument.StreamingPath}]({ApiDocument.StreamingPath}). `{TurnHeader}` names the turn.", "text/event-stream"));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var viewer = _viewer;
        var response = httpContext.Response;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.Headers.Connection = "keep-alive";
        response.Headers["X-Accel-Buffering"] = "no";
        if (viewer is not null)
        {
            response.Headers[TurnHeader] = viewer.Turn.ToString();
        }

        // A phone in a tunnel reads slowly for longer than Kestrel's minimum rate allows; a flush has its own limit.
        if (httpContext.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await ReleaseServicesAsync(httpContext);
        try
        {
            await response.Body.FlushAsync(httpContext.RequestAborted);
            await foreach (var item in _read(httpContext.RequestAborted))
            {
                Write(response.BodyWriter, item);
                await response.BodyWriter.FlushAsync(httpContext.RequestAborted).AsTask().WaitAsync(LongestFlush, httpContext.RequestAborted);
            }
        }
        catch (OperationCanceledException) when (httpContext.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; the turn goes on and its reply is stored.
        }
        catch (TimeoutException)
        {
            // A client that has not read for so long is gone as well, whatever its socket says.
            httpContext.Abort();
        }
    }

    /// <summary>
    /// What was needed to let the client in, a database context above all, goes back before the long wait. Whoever asks for
    /// services from now on gets new ones.
    /// </summary>
    private static async Task ReleaseServicesAsync(HttpContext context)
    {
        if (context.Features.Get<IServiceProvidersFeature>() is RequestServicesFeature held)
        {
            context.Features.Set<IServiceProvidersFeature>(
                new RequestServicesFeature(context, held.RequestServices.GetRequiredService<IServiceScopeFactory>()));
            await held.DisposeAsync();
        }
    }

    private static void Write(IBufferWriter<byte> writer, TurnEvent item)
    {
        if (ReferenceEquals(item, TurnEvent.Heartbeat))
        {
            writer.Write(": ping\n\n"u8);
            return;
        }

        Encoding.UTF8.GetBytes($"id: {item.Id}\nevent: {item.Name}\ndata: {item.Data}\n\n", writer);
    }

    private static async IAsyncEnumerable<TurnEvent> Two(TurnEvent first, TurnEvent second)
    {
        yield return first;
        await Task.CompletedTask;
        yield return second;
    }

    private sealed record CrisisDone(bool Blocked, string Reason, IReadOnlyDictionary<string, string> Resources);
}
