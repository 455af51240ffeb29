using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Solacore.Tests.Scenarios;

/// <summary>Somebody who is signed in and talks to one api or another.</summary>
internal sealed class Visitor : IDisposable
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(100) };

    public Guid Id { get; private set; }

    public string? Token => _client.DefaultRequestHeaders.Authorization?.Parameter;

    public string Fingerprint { get; } = Guid.NewGuid().ToString("n");

    public static async Task<Visitor> RegisterAsync(Api api, string? email = null, string? deviceName = null)
    {
        var visitor = new Visitor();
        using var response = await visitor._client.PostAsJsonAsync(new Uri(api.Address, "/auth/register"), new
        {
            email = email ?? $"{visitor.Fingerprint}@example.com",
            password = "Pass1234",
            device_fingerprint = visitor.Fingerprint,
            device_name = deviceName,
        });
        var answer = await ReadAsync(response, HttpStatusCode.Created);
        visitor.Id = answer.GetProperty("user_id").GetGuid();
        visitor._client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", answer.GetProperty("access_token").GetString());
        return visitor;
    }

    public async Task<Guid> StartSessionAsync(Api api)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api.Address, "/sessions"));
        request.Headers.Add("X-Device-Fingerprint", Fingerprint);
        using var response = await _client.SendAsync(request);
        return (await ReadAsync(response, HttpStatusCode.Created)).GetProperty("session_id").GetGuid();
    }

    /// <summary>Posts a message; the reply streams.</summary>
    public async Task<ReplyStream> SayAsync(Api api, Guid session, string text, string? idempotencyKey = null, string? traceParent = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api.Address, $"/sessions/{session}/messages"))
        {
            Content = JsonContent.Create(new { content = text, step = "receive" }),
        };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        if (traceParent is not null)
        {
            request.Headers.Add("traceparent", traceParent);
        }

        return await ReplyStream.OpenAsync(_client, request);
    }

    public async Task<Guid> StartLearningAsync(Api api, string mode = "quick")
    {
        using var response = await _client.PostAsync(new Uri(api.Address, $"/learn?mode={mode}"), content: null);
        return (await ReadAsync(response, HttpStatusCode.Created)).GetProperty("session_id").GetGuid();
    }

    /// <summary>Posts a message to a learn session; the reply streams.</summary>
    public Task<ReplyStream> LearnAsync(
        Api api, Guid session, string text, string? step = "start", string? tool = null, string? idempotencyKey = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api.Address, $"/learn/{session}/messages"))
        {
            Content = JsonContent.Create(new { content = text, step, tool }),
        };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return ReplyStream.OpenAsync(_client, request);
    }

    /// <summary>Goes on with a turn's events on any api.</summary>
    public Task<ReplyStream> ResumeAsync(Api api, Guid session, Guid turn, string? lastEventId, string path = "sessions")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api.Address, $"/{path}/{session}/turns/{turn}/events"));
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        return ReplyStream.OpenAsync(_client, request);
    }

    public async Task CancelAsync(Api api, Guid session, Guid turn, string path = "sessions")
    {
        using var response = await _client.PostAsync(new Uri(api.Address, $"/{path}/{session}/turns/{turn}/cancel"), content: null);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    public async Task<HttpStatusCode> SendAsync(Api api, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(api.Address, path)) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await _client.SendAsync(request);
        return response.StatusCode;
    }

    public async Task<JsonElement> GetAsync(Api api, string path)
    {
        using var response = await _client.GetAsync(new Uri(api.Address, path));
        return await ReadAsync(response, HttpStatusCode.OK);
    }

    /// <summary>Any other call; the answer whatever its status.</summary>
    public async Task<PlainAnswer> SendAsync(Api api, HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(api.Address, path));
        request.Headers.Add("X-Device-Fingerprint", Fingerprint);
        if (body is not null)
        {
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        }

        using var response = await _client.SendAsync(request);
        return new PlainAnswer(response.StatusCode, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsStringAsync());
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(expected == response.StatusCode, $"{response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement.Clone();
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>An answer that is no stream.</summary>
internal sealed record PlainAnswer(HttpStatusCode Status, string? ContentType, string Text)
{
    public JsonElement Body => JsonDocument.Parse(Text).RootElement;

    public string? Error => Body.GetProperty("error").GetString();
}

/// <summary>One event as a client reads it.</summary>
internal sealed record ReceivedEvent(string? Id, string Name, JsonElement Data)
{
    public string Content => Data.GetProperty("content").GetString()!;
}

/// <summary>A reply on its way, read line by line as the existing clients do.</summary>
internal sealed class ReplyStream : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader? _reader;

    private ReplyStream(HttpResponseMessage response, StreamReader? reader)
    {
        _response = response;
        _reader = reader;
    }

    public HttpStatusCode Status => _response.StatusCode;

    public TimeSpan? RetryAfter => _response.Headers.RetryAfter?.Delta;

    public Guid Turn => Guid.Parse(_response.Headers.GetValues("X-Turn-ID").Single());

    /// <summary>The events read so far.</summary>
    public List<ReceivedEvent> Events { get; } = [];

    /// <summary>The text as a client shows it that resumed with some text on its screen: a reset empties that as well.</summary>
    public string TextAfter(string shown) => Events.Exists(e => e.Name == "reset") ? Text : shown + Text;

    /// <summary>The text as a new client shows it: a reset empties it.</summary>
    public string Text => string.Concat(Events.Skip(Events.FindLastIndex(e => e.Name == "reset") + 1).Where(e => e.Name == "token").Select(e => e.Content));

    public string? LastId => Events.LastOrDefault(e => e.Id is not null)?.Id;

    public static async Task<ReplyStream> OpenAsync(HttpClient client, HttpRequestMessage request)
    {
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        request.Dispose();
        return response.Content.Headers.ContentType?.MediaType == "text/event-stream"
            ? new ReplyStream(response, new StreamReader(await response.Content.ReadAsStreamAsync()))
            : new ReplyStream(response, reader: null);
    }

    /// <summary>The next event, or null at the end of the stream (also of a torn one).</summary>
    public async Task<ReceivedEvent?> NextAsync()
    {
        string? id = null, name = null, data = null;
        try
        {
            while (await _reader!.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) is { } line)
            {
                if (line.Length == 0 && name is not null)
                {
                    var received = new ReceivedEvent(id, name, JsonDocument.Parse(data!).RootElement.Clone());
                    Events.Add(received);
                    return received;
                }

                id = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : id;
                name = line.StartsWith("event: ", StringComparison.Ordinal) ? line[7..] : name;
                data = line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : data;
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // Torn: the api has died.
        }

        return null;
    }

    /// <summary>Reads until so many tokens have come.</summary>
    public async Task TokensAsync(int count)
    {
        while (Events.Count(e => e.Name == "token") < count)
        {
            Assert.NotNull(await NextAsync());
        }
    }

    /// <summary>Reads to the end and returns the last event.</summary>
    public async Task<ReceivedEvent?> ToEndAsync()
    {
        while (await NextAsync() is not null)
        {
        }

        return Events.LastOrDefault();
    }

    public override string ToString() => $"{(int)Status} {string.Join(' ', Events.Select(e => e.Name))}";

    public async Task<JsonElement> ErrorAsync() => JsonDocument.Parse(await _response.Content.ReadAsStringAsync()).RootElement.Clone();

    public void Dispose()
    {
        _reader?.Dispose();
        _response.Dispose();
    }
}
