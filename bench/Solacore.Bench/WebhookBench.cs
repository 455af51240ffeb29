using System.Globalization;
using System.Text;
using Npgsql;
using Solacore.LocalHost;
using Solacore.Tests.Scenarios;

namespace Solacore.Bench;

/// <summary>
/// How fast events are accepted and applied. Beside it in the same run: pgbench with the statement that one event needs,
/// and a bare endpoint. All of it once with an empty table and once with old events in it.
/// </summary>
internal static class WebhookBench
{
    private const int AtOnce = 64;

    public static async Task<int> RunAsync(string[] options)
    {
        if (BenchOptions.Read(options, ("seconds", 6), ("rounds", 3), ("events", 20_000), ("old", 5_000_000)) is not { } settings)
        {
            return BenchOptions.NotUnderstood;
        }

        var report = new BenchReport("webhooks", settings.ToDictionary(s => s.Key, s => (object)s.Value));
        await using var servers = await BenchServers.StartAsync();
        await using var database = NpgsqlDataSource.Create(servers.Database + ";Command Timeout=1800");
        var small = await MeasureAsync(servers, database, settings, report, "empty table");
        if (settings["old"] > 0)
        {
            await AddOldEventsAsync(database, settings["old"]);
            var large = await MeasureAsync(servers, database, settings, report, "with old events");
            report.Add("accepted, with old events / empty", large.Accepted / small.Accepted, "ratio", "goal: flat");
            report.Add("applied, with old events / empty", large.Applied / small.Applied, "ratio", "goal: flat");
        }

        await report.WriteAsync();
        return 0;
    }

    private static async Task<(double Accepted, double Applied)> MeasureAsync(
        BenchServers servers, NpgsqlDataSource database, SortedDictionary<string, int> settings, BenchReport report, string table)
    {
        var duration = TimeSpan.FromSeconds(settings["seconds"]);
        var (limits, bares, rates, p50s, p99s, ratios) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        await using (var system = await RunningSystem.StartAsync(servers.Database, servers.Redis.ConnectionString, apis: 1, workers: 0))
        await using (var bare = await BenchProcess.StartAsync("bare"))
        using (var sender = new WebhookSender())
        {
            var (door, bareDoor) = (new Uri(system.Apis[0].Address, "/webhooks/stripe"), new Uri(bare.Address, "/webhooks/stripe"));
            await LoadRun.SaturateAsync(AtOnce, duration / 2, () => sender.SendAsync(door));
            await LoadRun.SaturateAsync(AtOnce, duration / 2, () => sender.SendAsync(bareDoor));
            for (var round = 0; round < settings["rounds"]; round++)
            {
                await ClearJobsAsync(database);
                limits.Add(await PgbenchAsync(servers, duration));
                bares.Add((await LoadRun.SaturateAsync(AtOnce, duration, () => sender.SendAsync(bareDoor))).PerSecond);
                await ClearJobsAsync(database);
                var full = await LoadRun.SaturateAsync(AtOnce, duration, () => sender.SendAsync(door));
                rates.Add(full.PerSecond);
                ratios.Add(full.PerSecond / limits[^1]);
                await ClearJobsAsync(database);
                var half = await LoadRun.PaceAsync(full.PerSecond / 2, duration, () => sender.SendAsync(door));
                p50s.Add(half.Latencies.Milliseconds(50));
                p99s.Add(half.Latencies.Milliseconds(99));
                if (full.Failures + half.Failures > 0)
                {
                    throw new InvalidOperationException($"{full.Failures + half.Failures} deliveries were not answered with 200.");
                }
            }
        }

        await ClearJobsAsync(database);
        report.Add($"pgbench, same statement, {table}", limits.Median(), "/s");
        report.Add($"bare endpoint, {table}", bares.Median(), "/s");
        report.Add($"accepted, {table}", rates.Median(), "/s");
        report.Add($"accepted / pgbench, {table}", ratios.Median(), "ratio", "goal: 0.7");
        report.Add($"latency at half rate, p50, {table}", p50s.Median(), "ms");
        report.Add($"latency at half rate, p99, {table}", p99s.Median(), "ms", "goal: 25");

        var applied = new List<double>();
        for (var round = 0; round < settings["rounds"]; round++)
        {
            applied.Add(await ApplyAsync(servers, database, settings["events"]));
        }

        report.Add($"applied, one worker, {table}", applied.Median(), "/s", "goal: 1000");
        return (rates.Median(), applied.Median());
    }

