using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Solacore.Tests.Faults;

/// <summary>
/// A client as good ones are: it asks the next api when one does not answer, sends again what may be sent again, and goes on
/// with a stream where it was torn.
/// </summary>
internal sealed class FaultClient(FaultSystem system, AcknowledgedFacts facts, int number) : IDisposable
{
    private const int Tries = 300;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Streams are silent for the length of a heartbeat at most; anything longer is a dead connection.
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly string _fingerprint = Guid.NewGuid().ToString("n");
    private int _api = number;

    public Guid Id { get; private set; }

    private string Address => $"{_fingerprint}@example.com";

    public async Task SignUpAsync()
    {
        var body = new { email = Address, password = "Pass1234", device_fingerprint = _fingerprint };
        var (status, answer) = await AskAsync(HttpMethod.Post, "/auth/register", body);
        if (status == HttpStatusCode.Conflict)
        {
            // The answer to the first try was lost.
            (status, answer) = await AskAsync(HttpMethod.Post, "/auth/login", body);
        }

        Expect(status is HttpStatusCode.Created or HttpStatusCode.OK, $"sign-up: {status} {answer}");
        Id = answer.GetProperty("user_id").GetGuid();
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer.GetProperty("access_token").GetString());
        facts.Persons[Id] = Address;
    }

    public async Task<Guid> StartSessionAsync()
    {
        var (status, answer) = await AskAsync(HttpMethod.Post, "/sessions", body: null);
        Expect(status == HttpStatusCode.Created, $"session: {status} {answer}");
        var session = answer.GetProperty("session_id").GetGuid();
        facts.Sessions[session] = Id;
        return session;
    }

    public async Task RemindAsync(Guid session, DateTimeOffset time)
    {
        var (status, answer) = await AskAsync(HttpMethod.Patch, $"/sessions/{session}", new { first_step_action = "call", reminder_time = time });
        Expect(status == HttpStatusCode.OK, $"reminder: {status} {answer}");
        facts.Reminders[session] = time;
    }

    /// <summary>Signs in once more and looks at itself.</summary>
    public async Task SignInAgainAsync()
    {
        var (status, answer) = await AskAsync(
            HttpMethod.Post, "/auth/login", new { email = Address, password = "Pass1234", device_fingerprint = _fingerprint });
        Expect(status == HttpStatusCode.OK, $"login: {status} {answer}");
        var (me, body) = await AskAsync(HttpMethod.Get, "/auth/me", body: null);
        Expect(me == HttpStatusCode.OK && body.GetProperty("id").GetGuid() == Id, $"me: {me} {body}");
    }

    /// <summary>Says something and reads the reply to its end; whoever sees <c>done</c> looks it up.</summary>
    public async Task SayAsync(Guid session, string text)
    {
        var key = Guid.NewGuid().ToString("n");
        Guid? turn = null;
        var reply = new ReceivedReply();
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            using var request = turn is { } known
                ? new HttpRequestMessage(HttpMethod.Get, new Uri(system.Api(_api), $"/sessions/{session}/turns/{known}/events"))
                : new HttpRequestMessage(HttpMethod.Post, new Uri(system.Api(_api), $"/sessions/{session}/messages"))
                {
                    Content = JsonContent.Create(new { content = text, step = "receive" }),
                };
            request.Headers.Add(turn is null ? "Idempotency-Key" : "Last-Event-ID", turn is null ? key : reply.LastId ?? "0-0");
            try
            {
                using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                if (response.IsSuccessStatusCode)
                {
                    if (turn is null)
                    {
                        turn = Guid.Parse(response.Headers.GetValues("X-Turn-ID").Single());
                        facts.Turns[turn.Value] = "";
                        facts.Messages.AddOrUpdate(session, 1, (_, count) => count + 1);
                    }

                    if (await reply.ReadAsync(response))
                    {
                        facts.Turns[turn.Value] = reply.End!;
                        await LookUpAsync(session, reply);
                        return;
                    }
                }
                else
                {
                    NoteRefusal(response.StatusCode, "message", HttpStatusCode.Conflict);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException or TimeoutException)
            {
                // Nobody there, or gone in the middle.
            }

            _api++;
            await Task.Delay(Pause, TimeProvider.System);
        }

        facts.Broken.Enqueue($"a message got no end in {Tries} tries (turn {turn})");
    }

    private async Task LookUpAsync(Guid session, ReceivedReply reply)
    {
        if (reply.End != "done")
        {
            return;
        }

        var (status, answer) = await AskAsync(HttpMethod.Get, $"/sessions/{session}?include_messages=true&limit=100", body: null);
        Expect(status == HttpStatusCode.OK, $"look-up: {status} {answer}");
        var last = answer.GetProperty("messages").EnumerateArray().Last();
        if (last.GetProperty("role").GetString() != "assistant" || last.GetProperty("content").GetString() != reply.Text)
        {
            facts.Broken.Enqueue($"done was seen, but the stored reply is not the shown one (session {session})");
        }
    }

    /// <summary>Asks until there is an answer that is none of "come back later".</summary>
    private async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(HttpMethod method, string path, object? body)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            using var request = new HttpRequestMessage(method, new Uri(system.Api(_api), path));
            request.Headers.Add("X-Device-Fingerprint", _fingerprint);
            request.Content = body is null ? null : JsonContent.Create(body);
            try
            {
                using var response = await _http.SendAsync(request);
                if ((int)response.StatusCode < 500)
                {
                    return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
                }

                NoteRefusal(response.StatusCode, path);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                // Nobody there, or gone in the middle.
            }

            _api++;
            await Task.Delay(Pause, TimeProvider.System);
        }

        throw new TimeoutException($"{method} {path} got no answer in {Tries} tries.");
    }

    private void NoteRefusal(HttpStatusCode status, string what, HttpStatusCode? allowed = null)
    {
        if ((int)status >= 500 && status != HttpStatusCode.ServiceUnavailable)
        {
            facts.CountCrash();
        }
        else if (status != HttpStatusCode.ServiceUnavailable && status != allowed)
        {
            facts.Broken.Enqueue($"{what} was refused with {(int)status}");
        }
    }

    private static void Expect(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException(what);
        }
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>A reply over as many connections as it took.</summary>
internal sealed class ReceivedReply
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    public string? LastId { get; private set; }

    /// <summary>done or error; null before.</summary>
    public string? End { get; private set; }

    public string Text { get; private set; } = "";

    /// <summary>Reads one connection; false when it was torn before the end.</summary>
    public async Task<bool> ReadAsync(HttpResponseMessage response)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        string? id = null, name = null, data = null;
        while (await reader.ReadLineAsync().WaitAsync(Silence, TimeProvider.System) is { } line)
        {
            if (line.Length > 0)
            {
                id = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : id;
                name = line.StartsWith("event: ", StringComparison.Ordinal) ? line[7..] : name;
                data = line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : data;
                continue;
            }

            LastId = id ?? LastId;
            Text = name switch
            {
                "token" => Text + JsonDocument.Parse(data!).RootElement.GetProperty("content").GetString(),
                "reset" => "",
                _ => Text,
            };
            if (name is "done" or "error")
            {
                End = name;
                return true;
            }

            (id, name, data) = (null, null, null);
        }

        return false;
    }
}
