using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Solacore.ServiceDefaults;

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

    /// <summary>After this many pieces nothing comes any more, while the connection stands; null: never.</summary>
    public int? HangAfter { get; init; }

    /// <summary>After this many pieces comes a chunk that is no JSON; null: never.</summary>
    public int? MalformedAfter { get; init; }

    /// <summary>Sent before the reply as it is: lines of server-sent events.</summary>
    public string? Preamble { get; init; }

    /// <summary>After this many pieces comes an error in OpenRouter's form, and the stream ends as it would otherwise; null: never.</summary>
    public int? ErrorAfter { get; init; }

    /// <summary>After this many pieces the answer is over, without the words that end a reply; null: never.</summary>
    public int? StopAfter { get; init; }

    /// <summary>Sent with an error: seconds or an HTTP date.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>What the error body says.</summary>
    public string ErrorMessage { get; init; } = "scripted";

    /// <summary>So many requests get the error, the later ones are answered; null: all get it.</summary>
    public int? Errors { get; init; }

    /// <summary>Said instead of a reply.</summary>
    public string? Refusal { get; init; }

    /// <summary>Thought before the reply, as OpenRouter passes it on.</summary>
    public string? Reasoning { get; init; }

    /// <summary>Off: the usage is not told.</summary>
    public bool TellsUsage { get; init; } = true;
}

/// <summary>A request as it came.</summary>
public sealed record ModelRequest(string Path, string Body, IReadOnlyDictionary<string, string> Headers);

/// <summary>
/// A model provider on loopback that speaks OpenAI's wire formats of chat completions, streamed and with structured output,
/// and of moderations (https://platform.openai.com/docs/api-reference/chat/streaming, …/moderations), and remembers what it was
/// told.
/// </summary>
public sealed class ModelStandIn : IAsyncDisposable
{
    /// <summary>The content of an answer with structured output that found nothing in the message.</summary>
    public const string NothingRead = """{"goal":null,"success_criteria":[],"constraints":[],"attempts":[],"options":[]}""";

    /// <summary>What a script lets happen after so many pieces, in the order in which it happens after the same one.</summary>
    private static readonly (Func<ModelScript, int?> After, Func<HttpContext, Task> DoAsync, bool Ends)[] PieceFaults =
    [
        (script => script.CutAfter, CutAsync, Ends: true),
        (script => script.HangAfter, HangAsync, Ends: true),
        (script => script.MalformedAfter, SendMalformedAsync, Ends: false),
        (script => script.ErrorAfter, SendErrorAsync, Ends: true),
        (script => script.StopAfter, _ => Task.CompletedTask, Ends: true),
    ];

    private readonly WebApplication _app;

    private ModelStandIn(WebApplication app) => _app = app;

    /// <summary>What to do; may be changed at any time.</summary>
    public ModelScript Script { get; set; } = new();

    /// <summary>The content of an answer with structured output; null: status 500.</summary>
    public string? Reading { get; set; } = NothingRead;

    /// <summary>How long such an answer takes.</summary>
    public TimeSpan ReadingTakes { get; set; }

    /// <summary>Score of self-harm/intent by the text that is judged; null: status 500.</summary>
    public Func<string, double?> Danger { get; set; } = _ => 0;

    /// <summary>How long a judgement takes.</summary>
    public TimeSpan JudgingTakes { get; set; }

    /// <summary>The bodies of all requests for a reply, as they came.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The bodies of all requests for structured output.</summary>
    public ConcurrentQueue<string> Readings { get; } = new();

    /// <summary>The bodies of all requests for a judgement.</summary>
    public ConcurrentQueue<string> Judgements { get; } = new();

    /// <summary>Every request of any kind.</summary>
    public ConcurrentQueue<ModelRequest> Everything { get; } = new();

    /// <summary>The W3C trace contexts that came with them.</summary>
    public ConcurrentQueue<string> TraceParents { get; } = new();

    /// <summary>Requests whose connection the caller has closed before the end.</summary>
    public int Abandoned => Volatile.Read(ref _abandoned);

    private int _abandoned;
    private int _errors;

    /// <summary>A script from its beginning, everything else as at the start.</summary>
    public void Begin(ModelScript script)
    {
        Volatile.Write(ref _errors, 0);
        (Reading, ReadingTakes, Danger, JudgingTakes) = (NothingRead, TimeSpan.Zero, _ => 0, TimeSpan.Zero);
        Script = script;
    }

    public string BaseUrl => _app.Urls.First() + "/v1";

