using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Solacore.Core.Data;

namespace Solacore.Core.Telemetry;

/// <summary>
/// Writes the product's own events: with the transaction that they tell of, or after what was saved without one. No failure to
/// write one breaks anything else.
/// </summary>
public sealed partial class AnalyticsWriter(TimeProvider time, ILogger<AnalyticsWriter> logger)
{
    /// <summary>Whoever caused the events waits for them.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <param name="context">Whose transaction they belong to, if it has one; its connection may be open or not.</param>
    internal async Task WriteAsync(DbContext context, IReadOnlyList<AnalyticsEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        try
        {
            using var limit = new CancellationTokenSource(Longest, time);
            await context.Database.OpenConnectionAsync(limit.Token);
            try
            {
                await InsertAsync((NpgsqlConnection)context.Database.GetDbConnection(), events, context.Database.CurrentTransaction is not null, limit.Token);
            }
            finally
            {
                await context.Database.CloseConnectionAsync();
            }
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            // The session was deleted meanwhile, and with it what there was to tell of it.
        }
        catch (Exception e)
        {
            LogNotWritten(logger, events.Count, ErrorClass.Of(e));
        }
    }

    /// <param name="isInside">In a transaction, which goes on without them if it has to.</param>
    private static async Task InsertAsync(NpgsqlConnection connection, IReadOnlyList<AnalyticsEvent> events, bool isInside, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(
            """
            insert into analytics_events (id, session_id, event_type, payload, created_at)
            select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[], $5::timestamptz[])
            """);
        command.Parameters.AddWithValue(events.Select(said => said.Id).ToArray());
        command.Parameters.AddWithValue(events.Select(said => said.SessionId).ToArray());
        command.Parameters.AddWithValue(events.Select(said => said.EventType).ToArray());
        command.Parameters.AddWithValue(NpgsqlDbType.Array | NpgsqlDbType.Jsonb, events.Select(said => said.Payload).ToArray());
        command.Parameters.AddWithValue(events.Select(said => said.CreatedAt.UtcDateTime).ToArray());
        await using var batch = new NpgsqlBatch(connection);
        foreach (var one in isInside ? (NpgsqlBatchCommand[])[new("savepoint analytics"), command, new("release savepoint analytics")] : [command])
        {
            batch.BatchCommands.Add(one);
        }

        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch when (isInside)
        {
            await using var back = new NpgsqlCommand("rollback to savepoint analytics", connection);
            await back.ExecuteNonQueryAsync(CancellationToken.None);
            throw;
        }
    }

    [LoggerMessage(3050, LogLevel.Error, "{Count} analytics events could not be written: {Error}")]
    private static partial void LogNotWritten(ILogger logger, int count, string error);
}
