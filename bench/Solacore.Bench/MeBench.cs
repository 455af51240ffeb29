using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Solacore.Tests.Scenarios;

namespace Solacore.Bench;

/// <summary>
/// <c>GET /auth/me</c> at a fixed rate, with limits counted in Redis as in production: what every authenticated request
/// costs before it does anything. A request counts from the moment at which it was due, so a stall is not hidden.
/// </summary>
internal static class MeBench
{
    private const int PerSecond = 500;
    private const int Users = 20;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(20);

    public static async Task RunAsync()
    {
        await using var servers = await BenchServers.StartAsync();
        await using var system = await RunningSystem.StartAsync(
            servers.Database,
            servers.Redis.ConnectionString,
            workers: 0,
            settings: new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["RATE_LIMIT_ENABLED"] = "true",
                ["RATE_LIMIT_API"] = "1000000/minute",
                ["RATE_LIMIT_AUTH"] = "1000000/minute",
                ["RATE_LIMIT_GLOBAL"] = "1000000/minute",
            });
        using var client = new HttpClient { BaseAddress = system.Apis[0].Address };
        var tokens = new List<string>();
        for (var i = 0; i < Users; i++)
        {
            using var registered = await client.PostAsJsonAsync("/auth/register", new { email = $"me-{i}@example.com", password = "Pass1234", device_fingerprint = $"me-{i}" });
            tokens.Add((await registered.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!);
        }

        await SendAsync(client, tokens, WarmUp);
        var quiet = await SendAsync(client, tokens, Length);
        using var stop = new CancellationTokenSource();
        var signingIn = SignInAsync(client, stop.Token);
        var busy = await SendAsync(client, tokens, Length);
        await stop.CancelAsync();
        var logins = await signingIn;

        Console.WriteLine($"GET /auth/me at {PerSecond} requests/s");
        Console.WriteLine("                           " + Percentiles.Header);
        Console.WriteLine("alone                      " + quiet);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"beside {logins / Length.TotalSeconds,5:F1} sign-ins/s      ") + busy);
    }

    private static async Task<Percentiles> SendAsync(HttpClient client, List<string> tokens, TimeSpan length)
    {
        var latencies = new ConcurrentBag<TimeSpan>();
        var failed = 0;
        var running = new List<Task>();
        var started = Stopwatch.GetTimestamp();
        var total = (int)(PerSecond * length.TotalSeconds);
        for (var i = 0; i < total; i++)
        {
            var due = started + (long)(i * (double)Stopwatch.Frequency / PerSecond);
            if (due - Stopwatch.GetTimestamp() is > 0 and var left)
            {
                await Task.Delay(TimeSpan.FromSeconds((double)left / Stopwatch.Frequency));
            }

            running.Add(CallAsync(tokens[i % tokens.Count], due));
        }

        await Task.WhenAll(running);
        return failed == 0 ? new Percentiles(latencies) : throw new InvalidOperationException($"{failed} requests failed.");

        async Task CallAsync(string token, long due)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/auth/me");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await client.SendAsync(request);
            latencies.Add(Stopwatch.GetElapsedTime(Math.Min(due, Stopwatch.GetTimestamp())));
            if (!response.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref failed);
            }
        }
    }

    /// <summary>Hashes passwords as fast as the api takes them.</summary>
    private static async Task<int> SignInAsync(HttpClient client, CancellationToken stop)
    {
        var count = 0;
        var body = new { email = "me-0@example.com", password = "Pass1234", device_fingerprint = "me-0" };
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var response = await client.PostAsJsonAsync("/auth/login", body, CancellationToken.None);
                Interlocked.Increment(ref count);
            }
        }));
        return count;
    }
}