    public static async Task<ModelStandIn> StartAsync()
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var standIn = new ModelStandIn(app);
        app.MapPost("/v1/chat/completions", standIn.AnswerAsync);
        app.MapPost("/v1/moderations", standIn.JudgeAsync);
        await app.StartAsync();
        return standIn;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var body = await ReadAsync(context);
        if (JsonDocument.Parse(body).RootElement.TryGetProperty("response_format", out _))
        {
            Readings.Enqueue(body);
            await AnswerReadingAsync(context);
            return;
        }

        TraceParents.Enqueue(context.Request.Headers.TraceParent.ToString());
        Requests.Enqueue(body);
        var script = Script;
        if (script.Status != StatusCodes.Status200OK && (script.Errors is null || Interlocked.Increment(ref _errors) <= script.Errors))
        {
            await RefuseAsync(context, script);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        try
        {
            await BeginAsync(context, script);
            if (await SendPiecesAsync(context, script))
            {
                await EndAsync(context, script);
            }
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _abandoned);
        }
    }

    private static async Task RefuseAsync(HttpContext context, ModelScript script)
    {
        context.Response.StatusCode = script.Status;
        if (script.RetryAfter is not null)
        {
            context.Response.Headers.RetryAfter = script.RetryAfter;
        }

        await context.Response.WriteAsJsonAsync(new { error = new { message = script.ErrorMessage, type = "server_error", code = (string?)null } });
    }

    /// <summary>What comes before the pieces.</summary>
    private static async Task BeginAsync(HttpContext context, ModelScript script)
    {
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Task.Delay(script.BeforeFirst, context.RequestAborted);
        if (script.Preamble is not null)
        {
            await context.Response.WriteAsync(script.Preamble, context.RequestAborted);
        }

        if (script.Reasoning is not null)
        {
            await SendAsync(context, new { role = "assistant", content = "", reasoning = script.Reasoning }, finish: null);
        }

        if (script.Refusal is not null)
        {
            await SendAsync(context, new { role = "assistant", refusal = script.Refusal }, finish: null);
        }
    }

    /// <summary>Sends the pieces; false: a fault has ended the answer.</summary>
    private static async Task<bool> SendPiecesAsync(HttpContext context, ModelScript script)
    {
        var sent = 0;
        foreach (var piece in script.Pieces)
        {
            foreach (var fault in PieceFaults.Where(f => f.After(script) == sent))
            {
                await fault.DoAsync(context);
                if (fault.Ends)
                {
                    return false;
                }
            }

            await SendAsync(context, new { role = "assistant", content = piece }, finish: null);
            sent++;
            await Task.Delay(script.Between, context.RequestAborted);
        }

        return true;
    }

    private static Task CutAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static Task HangAsync(HttpContext context) => Task.Delay(Timeout.Infinite, context.RequestAborted);

    private static async Task SendMalformedAsync(HttpContext context)
    {
        await context.Response.WriteAsync("data: {\"choices\":[{\"del\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static Task SendErrorAsync(HttpContext context)
    {
        var error = """data: {"id":"c","error":{"code":502,"message":"Provider disconnected"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}""";
        return context.Response.WriteAsync(error + "\n\ndata: [DONE]\n\n", context.RequestAborted);
    }

    private static async Task EndAsync(HttpContext context, ModelScript script)
    {
        await SendAsync(context, new { }, finish: "stop");
        var usage = script.TellsUsage
            ? """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}""" + "\n\n"
            : "";
        await context.Response.WriteAsync(usage + "data: [DONE]\n\n", context.RequestAborted);
    }

    private async Task<string> ReadAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        Everything.Enqueue(new ModelRequest(
            context.Request.Path.Value!, body, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        return body;
    }

    /// <summary>An answer in one piece.</summary>
    public static object Completion(string content) => new
    {
        id = "r",
        @object = "chat.completion",
        created = 1,
        model = "m",
        choices = new[] { new { index = 0, message = new { role = "assistant", content }, finish_reason = "stop" } },
        usage = new { prompt_tokens = 100, completion_tokens = 50, total_tokens = 150 },
    };

    private async Task AnswerReadingAsync(HttpContext context)
    {
        try
        {
            await Task.Delay(ReadingTakes, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (Reading is not { } content)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        await context.Response.WriteAsJsonAsync(Completion(content));
    }

    private async Task JudgeAsync(HttpContext context)
    {
        var body = await ReadAsync(context);
        Judgements.Enqueue(body);
        try
        {
            await Task.Delay(JudgingTakes, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (Danger(JsonDocument.Parse(body).RootElement.GetProperty("input").GetString()!) is not { } score)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        var scores = new Dictionary<string, double>(StringComparer.Ordinal) { ["violence"] = 0.9, ["self-harm"] = 0.01, ["self-harm/intent"] = score };
        await context.Response.WriteAsJsonAsync(new { id = "m", model = "omni-moderation-latest", results = new[] { new { flagged = true, category_scores = scores } } });
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
