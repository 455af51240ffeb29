using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Api.Solve;
using Solacore.Core.Data;
using Solacore.Core.Solve;

namespace Solacore.Api.Stats;

/// <summary>A person's sessions in numbers (contract/http-api.md section 15).</summary>
internal static class StatsEndpoints
{
    public static void MapStats(this IEndpointRouteBuilder api)
    {
        var stats = api.MapGroup("/stats").WithTags("Statistics").Authenticated().Limited(LimitName.Api);
        stats.MapGet("/overview", OverviewAsync);
        stats.MapGet("/export", ExportAsync);
    }

    private static async Task<Ok<StatsAnswer>> OverviewAsync(
        Caller caller, SolacoreDb db, TimeProvider time, CancellationToken cancellationToken) =>
        TypedResults.Ok(StatsAnswer.Of(await SessionStatistics.ReadAsync(db, caller.UserId, time.GetUtcNow(), cancellationToken), exportTime: null));

    private static async Task<Download> ExportAsync(
        Query<StatsExportRequest> query, Caller caller, SolacoreDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var statistics = StatsAnswer.Of(await SessionStatistics.ReadAsync(db, caller.UserId, now, cancellationToken), now);
        var name = $"stats_report_{ExportEndpoints.FileTime(now)}";
        return query.Value.Format == TableFormat.Csv ? Download.Csv(name, Table(statistics, now)) : Download.Json(name, statistics);
    }

    private static Csv Table(StatsAnswer statistics, DateTimeOffset now)
    {
        var table = new Csv()
            .Row("Statistics Export Report")
            .Row("Export Time", now)
            .Row("Total Sessions", statistics.TotalSessions)
            .Row()
            .Row("Status Distribution")
            .Row("Status", "Count");
        foreach (var (status, count) in statistics.StatusDistribution)
        {
            table.Row(status, count);
        }

        table.Row().Row("Step Distribution").Row("Step", "Count");
        foreach (var (step, count) in statistics.StepDistribution)
        {
            table.Row(step, count);
        }

        var actions = statistics.ActionCompletion;
        table.Row()
            .Row("Action Completion")
            .Row("Metric", "Value")
            .Row("Total Actions", actions.Total)
            .Row("Completed Actions", actions.Completed)
            .Row("Completion Rate (%)", actions.CompletionRate)
            .Row()
            .Row("Top Tags")
            .Row("Tag", "Count");
        foreach (var (tag, count) in statistics.TopTags)
        {
            table.Row(tag, count);
        }

        table.Row().Row("Daily Trend (Last 30 Days)").Row("Date", "Count");
        foreach (var (date, count) in statistics.DailyTrend)
        {
            table.Row(date, count);
        }

        return table;
    }
}

internal sealed record StatsExportRequest(TableFormat Format = TableFormat.Json);

/// <param name="CompletionRate">0 to 100, one decimal.</param>
internal sealed record ActionCompletion(int Total, int Completed, double CompletionRate);

internal sealed record StatsAnswer(
    int TotalSessions,
    IReadOnlyDictionary<string, int> StatusDistribution,
    IReadOnlyList<TagCount> TopTags,
    IReadOnlyList<DayCount> DailyTrend,
    ActionCompletion ActionCompletion,
    IReadOnlyDictionary<string, int> StepDistribution)
{
    /// <summary>Only in the file.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public DateTimeOffset? ExportTime { get; init; }

    public static StatsAnswer Of(SessionStatistics statistics, DateTimeOffset? exportTime) => new(
        statistics.Total,
        statistics.Statuses,
        statistics.TopTags,
        statistics.Days,
        new ActionCompletion(
            statistics.Actions.Total,
            statistics.Actions.Completed,
            Math.Round(statistics.Actions.CompletionRate, 1, MidpointRounding.AwayFromZero)),
        statistics.Steps)
    {
        ExportTime = exportTime,
    };
}