    /// <summary>One event and its job per transaction: what the same clients would have to do without the api in between.</summary>
    private static async Task<double> PgbenchAsync(BenchServers servers, TimeSpan duration)
    {
        var script = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            script,
            $"""
            with received as (
                insert into webhook_events (id, source, event_id, event_type, body, payload_hash, provider_time, customer_key)
                select gen_random_uuid(), 'stripe', 'evt_' || key, 'invoice.paid', '\x{Convert.ToHexString(Encoding.UTF8.GetBytes(WebhookSender.Invoice("pgbench")))}'::bytea,
                       repeat('0', 64), now(), 'cus_' || key
                from (select gen_random_uuid()::text as key) new
                on conflict (source, event_id) do nothing
                returning id, customer_key)
            insert into jobs (lane, kind, payload, serial_key, max_attempts, traceparent)
            select 'webhooks', 'webhooks.apply', jsonb_build_object('event_id', id), 'stripe:' || customer_key, 10, null from received;
            """.Replace("\n", " ", StringComparison.Ordinal) + "\n");
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(servers.Database);
            var lines = await ServiceProcess.RunToEndAsync(
                new ServiceOptions(
                    "pgbench",
                    "pgbench",
                    [
                        "--no-vacuum", "--protocol=prepared", "--client=" + Number(AtOnce), "--jobs=2", "--time=" + Number((int)duration.TotalSeconds), "--file=" + script,
                        "--host=" + connection.Host, "--port=" + Number(connection.Port), "--username=" + connection.Username, connection.Database!,
                    ])
                {
                    Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["PGPASSWORD"] = connection.Password },
                });

            // tps = 4321.123456 (without initial connection time)
            var tps = lines.FirstOrDefault(l => l.StartsWith("tps = ", StringComparison.Ordinal))
                ?? throw new InvalidOperationException("pgbench told no rate: " + string.Join('\n', lines));
            return double.Parse(tps.Split(' ')[2], CultureInfo.InvariantCulture);
        }
        finally
        {
            File.Delete(script);
        }
    }

    /// <summary>Half of the events are checkouts, half the invoices that follow them, each customer with one of both.</summary>
    private static async Task<double> ApplyAsync(BenchServers servers, NpgsqlDataSource database, int events)
    {
        var run = Guid.CreateVersion7().ToString("n", CultureInfo.InvariantCulture)[^8..];
        await ExecuteAsync(database, LoadSql, run, events / 2);
        await ExecuteAsync(database, "analyze");

        await using var system = await RunningSystem.StartAsync(servers.Database, servers.Redis.ConnectionString, apis: 0);
        await using var left = database.CreateCommand("select exists (select from jobs)");
        while ((bool)(await left.ExecuteScalarAsync())!)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }

        // From the first to the last, so that the start of the worker does not count.
        await using var rate = database.CreateCommand(
            """
            select count(*) filter (where state = 'applied')::float8 / extract(epoch from max(applied_at) - min(applied_at))::float8, count(*) filter (where state <> 'applied')
            from webhook_events where event_id like $1
            """);
        rate.Parameters.AddWithValue($"evt_{run}_%");
        await using var reader = await rate.ExecuteReaderAsync();
        await reader.ReadAsync();
        return reader.GetInt64(1) == 0 ? reader.GetDouble(0) : throw new InvalidOperationException($"{reader.GetInt64(1)} events were not applied.");
    }

    private const string LoadSql =
        """
        with customers as materialized (select gen_random_uuid() as id, $1 || '_' || n as name, n from generate_series(1, $2) n),
        people as (insert into users (id, email) select id, name || '@example.com' from customers returning id),
        plans as (insert into subscriptions (id, user_id) select id, id from people returning id),
        events as (
            insert into webhook_events (id, source, event_id, event_type, body, payload_hash, provider_time, customer_key)
            select gen_random_uuid(), 'stripe', 'evt_' || name || '_' || kind, type, convert_to(body, 'UTF8'), repeat('0', 64), now(), 'cus_' || name
            from customers cross join lateral (values
                (1, 'checkout.session.completed', format(
                    '{"id":"evt_%1$s_1","type":"checkout.session.completed","created":1795600000,"data":{"object":{"object":"checkout.session","mode":"subscription","payment_status":"paid","customer":"cus_%1$s","subscription":"sub_%1$s","metadata":{"user_id":"%2$s","price_id":"price_standard"}}}}',
                    name, id)),
                (2, 'invoice.paid', format(
                    '{"id":"evt_%1$s_2","type":"invoice.paid","created":1795600001,"data":{"object":{"object":"invoice","customer":"cus_%1$s","subscription":"sub_%1$s","lines":{"data":[{"period":{"start":1795600000,"end":1798200000},"price":{"id":"price_standard"}}]}}}}',
                    name))) as told(kind, type, body)
            returning id, customer_key, event_type)
        insert into jobs (lane, kind, payload, serial_key, max_attempts)
        select 'webhooks', 'webhooks.apply', jsonb_build_object('event_id', id), 'stripe:' || customer_key, 10 from events order by event_type
        """;

    /// <summary>Applied events of the last months, as many as a busy year leaves before the purge.</summary>
    private static Task AddOldEventsAsync(NpgsqlDataSource database, int count) => ExecuteAsync(
        database,
        """
        insert into webhook_events (id, source, event_id, event_type, body, payload_hash, state, received_at, provider_time, customer_key, applied_at)
        select gen_random_uuid(), 'stripe', 'evt_old_' || n, 'invoice.paid', decode(repeat(md5(n::text), 6), 'hex'), repeat('0', 64), 'applied',
               now() - interval '80 days' * (n::float8 / $1), now(), 'cus_old_' || n / 12, now()
        from generate_series(1, $1) n
        """,
        count);

    private static Task ClearJobsAsync(NpgsqlDataSource database) => ExecuteAsync(database, "truncate jobs");

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql, params object[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter);
        }

        await command.ExecuteNonQueryAsync();
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
