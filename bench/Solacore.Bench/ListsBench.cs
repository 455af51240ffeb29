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
    private const int OtherPeople = 20_000;
    private const int MessagesPerSession = 20;
    private const int WarmUp = 50;
    private const int Requests = 500;

    /// <summary>An everyday word, a rare one, one that nobody wrote, a phrase, single letters, other scripts.</summary>
    private static readonly string[] Searches = ["deadline", "zeppelin", "no such thing", "my boss", "e", "z", "焦虑", "急", "Mañana", "100%"];

    private static readonly string[] Words =
    [
        .. "the a my I we he she and but because when with about deadline report boss team money mother friend flat rent exam thesis doctor".Split(' '),
        .. "letter phone train morning evening sleep hungry lonely worried tired afraid begin finish answer help leave stay talk write call".Split(' '),
        .. "mañana trabajo dinero tiempo miedo casa 焦虑 担心 老板 论文 睡不着 房租 妈妈 项目 100% window garden coffee winter silver river".Split(' '),
    ];

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
        var (sessions, messages) = await FillAsync(postgres, me);
        Console.WriteLine($"{OwnSessions} sessions, {OwnSessions * MessagesPerSession} messages of one person; {sessions} sessions, {messages} messages in all");

        var own = await IdsAsync(postgres, me);
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

    /// <summary>Sessions over two years, everybody's mixed; triggers and foreign keys are off for the load, so their work is done here.</summary>
    private static async Task<(long Sessions, long Messages)> FillAsync(NpgsqlDataSource postgres, Guid me)
    {
        var random = new Random(1);
        var texts = Enumerable.Range(0, 2_000)
            .Select(n => string.Join(' ', random.GetItems(Words, 28)) + (n == 0 ? " zeppelin" : ""))
            .ToArray();
        await using var connection = await postgres.OpenConnectionAsync();
        await using (var store = new NpgsqlCommand("create temporary table texts as select * from unnest($1) with ordinality as t(text, n)", connection))
        {
            store.Parameters.AddWithValue(texts);
            await store.ExecuteNonQueryAsync();
        }

        await using var fill = new NpgsqlCommand(
            $"""
            set session_replication_role = replica;
            create unique index on texts (n);
            analyze texts;
            insert into users (id, email) select md5(n::text)::uuid, n || '@example.com' from generate_series(1, {OtherPeople}) n;
            insert into solve_sessions (id, user_id, status, current_step, tags, first_step_action, action_completed, created_at)
            select gen_random_uuid(),
                case when n <= {OwnSessions} then '{me}' else md5((n % {OtherPeople} + 1)::text)::uuid end,
                (array['active', 'completed', 'abandoned'])[n % 3 + 1],
                (array['receive', 'clarify', 'reframe', 'options', 'commit'])[n % 5 + 1],
                array['tag ' || n % 30, 'tag ' || n % 7],
                case when n % 4 = 0 then 'call' end, n % 8 = 0,
                now() - (n::bigint * 7919 % 31536000) * interval '1 second'
            from generate_series(1, {OwnSessions + OtherSessions}) n order by random();
            insert into messages (id, session_id, role, content, step, created_at)
            select gen_random_uuid(), s.id, case when g % 2 = 1 then 'user' else 'assistant' end, t.text, s.current_step, s.created_at
            from generate_series(1, {MessagesPerSession}) g cross join solve_sessions s
            join texts t on t.n = abs(hashtext(s.id::text || g) % {texts.Length}) + 1
            order by g;
            insert into own_words (session_id, user_id, text)
            select s.id, s.user_id, string_agg(lower(m.content), E'\n' order by m.sequence)
            from solve_sessions s join messages m on m.session_id = s.id and m.role = 'user' group by s.id, s.user_id order by random();
            update solve_sessions s set first_message = (select split_part(w.text, E'\n', 1) from own_words w where w.session_id = s.id);
            """,
            connection);
        await fill.ExecuteNonQueryAsync();
        await using var analyze = postgres.CreateCommand("vacuum analyze");
        await analyze.ExecuteNonQueryAsync();
        await using var count = postgres.CreateCommand("select (select count(*) from solve_sessions), (select count(*) from messages)");
        await using var counts = await count.ExecuteReaderAsync();
        await counts.ReadAsync();
        return (counts.GetInt64(0), counts.GetInt64(1));
    }

    private static async Task<List<Guid>> IdsAsync(NpgsqlDataSource postgres, Guid me)
    {
        await using var read = postgres.CreateCommand("select id from solve_sessions where user_id = $1 order by id");
        read.Parameters.AddWithValue(me);
        await using var rows = await read.ExecuteReaderAsync();
        var ids = new List<Guid>();
        while (await rows.ReadAsync())
        {
            ids.Add(rows.GetGuid(0));
        }

        return ids;
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
