using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Solacore.Tests.Infrastructure;

/// <summary>What the stand-in does with a request.</summary>
public sealed record ModelScript
{
    /// <summary>Pieces of the reply, one chunk each.</summary>
    public IReadOnlyList<string> Pieces { get; init; } = ["Hello ", "there."];

    /// <summary>Other than 200: answered at once, with an error body in OpenAI's form.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    public TimeSpan BeforeFirst { get; init; }
    public TimeSpan Between { get; init; }

    /// <summary>After this many pieces the connection is cut; null: never.</summary>
    public int? CutAfter { get; init; }
}

/// <summary>
/// A model provider on loopback that speaks OpenAI's chat-completions wire format
/// (https://platform.openai.com/docs/api-reference/chat/streaming) and remembers what it was told.
/// </summary>
public sealed class ModelStandIn : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ModelStandIn(WebApplication app) => _app = app;

    /// <summary>What to do; may be changed at any time.</summary>
    public ModelScript Script { get; set; } = new();

    /// <summary>The bodies of all requests, as they came.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The W3C trace contexts that came with them.</summary>
    public ConcurrentQueue<string> TraceParents { get; } = new();

    /// <summary>Requests whose connection the caller has closed before the end.</summary>
    public int Abandoned => Volatile.Read(ref _abandoned);

    private int _abandoned;

    public string BaseUrl => _app.Urls.First() + "/v1";

    public static async Task<ModelStandIn> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var standIn = new ModelStandIn(app);
        app.MapPost("/v1/chat/completions", standIn.AnswerAsync);
        await app.StartAsync();
        return standIn;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        TraceParents.Enqueue(context.Request.Headers.TraceParent.ToString());
        using var reader = new StreamReader(context.Request.Body);
        Requests.Enqueue(await reader.ReadToEndAsync());
        var script = Script;
        if (script.Status != StatusCodes.Status200OK)
        {
            context.Response.StatusCode = script.Status;
            await context.Response.WriteAsJsonAsync(new { error = new { message = "scripted", type = "server_error", code = (string?)null } });
            return;
        }

        context.Response.ContentType = "text/event-stream";
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        try
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(script.BeforeFirst, context.RequestAborted);
            var sent = 0;
            foreach (var piece in script.Pieces)
            {
                if (sent == script.CutAfter)
                {
                    context.Abort();
                    return;
                }

                await SendAsync(context, new { role = "assistant", content = piece }, finish: null);
                sent++;
                await Task.Delay(script.Between, context.RequestAborted);
            }

            await SendAsync(context, new { }, finish: "stop");
            await context.Response.WriteAsync(
                """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}"""
                + "\n\ndata: [DONE]\n\n",
                context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _abandoned);
        }
    }

    private static async Task SendAsync(HttpContext context, object delta, string? finish)
    {
        var chunk = JsonSerializer.Serialize(new
        {
            id = "c",
            @object = "chat.completion.chunk",
            created = 1,
            model = "m",
            choices = new[] { new { index = 0, delta, finish_reason = finish } },
        });
        await context.Response.WriteAsync($"data: {chunk}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
