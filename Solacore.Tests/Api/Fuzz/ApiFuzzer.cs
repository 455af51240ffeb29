using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Solacore.Tests.Api.Fuzz;

/// <summary>What a run of the fuzzer saw.</summary>
/// <param name="Statuses">Answers by status; 0 stands for a connection that was closed on a request that is no HTTP.</param>
/// <param name="Failures">Requests that got a 5xx or no answer in time, with the number that repeats them.</param>
internal sealed record FuzzReport(IReadOnlyDictionary<int, int> Statuses, IReadOnlyList<string> Failures, IReadOnlyList<TimeSpan> Latencies);

/// <summary>
/// Sends to every operation of a running api what nobody should send: random bytes, random JSON, broken JSON, random
/// headers, huge values, requests that are no HTTP. Request number n of a seed is always the same one, apart from the
/// ids and tokens of the run.
/// </summary>
internal sealed class ApiFuzzer : IDisposable
{
    private const int HugeBody = 11 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // In no document, and still on the wire.
    private static readonly string[] Undocumented = ["GET /health", "GET /health/ready", "GET /health/live", "GET /", "GET /docs", "GET /redoc", "GET /openapi.json", "GET /docs/streaming.md", "GET /nowhere"];

    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "QUERY", "BREW"];

    private static readonly string[] MemberNames =
    [
        "email", "password", "device_fingerprint", "device_name", "id_token", "nonce", "refresh_token", "token", "new_password", "content", "step", "tool", "template_id",
        "locale", "status", "current_step", "first_step_action", "reminder_time", "tags", "mode", "selected_tools", "preferred_order", "price_id", "event", "id", "type",
    ];

    private static readonly string[] QueryNames =
    [
        "limit", "offset", "status", "format", "tags", "q", "from_date", "to_date", "start_date", "end_date", "include_messages", "mode", "lang", "token", "code", "after",
        "current_step", "category", "device_fingerprint",
    ];

    private static readonly string[] HeaderNames =
    [
        "X-Device-Fingerprint", "X-CSRF-Token", "Origin", "Idempotency-Key", "Last-Event-ID", "X-Request-ID", "X-Forwarded-For", "X-Forwarded-Proto", "Stripe-Signature",
        "Accept-Language", "Accept", "Cookie", "Range", "If-None-Match", "Host", "Expect", "Content-Encoding", "traceparent", "baggage", "X-HTTP-Method-Override",
        "Access-Control-Request-Method",
    ];

    private static readonly string?[] ContentTypes =
        ["application/json", "application/json", "application/json", "application/json; charset=utf-16", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", null];

    private readonly Uri _address;
    private readonly int _seed;
    private readonly HttpClient _client;
    private readonly List<string> _operations = [.. Undocumented];
    private readonly ConcurrentDictionary<int, int> _statuses = new();
    private readonly ConcurrentBag<string> _failures = [];
    private readonly ConcurrentBag<TimeSpan> _latencies = [];
    private volatile Person _person = new("", "", []);

    public ApiFuzzer(Uri address, int seed)
    {
        _address = address;
        _seed = seed;
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = address, Timeout = Patience };
    }

    public async Task<FuzzReport> RunAsync(int requests, int concurrency, Action<int>? progress = null)
    {
        using var document = JsonDocument.Parse(await _client.GetStringAsync("/openapi.json"));
        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            _operations.AddRange(path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"));
        }

        var sent = 0;
        await Parallel.ForAsync(0, requests, new ParallelOptions { MaxDegreeOfParallelism = concurrency }, async (number, _) =>
        {
            // Some requests end accounts, and then the next ones would all be 401.
            if (number % 100 == 0)
            {
                _person = await Person.RegisterAsync(_client);
            }

            await SendAsync(number);
            progress?.Invoke(Interlocked.Increment(ref sent));
        });
        return new FuzzReport(new SortedDictionary<int, int>(_statuses), [.. _failures], [.. _latencies]);
    }

    public void Dispose() => _client.Dispose();

    private async Task SendAsync(int number)
    {
        var random = new Random(unchecked((_seed * 1_000_003) + number));
        var operation = _operations[number % _operations.Count].Split(' ');
        var started = Stopwatch.GetTimestamp();
        var (status, what) = random.Next(40) == 0
            ? await SendBytesAsync(random)
            : await SendRequestAsync(random, operation[0], operation[1]);
        _latencies.Add(Stopwatch.GetElapsedTime(started));
        _statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
        if (status is >= 500 or < 0)
        {
            _failures.Add(string.Create(CultureInfo.InvariantCulture, $"{number}: {what} → {(status < 0 ? "no answer" : status)}"));
        }
    }

    private async Task<(int Status, string What)> SendRequestAsync(Random random, string method, string path)
    {
        method = random.Next(8) == 0 ? Methods[random.Next(Methods.Length)] : method;
        var target = Path(random, path) + Query(random);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_address.GetLeftPart(UriPartial.Authority) + target));
        AddHeaders(random, request);
        if (method is not ("GET" or "HEAD" or "TRACE") || random.Next(10) == 0)
        {
            request.Content = random.Next(5) == 0 ? null : Body(random);
        }

        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
            {
                await response.Content.CopyToAsync(Stream.Null);
            }

            return ((int)response.StatusCode, $"{method} {target}");
        }
        catch (HttpRequestException)
        {
            // The server may refuse to read on; whether it is alive show the next requests.
            return (0, $"{method} {target}");
        }
        catch (TaskCanceledException)
        {
            return (-1, $"{method} {target}");
        }
    }

    private string Path(Random random, string path) => string.Join('/', path.Split('/').Select(segment =>
        !segment.StartsWith('{') ? random.Next(60) == 0 ? segment.ToUpperInvariant() : segment
        : random.Next(2) == 0 && _person.Ids.Length > 0 ? _person.Ids[random.Next(_person.Ids.Length)]
        : random.Next(3) == 0 ? Guid.NewGuid().ToString()
        : Uri.EscapeDataString(Nasty.Text(random) is { Length: < 1000 } text ? text : "x")))
        + (random.Next(10) == 0 ? "/" : "");

    private static string Query(Random random) => random.Next(2) == 0 ? "" : "?" + string.Join('&', Enumerable.Range(0, random.Next(1, 6)).Select(_ =>
    {
        var value = Nasty.Text(random);
        return QueryNames[random.Next(QueryNames.Length)] + "=" + Uri.EscapeDataString(value.Length < 1000 ? value : value[..1000].TrimEnd('\uD83D', '\uDB40'));
    }));

    private void AddHeaders(Random random, HttpRequestMessage request)
    {
        if (random.Next(4) > 0)
        {
            request.Headers.TryAddWithoutValidation("Authorization", random.Next(6) == 0 ? Nasty.HeaderText(random) : "Bearer " + _person.Token);
        }

        if (random.Next(2) == 0)
        {
            request.Headers.TryAddWithoutValidation("X-Device-Fingerprint", _person.Fingerprint);
        }

        for (var i = random.Next(4); i > 0; i--)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames[random.Next(HeaderNames.Length)], Nasty.HeaderText(random));
        }

        // Asking whether to go on is answered before the body is sent; a random expectation would only make the client wait.
        request.Headers.ExpectContinue = false;
    }

    private static ByteArrayContent Body(Random random)
    {
        var json = Nasty.JsonObject(random, [.. MemberNames.Where(_ => random.Next(3) == 0)]);
        var bytes = random.Next(200) switch
        {
            < 110 => Encoding.UTF8.GetBytes(json),
            < 140 => Encoding.UTF8.GetBytes(Nasty.JsonValue(random)),
            < 165 => Nasty.Broken(random, json),
            < 185 => Nasty.Bytes(random, 2000),
            < 190 => Encoding.UTF8.GetBytes(new string('[', random.Next(1, 200_000))),
            < 199 => Encoding.UTF8.GetBytes($$"""{"content":"{{new string('x', random.Next(1_000_000))}}","email":"{{new string('a', random.Next(100_000))}}@example.com"}"""),
            _ => random.Next(5) == 0 ? new byte[HugeBody] : [],
        };
        var content = new ByteArrayContent(bytes);
        if (ContentTypes[random.Next(ContentTypes.Length)] is { } type)
        {
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        return content;
    }

    /// <summary>Bytes that are no HTTP request, or hardly one.</summary>
    private async Task<(int Status, string What)> SendBytesAsync(Random random)
    {
        byte[] bytes = random.Next(6) switch
        {
            0 => Nasty.Bytes(random, 4000),
            1 => Encoding.UTF8.GetBytes($"GET {Nasty.Text(random)} HTTP/1.1\r\nHost: x\r\n\r\n"),
            2 => Encoding.UTF8.GetBytes($"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: {Nasty.Text(random)}\r\n\r\n{{}}"),
            3 => Encoding.UTF8.GetBytes($"POST /sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nX-CSRF-Token: {Nasty.Text(random)}\r\n\r\n{Nasty.Text(random)}\r\n0\r\n\r\n"),
            4 => Encoding.UTF8.GetBytes($"GET / HTTP/1.1\r\nHost: x\r\n{string.Concat(Enumerable.Range(0, random.Next(200)).Select(i => $"X-{i}: {i}\r\n"))}\r\n"),
            _ => Encoding.UTF8.GetBytes("GET /" + new string('x', random.Next(20_000)) + " HTTP/1.1\r\nHost: x\r\n\r\n"),
        };
        using var patience = new CancellationTokenSource(Patience);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, _address.Port, patience.Token);
            await socket.SendAsync(bytes, patience.Token);
            socket.Shutdown(SocketShutdown.Send);
            var answer = new byte[64];
            var count = await socket.ReceiveAsync(answer, patience.Token);
            var line = Encoding.ASCII.GetString(answer, 0, count).Split(' ');
            return (line.Length > 1 && int.TryParse(line[1], CultureInfo.InvariantCulture, out var status) ? status : 0, "raw bytes");
        }
        catch (SocketException)
        {
            return (0, "raw bytes");
        }
        catch (OperationCanceledException)
        {
            return (-1, "raw bytes");
        }
    }

    /// <summary>Somebody who is signed in and has something of each kind.</summary>
    private sealed record Person(string Token, string Fingerprint, string[] Ids)
    {
        public static async Task<Person> RegisterAsync(HttpClient client)
        {
            var fingerprint = Guid.NewGuid().ToString();
            using var registered = await client.PostAsync("/auth/register", Json($$"""{"email":"{{fingerprint}}@example.com","password":"Pass1234","device_fingerprint":"{{fingerprint}}"}"""));
            var token = await ReadAsync(registered, "access_token");
            var ids = new List<string>();
            foreach (var path in new[] { "/sessions", "/learn" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, path);
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                request.Headers.Add("X-Device-Fingerprint", fingerprint);
                using var response = await client.SendAsync(request);
                ids.Add(await ReadAsync(response, "session_id"));
            }

            return new Person(token, fingerprint, [.. ids]);
        }

        private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

        private static async Task<string> ReadAsync(HttpResponseMessage response, string member)
        {
            response.EnsureSuccessStatusCode();
            using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            return body.RootElement.GetProperty(member).GetString()!;
        }
    }
}
