using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Solacore.ServiceDefaults;
using Solacore.Tests.Infrastructure;

namespace Solacore.Bench;

/// <summary>
/// A model provider on loopback that speaks to thousands at once, each at the same pace, in OpenAI's wire format of streamed
/// chat completions (https://platform.openai.com/docs/api-reference/chat/streaming). Each piece tells when it was said
/// (<see cref="TimedPiece"/>). Nothing is ever dangerous to it, and there is nothing to read in a message.
/// </summary>
internal sealed class PacedModel : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly int _pieces;
    private readonly TaskCompletionSource[] _due = [.. Enumerable.Range(0, Beat.Slices).Select(_ => Signal())];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _beating;
    private int _streams;

    private PacedModel(WebApplication app, int perSecond, int pieces)
    {
        _app = app;
        _pieces = pieces;
        _beating = Task.Run(() => Beat.RunAsync(perSecond, slice => Interlocked.Exchange(ref _due[slice], Signal()).SetResult(), _stopping.Token), CancellationToken.None);
    }

    public string BaseUrl => _app.Urls.First() + "/v1";

    public static async Task<PacedModel> StartAsync(int perSecond, int pieces)
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var model = new PacedModel(app, perSecond, pieces);
        app.MapPost("/v1/chat/completions", model.SpeakAsync);
        app.MapPost("/v1/moderations", () => Results.Json(new { id = "m", model = "m", results = new[] { new { flagged = false, categories = new { }, category_scores = new { } } } }));
        await app.StartAsync(CancellationToken.None);
        return model;
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task SpeakAsync(HttpContext context)
    {
        using var request = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        if (request.RootElement.TryGetProperty("response_format", out _))
        {
            await context.Response.WriteAsJsonAsync(ModelStandIn.Completion(ModelStandIn.NothingRead), context.RequestAborted);
            return;
        }

        var slice = Interlocked.Increment(ref _streams) % Beat.Slices;
        context.Response.ContentType = "text/event-stream";
        for (var number = 0; number < _pieces; number++)
        {
            await Volatile.Read(ref _due[slice]).Task;
            await SendAsync(context, $$"""{"role":"assistant","content":"{{TimedPiece.Say(number)}}"}""", "null");
        }

        await SendAsync(context, "{}", "\"stop\"");
        var usage = $$"""data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":400,"completion_tokens":{{_pieces}} } }""";
        await context.Response.WriteAsync(usage + "\n\ndata: [DONE]\n\n", context.RequestAborted);
    }

    private static async Task SendAsync(HttpContext context, string delta, string finish)
    {
        var chunk = $$"""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finish}}}]}""" + "\n\n";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(chunk), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _beating;
        await _app.DisposeAsync();
        _stopping.Dispose();
    }
}
