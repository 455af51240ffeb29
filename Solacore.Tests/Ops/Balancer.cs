using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Solacore.ServiceDefaults;

namespace Solacore.Tests.Ops;

/// <summary>
/// Does what the edge of a host does: asks every copy whether it is ready, gives each request to the next one that is, and
/// never tries one twice, so that a request that a copy drops is a failed request.
/// </summary>
internal sealed class Balancer : IAsyncDisposable
{
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(100);

    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly HttpClient _probes = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly List<Task> _probing = [];
    private volatile Uri[] _ready = [];
    private int _next;

    private Balancer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>The copies that get requests now.</summary>
    public IReadOnlyList<Uri> Ready => _ready;

    /// <summary>Requests that a copy dropped.</summary>
    public ConcurrentQueue<string> Troubles { get; } = new();

    public static async Task<Balancer> StartAsync(params IEnumerable<Uri> copies)
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var balancer = new Balancer(builder.Build());
        foreach (var copy in copies)
        {
            balancer.Add(copy);
        }

        balancer._app.Run(balancer.ForwardAsync);
        await balancer._app.StartAsync();
        return balancer;
    }

    public void Add(Uri copy)
    {
        lock (_gate)
        {
            _probing.Add(Task.Run(() => ProbeAsync(copy)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_probing);
        await _app.DisposeAsync();
        _http.Dispose();
        _probes.Dispose();
        _stopping.Dispose();
    }

    private async Task ProbeAsync(Uri copy)
    {
        while (!_stopping.IsCancellationRequested)
        {
            var isReady = await IsReadyAsync(copy);
            lock (_gate)
            {
                Uri[] ready = [.. _ready.Where(known => known != copy), .. isReady ? (Uri[])[copy] : []];

                // As edges do: when nobody seems ready, the probes are believed less than the copies.
                _ready = ready.Length > 0 ? ready : _ready;
            }

            await Task.Delay(ProbeEvery, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> IsReadyAsync(Uri copy)
    {
        try
        {
            using var response = await _probes.GetAsync(new Uri(copy, "/health/ready"), _stopping.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task ForwardAsync(HttpContext context)
    {
        var ready = _ready;
        if (ready.Length == 0)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return;
        }

        var copy = ready[(uint)Interlocked.Increment(ref _next) % ready.Length];
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(copy, context.Request.Path + context.Request.QueryString));
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(context.Request.Body);
        }

        foreach (var (name, values) in context.Request.Headers.Where(header => header.Key is not ("Host" or "Transfer-Encoding" or "Connection")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            await PassOnAsync(response, context);
        }
        catch (HttpRequestException e) when (!context.Response.HasStarted)
        {
            Troubles.Enqueue($"{request.Method} {copy}: {e.Message}");
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The copy died in the middle of its answer: so does ours.
            Troubles.Enqueue($"{request.Method} {copy} broke off: {e.Message}");
            context.Abort();
        }
        catch (OperationCanceledException)
        {
            // The client has gone.
        }
    }

    private static async Task PassOnAsync(HttpResponseMessage response, HttpContext context)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Connection")))
        {
            context.Response.Headers.Append(name, values.ToArray());
        }

        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        await using var body = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        var buffer = new byte[8192];
        int count;
        while ((count = await body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
