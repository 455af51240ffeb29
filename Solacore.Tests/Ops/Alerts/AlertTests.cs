using System.Text.Json;
using System.Text.RegularExpressions;
using Solacore.LocalHost;
using Solacore.Tests.Telemetry;

namespace Solacore.Tests.Ops.Alerts;

/// <summary>
/// The rules by Prometheus' own tool, and that rules, dashboards, runbook and the list of metrics know the same names. That
/// the processes emit what the list says is the business of <see cref="ProductMetricsTests"/>.
/// </summary>
public sealed partial class AlertTests
{
    private static readonly string Alerts = Path.Combine(BuildOutput.RepositoryRoot, "ops", "alerts");
    private static readonly string Rules = File.ReadAllText(Path.Combine(Alerts, "solacore.rules.yml"));

    private static string[] Names => [.. AlertName().Matches(Rules).Select(match => match.Groups["name"].Value)];

    [Fact]
    public async Task rules_and_the_configuration_that_loads_them_are_valid()
    {
        await PromtoolAsync("check", "rules", Path.Combine(Alerts, "solacore.rules.yml"));
        await PromtoolAsync("check", "config", Path.Combine(Alerts, "prometheus.yml"));
    }

    [Fact]
    public async Task each_alert_fires_when_it_should_and_stays_silent_otherwise()
    {
        var cases = await File.ReadAllTextAsync(Path.Combine(Alerts, "solacore.tests.yml"), TestContext.Current.CancellationToken);

        await PromtoolAsync("test", "rules", Path.Combine(Alerts, "solacore.tests.yml"));

        var expected = Case().Matches(cases).Select(match => (Alert: match.Groups["name"].Value, Fires: !match.Groups["none"].Success)).ToHashSet();
        Assert.All(Names, name =>
        {
            Assert.Contains((name, true), expected);
            Assert.Contains((name, false), expected);
        });
    }

    [Fact]
    public void each_alert_says_how_urgent_it_is_and_leads_to_its_entry_in_the_runbook()
    {
        var headings = File.ReadLines(Path.Combine(BuildOutput.RepositoryRoot, "ops", "runbook.md"))
            .Where(line => line.StartsWith("## ", StringComparison.Ordinal))
            .Select(line => line[3..])
            .ToList();

        Assert.Equal(Names.Length, Names.Distinct(StringComparer.Ordinal).Count());
        Assert.All(Names, name =>
        {
            var rule = Rules[Rules.IndexOf($"- alert: {name}\n", StringComparison.Ordinal)..].Split("\n      - alert:")[0];
            Assert.Matches("severity: p[012] ", rule);
            Assert.Matches("summary: \".+\"", rule);
            Assert.Contains($"runbook_url: ops/runbook.md#{name.ToLowerInvariant()}\n", rule + "\n", StringComparison.Ordinal);
            Assert.Contains(name, headings);
        });
    }

    [Fact]
    public void rules_and_dashboards_use_only_metrics_that_somebody_emits()
    {
        var described = MetricsDocument.Read();
        var used = Expression().Matches(Rules).Select(match => match.Groups["expr"].Value)
            .Concat(Dashboards().SelectMany(board => board.Expressions))
            .SelectMany(PromQl.Metrics)
            .ToHashSet(StringComparer.Ordinal);

        Assert.Contains("solacore_errors_total", used);
        Assert.Contains("solacore_turns_first_token_seconds", used);
        Assert.DoesNotContain(used, name => !described.Any(row => row.Describes(name)));
    }

    [Fact]
    public void dashboards_have_ids_of_their_own_and_leave_the_choice_of_the_data_source()
    {
        var boards = Dashboards();

        Assert.Equal(
            ["solacore-billing", "solacore-host", "solacore-overview", "solacore-queue", "solacore-replies"],
            boards.Select(board => board.Json.GetProperty("uid").GetString()!).Order(StringComparer.Ordinal));
        Assert.All(boards, board =>
        {
            Assert.Equal(board.File, board.Json.GetProperty("uid").GetString());
            Assert.InRange(board.Json.GetProperty("schemaVersion").GetInt32(), 36, 41);
            Assert.Equal(
                ("datasource", "datasource", "prometheus"),
                board.Json.GetProperty("templating").GetProperty("list").EnumerateArray()
                    .Select(v => (v.GetProperty("name").GetString(), v.GetProperty("type").GetString(), v.GetProperty("query").GetString()))
                    .Single());
            var panels = board.Json.GetProperty("panels").EnumerateArray().ToList();
            Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
            Assert.All(panels, AssertLoads);
        });
    }

    [Fact]
    public void work_that_waits_for_a_thread_is_shown_as_it_is()
    {
        // The runtime calls this length a counter, though it falls as well.
        const string length = "dotnet_thread_pool_queue_length_total";

        Assert.Equal([length], Dashboards().SelectMany(board => board.Expressions).Where(expression => expression.Contains(length, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task every_expression_of_a_dashboard_can_be_evaluated()
    {
        using var folder = new LocalHost.TemporaryFolder();
        var file = folder.PathOf("dashboards.yml");
        var rules = Dashboards().SelectMany(board => board.Expressions)
            .Select((expression, n) => $"      - {{ record: \"panel:{n}\", expr: {JsonSerializer.Serialize(expression)} }}");
        await File.WriteAllTextAsync(
            file, $"groups:\n  - name: dashboards\n    rules:\n{string.Join('\n', rules)}\n", TestContext.Current.CancellationToken);

        await PromtoolAsync("check", "rules", file);
    }

    private static void AssertLoads(JsonElement panel)
    {
        Assert.Contains(panel.GetProperty("type").GetString(), new[] { "timeseries", "stat" });
        Assert.NotEqual("", panel.GetProperty("title").GetString());
        var place = panel.GetProperty("gridPos");
        Assert.InRange(place.GetProperty("x").GetInt32() + place.GetProperty("w").GetInt32(), 1, 24);
        Assert.All(
            panel.GetProperty("targets").EnumerateArray(),
            target => Assert.Equal("${datasource}", target.GetProperty("datasource").GetProperty("uid").GetString()));
    }

    private static List<Dashboard> Dashboards() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(BuildOutput.RepositoryRoot, "ops", "dashboards"), "*.json")
            .Select(file => new Dashboard(Path.GetFileNameWithoutExtension(file), JsonDocument.Parse(File.ReadAllText(file)).RootElement)),
    ];

    /// <summary>Fails with what the tool says.</summary>
    private static Task PromtoolAsync(params string[] arguments) => ServiceProcess.RunToEndAsync(
        new ServiceOptions("promtool (of the package prometheus)", "promtool", arguments), TestContext.Current.CancellationToken);

    private sealed record Dashboard(string File, JsonElement Json)
    {
        public IEnumerable<string> Expressions => Json.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!);
    }

    [GeneratedRegex(@"- alert: (?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AlertName();

    // expr: … on the line, or | and the deeper lines below
    [GeneratedRegex(@"\n {8}expr: (\|\n)?(?<expr>(.+)(\n {10}.+)*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Expression();

    [GeneratedRegex(@"alertname: (?<name>\w+)\s+eval_time: \w+\s+exp_alerts:(?<none> \[\])?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Case();
}
