using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Solacore.Tests.Scenarios;

namespace Solacore.Bench;

/// <summary>
/// What a person with very many sessions waits for among the sessions of many others: list, search, detail and statistics,
/// one request after the other, and the scans that Postgres chose for them.
/// </summary>
internal static partial class ListsBench
{
    private const int OwnSessions = 5_000;
    private const int OtherSessions = 100_000;
    private const int WarmUp = 50;
    private const int Requests = 500;

    /// <summary>An everyday word, a rare one, one that nobody wrote, a phrase, single letters, other scripts.</summary>
    private static readonly string[] Searches = ["deadline", "zeppelin", "no such thing", "my boss", "e", "z", "焦虑", "急", "Mañana", "100%"];

    public static async Task RunAsync()
    {
        var log = new ConcurrentQueue<string>();
        await using var servers = await BenchServers.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["shared_buffers"] = "1GB", ["session_preload_libraries"] = "auto_explain" },
            log.Enqueue);
        await using var system = await RunningSystem.StartAsync(servers.Database, servers.Redis.ConnectionString, workers: 0);
        using var client = new HttpClient { BaseAddress = system.Apis[0].Address };
        var me = await RegisterAsync(client);
        await using var postgres = NpgsqlDataSource.Create(servers.Database + ";Command Timeout=0");
        var sessions = new SessionFill(postgres, me);
        await sessions.AddAsync(OwnSessions, OtherSessions);
        Console.WriteLine($"{OwnSessions} sessions of one person among {OtherSessions} of others, {SessionFill.MessagesEach} messages each");

        var own = await sessions.OwnIdsAsync();
        (string Name, Func<int, string> Path)[] kinds =
        [
            ("list", n => $"/sessions?limit=20&offset={(n % 3 == 0 ? 0 : n * 37 % OwnSessions)}"),
            ("search", n => $"/sessions?q={Uri.EscapeDataString(Searches[n % Searches.Length])}"),
            ("detail", n => $"/sessions/{own[n * 61 % own.Count]}?include_messages=true"),
            ("statistics", _ => "/stats/overview"),
        ];
        Console.WriteLine();
        Console.WriteLine("            " + Percentiles.Header);
        foreach (var (name, path) in kinds)
        {
            Console.WriteLine($"{name,-12}{await MeasureAsync(client, path)}");
        }

        foreach (var search in Searches)
        {
            var path = $"/sessions?q={Uri.EscapeDataString(search)}";
            Console.WriteLine($"{search,-12}{await MeasureAsync(client, _ => path, Requests / Searches.Length)}   {(await GetAsync(client, path)).GetProperty("total").GetInt32()} found");
        }

        Console.WriteLine();
        await ExplainEverythingAsync(postgres);
        foreach (var (name, path) in kinds)
        {
            log.Clear();
            await GetAsync(client, path(1));
            Console.WriteLine(name);
            foreach (var scan in await ScansAsync(postgres, log))
            {
                Console.WriteLine("    " + scan);
            }
        }
    }

    private static async Task<Guid> RegisterAsync(HttpClient client)
    {
        using var registered = await client.PostAsJsonAsync(
            "/auth/register", new { email = "bench@example.com", password = "Pass1234", device_fingerprint = "bench" });
        var answer = await registered.Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer.GetProperty("access_token").GetString());
        return answer.GetProperty("user_id").GetGuid();
    }

    private static async Task<Percentiles> MeasureAsync(HttpClient client, Func<int, string> path, int requests = Requests)
    {
        var times = new List<TimeSpan>();
        for (var n = 0; n < WarmUp + requests; n++)
        {
            var started = Stopwatch.GetTimestamp();
            await GetAsync(client, path(n));
            if (n >= WarmUp)
            {
                times.Add(Stopwatch.GetElapsedTime(started));
            }
        }

        return new Percentiles(times);
    }

    private static async Task<JsonElement> GetAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>From now on every session writes the plans of its statements to the log.</summary>
    private static async Task ExplainEverythingAsync(NpgsqlDataSource postgres)
    {
        foreach (var statement in new[] { "alter system set auto_explain.log_analyze = on", "alter system set auto_explain.log_min_duration = 0", "select pg_reload_conf()" })
        {
            await using var command = postgres.CreateCommand(statement);
            await command.ExecuteNonQueryAsync();
        }

        // The sessions of the api hear of it between two statements.
        await Task.Delay(TimeSpan.FromSeconds(1));
    }

    /// <summary>The scans in the log, each kind once, in their order.</summary>
    private static async Task<IReadOnlyList<string>> ScansAsync(NpgsqlDataSource postgres, ConcurrentQueue<string> log)
    {
        // The log comes late: what stands before this statement is complete when this statement is in it.
        const string end = "the end of the plans";
        await using var mark = postgres.CreateCommand($"select '{end}'");
        await mark.ExecuteNonQueryAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!log.Any(line => line.Contains(end, StringComparison.Ordinal)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        }

        return [.. log.Select(line => Scan().Match(line)).Where(match => match.Success).Select(match => match.Value).Distinct()];
    }

    [GeneratedRegex(@"(Seq|Index|Index Only|Bitmap Heap|Bitmap Index) Scan (Backward )?(using \S+ )?on \S+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Scan();
}
