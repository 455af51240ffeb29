using System.Diagnostics;
using System.Globalization;
using Solacore.Tests.Faults;
using StackExchange.Redis;

namespace Solacore.Bench;

/// <summary>
/// Hours of ordinary work: what grows although it should not? Two apis and two workers serve messages, payments, logins and
/// reminders in rounds; after each every promise is audited, the system rests, and what it holds is written down.
/// </summary>
internal static class SoakCommand
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    /// <summary>Tables that hold work in progress: empty after a rest, so their size is bloat.</summary>
    private static readonly string[] Passing = ["jobs", "workers"];

    /// <param name="options"><c>--hours N</c>, <c>--minutes M</c> (together), <c>--round S</c> (seconds of load between two looks).</param>
    /// <returns>1 when a promise was broken, 2 when the options are not understood.</returns>
    public static async Task<int> RunAsync(string[] options)
    {
        if (BenchOptions.Read(options, ("hours", 1), ("minutes", 0), ("round", 60)) is not { } settings)
        {
            return BenchOptions.NotUnderstood;
        }

        var length = TimeSpan.FromHours(settings["hours"]) + TimeSpan.FromMinutes(settings["minutes"]);
        var report = new BenchReport("soak", settings.ToDictionary(s => s.Key, s => (object)s.Value));
        await using var system = await FaultSystem.StartAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(system.RedisConnection);
        var (looks, broken, started, work) = (new List<SortedDictionary<string, double>>(), new List<string>(), Stopwatch.GetTimestamp(), 0);
        do
        {
            var round = await FaultRun.RunAsync(system, looks.Count, TimeSpan.FromSeconds(settings["round"]), faults: []);
            broken.AddRange(round.Broken);
            work += round.Facts.Webhooks.Count + round.Facts.Turns.Count + round.Facts.Reminders.Count + round.Facts.Persons.Count;
            await Task.Delay(Rest);
            looks.Add(await LookAsync(system, redis));
            Console.WriteLine(string.Join(", ", looks[^1].Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key} {f.Value:0.#}"))));
        }
        while (Stopwatch.GetElapsedTime(started) < length);

        // The first quarter is the way to the pace: pools fill, code is compiled, caches are read.
        var quarter = Math.Max(1, looks.Count / 4);
        var (early, late) = (looks.Skip(quarter).Take(quarter).ToList(), looks.TakeLast(quarter).ToList());
        report.Add("webhooks, replies, reminders and sign-ups", work, "");
        report.Add("broken promises", broken.Count, "", "goal: 0");
        foreach (var figure in looks[^1].Keys)
        {
            var (before, after) = (Median(early, figure), Median(late, figure));
            report.Add($"{figure}, second quarter", before, "");
            report.Add($"{figure}, last quarter", after, "");
            report.Add($"{figure}, last / second", before > 0 ? after / before : 1, "ratio");
        }

        broken.ForEach(Console.WriteLine);
        await report.WriteAsync();
        return broken.Count == 0 ? 0 : 1;
    }

    private static double Median(List<SortedDictionary<string, double>> looks, string figure) =>
        looks.Count == 0 ? 0 : looks.Select(look => look.GetValueOrDefault(figure)).Median();

    private static async Task<SortedDictionary<string, double>> LookAsync(FaultSystem system, ConnectionMultiplexer redis)
    {
        var look = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, id) in system.Processes)
        {
            using var process = Process.GetProcessById(id);
            look[$"{name}: memory MB"] = process.WorkingSet64 / 1024.0 / 1024;
            look[$"{name}: handles"] = process.HandleCount;
            look[$"{name}: threads"] = process.Threads.Count;
        }

        look["postgres: connections"] = await AskAsync(system, "select count(*) from pg_stat_activity where datname = current_database()");
        foreach (var table in Passing)
        {
            look[$"postgres: table {table} KB"] = await AskAsync(system, $"select pg_total_relation_size('{table}') / 1024");
        }

        look["postgres: jobs left"] = await AskAsync(system, "select count(*) from jobs where run_at <= now()");
        look["redis: keys"] = (long)await redis.GetDatabase().ExecuteAsync("DBSIZE");
        return look;
    }

    private static async Task<double> AskAsync(FaultSystem system, string sql)
    {
        await using var command = system.Database.CreateCommand(sql);
        return Convert.ToDouble(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
