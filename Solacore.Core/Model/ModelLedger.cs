using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Solacore.Core.Data;

namespace Solacore.Core.Model;

/// <summary>
/// Keeps what models cost inside the budgets. A call is reserved at its worst case before it is made; while it is open it
/// counts with that, afterwards with its cost. Of parallel calls of one person no more are granted than fit.
/// </summary>
public sealed partial class ModelLedger(
    NpgsqlDataSource dataSource, ModelOptions options, ModelMetrics metrics, TimeProvider time, ILogger<ModelLedger> logger)
{
    // The calls of one person decide one after the other; each statement of a batch sees what was committed before it.
    private const string LockSql = "select pg_advisory_xact_lock(hashtextextended($1::text, 0))";

    private const string ReserveSql =
        """
        with person as (
            select coalesce(sum(coalesce(cost_micros, reserved_micros)) filter (where created_at >= $8), 0)::bigint as day,
                   coalesce(sum(coalesce(cost_micros, reserved_micros)) filter (where created_at >= $9), 0)::bigint as period
            from model_calls where user_id = $2 and created_at >= least($8, $9)),
        session as (
            select coalesce(sum(coalesce(cost_micros, reserved_micros)), 0)::bigint as spent from model_calls where session_id = $3),
        broken as (
            select case when spent + $7 > $10 then 'session' when day + $7 > $11 then 'day' when period + $7 > $12 then 'period' end as cap
            from person, session),
        made as (
            insert into model_calls (id, user_id, session_id, turn_id, purpose, provider, model, reserved_micros, created_at)
            select $1, $2, $3, $4, $5, $13, $6, $7, $14 from broken where cap is null)
        select cap from broken
        """;

    private const string SettleSql =
        """
        update model_calls set cost_micros = $2, input_tokens = $3, output_tokens = $4, outcome = $5, settled_at = $6
        where id = $1 and settled_at is null
        """;

    /// <summary>Sets the worst case aside.</summary>
    /// <param name="inputTokens">The most that the request may count.</param>
    /// <param name="outputTokens">The most that the answer may count.</param>
    /// <returns>Null when that would break a cap, or when nobody knows what the model costs.</returns>
    internal async Task<Reservation?> ReserveAsync(
        ModelAsker asker, ModelPurpose purpose, ModelRoute route, int inputTokens, int outputTokens, CancellationToken cancellationToken)
    {
        if (route.Price is not { } price)
        {
            return null;
        }

        var reservation = new Reservation(route, purpose, inputTokens);
        var caps = options.Budgets.Of(asker.Tier);
        var now = time.GetUtcNow();
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        var period = asker.PeriodStart?.ToUniversalTime() ?? today.AddDays(1 - today.Day);
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockSql) { Parameters = { new() { Value = asker.UserId } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ReserveSql)
        {
            Parameters =
            {
                new() { Value = reservation.Id },
                new() { Value = asker.UserId },
                new() { Value = asker.SessionId },
                new() { Value = asker.TurnId },
                new() { Value = purpose.Name() },
                new() { Value = route.Model },
                new() { Value = price.Cost(inputTokens, outputTokens) },
                new() { Value = today },
                new() { Value = period },
                new() { Value = caps.Session },
                new() { Value = caps.Day },
                new() { Value = caps.Period },
                new() { Value = route.Provider.Name },
                new() { Value = now },
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        if (await reader.IsDBNullAsync(0, cancellationToken))
        {
            return reservation;
        }

        var cap = reader.GetString(0);
        metrics.OverBudget(cap);
        var tier = asker.Tier.Name();
        LogOverBudget(logger, route.Model, cap, tier);
        return null;
    }

    /// <summary>Writes the cost inside the caller's transaction. A call that was settled already stays as it is.</summary>
    internal async Task SettleAsync(SolacoreDb db, Reservation call, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SettleSql, (NpgsqlConnection)db.Database.GetDbConnection());
        await SettleAsync(command, call, cancellationToken);
    }

    /// <summary>
    /// Writes the cost by itself, as far as the database can be reached; otherwise the call is settled at its worst case
    /// later, see <see cref="SettleLostCalls"/>.
    /// </summary>
    internal async Task SettleAsync(Reservation call)
    {
        if (call.IsSettled)
        {
            return;
        }

        try
        {
            await using var command = dataSource.CreateCommand(SettleSql);
            await SettleAsync(command, call, CancellationToken.None);
            call.IsSettled = true;
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            LogUnsettled(logger, ErrorClass.Of(e));
        }
    }

    private async Task SettleAsync(NpgsqlCommand command, Reservation call, CancellationToken cancellationToken)
    {
        command.Parameters.AddWithValue(call.Id);
        command.Parameters.AddWithValue(call.Cost);
        command.Parameters.AddWithValue(call.InputTokens);
        command.Parameters.AddWithValue(call.OutputTokens);
        command.Parameters.AddWithValue((call.Outcome ?? ModelOutcome.Cancelled).Name());
        command.Parameters.AddWithValue(NpgsqlDbType.TimestampTz, time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(4010, LogLevel.Warning, "Model {Model} is not asked: the {Cap} budget of tier {Tier} is used up")]
    private static partial void LogOverBudget(ILogger logger, string model, string cap, string tier);

    [LoggerMessage(4011, LogLevel.Warning, "The cost of a call cannot be written now and counts as its worst case: {Error}")]
    private static partial void LogUnsettled(ILogger logger, string error);
}
