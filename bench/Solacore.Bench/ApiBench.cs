using System.Diagnostics;
using System.Net.Http.Headers;
using Npgsql;
using Solacore.Tests.Scenarios;

namespace Solacore.Bench;

/// <summary>
/// What a person with an ordinary number of sessions waits for, request after request, while the messages of others grow
/// tenfold from step to step: the curve should be flat.
/// </summary>
internal static class ApiBench
{
    private const int OwnSessions = 50;
    private const int WarmUp = 50;
    private const int Requests = 1_000;
    private const int Logins = 30;

    /// <summary>What the last step is compared with.</summary>
    private const int SmallPower = 4;
    private const string Credentials = """{"email":"bench@example.com","password":"Pass1234","device_fingerprint":"bench"}""";

    public static async Task<int> RunAsync(string[] options)
    {
        if (BenchOptions.Read(options, ("powers", 7)) is not { } settings)
        {
            return BenchOptions.NotUnderstood;
        }

        var report = new BenchReport("api", settings.ToDictionary(s => s.Key, s => (object)s.Value));
        await using var servers = await BenchServers.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["shared_buffers"] = "1GB" });
        await using var system = await RunningSystem.StartAsync(
            servers.Database, servers.Redis.ConnectionString, workers: 0, settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["BETA_MODE"] = "true" });
        using var person = await BenchPerson.RegisterAsync(system.Apis[0].Address);
        await using var postgres = NpgsqlDataSource.Create(servers.Database + ";Command Timeout=0");
        var sessions = new SessionFill(postgres, person.Id);
        var (own, messages) = (OwnSessions, 0L);
        var small = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var power = 3; power <= settings["powers"]; power++)
        {
            var wanted = (long)Math.Pow(10, power);
            await sessions.AddAsync(own, (int)((wanted - messages) / SessionFill.MessagesEach) - own);
            (own, messages) = (0, wanted);
            var ids = await sessions.OwnIdsAsync();
            (string Name, int Count, Func<int, HttpRequestMessage> Request)[] kinds =
            [
                ("me", Requests, _ => Get("/auth/me")),
                ("list", Requests, n => Get($"/sessions?limit=20&offset={n % 3 * 10}")),
                ("search", Requests, n => Get($"/sessions?q={(n % 2 == 0 ? "deadline" : "zeppelin")}")),
                ("detail", Requests, n => Get($"/sessions/{ids[n % ids.Count]}?include_messages=true")),
                ("create", Requests, _ => new(HttpMethod.Post, "/sessions")),
                ("login", Logins, _ => new(HttpMethod.Post, "/auth/login") { Content = Json(Credentials) }),
            ];
            foreach (var (name, count, request) in kinds)
            {
                var times = await MeasureAsync(person.Client, count, request);
                report.Add($"{name}, 10^{power} messages, p50", times.Milliseconds(50), "ms");
                report.Add($"{name}, 10^{power} messages, p99", times.Milliseconds(99), "ms");
                if (power == SmallPower)
                {
                    small[name] = times.Milliseconds(99);
                }
                else if (power == settings["powers"] && small.TryGetValue(name, out var before))
                {
                    report.Add($"{name}, p99 with 10^{power} messages / with 10^{SmallPower}", times.Milliseconds(99) / before, "ratio", "goal: 2");
                }
            }

            // Those that were created just now would make the list longer from step to step.
            await using var forget = postgres.CreateCommand("delete from solve_sessions where user_id = $1 and not exists (select from messages where session_id = solve_sessions.id)");
            forget.Parameters.AddWithValue(person.Id);
            await forget.ExecuteNonQueryAsync();
        }

        await report.WriteAsync();
        return 0;
    }

    private static async Task<Percentiles> MeasureAsync(HttpClient client, int count, Func<int, HttpRequestMessage> make)
    {
        var times = new List<TimeSpan>();
        var warmUp = Math.Min(WarmUp, count);
        for (var n = 0; n < warmUp + count; n++)
        {
            using var request = make(n);
            var started = Stopwatch.GetTimestamp();
            using var response = await client.SendAsync(request);
            await response.Content.ReadAsByteArrayAsync();
            response.EnsureSuccessStatusCode();
            if (n >= warmUp)
            {
                times.Add(Stopwatch.GetElapsedTime(started));
            }
        }

        return new Percentiles(times);
    }

    private static HttpRequestMessage Get(string path) => new(HttpMethod.Get, path);

    private static StringContent Json(string json) => new(json, new MediaTypeHeaderValue("application/json"));
}
