using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Solacore.Core.Data;

namespace Solacore.Core.Watch;

/// <summary>Writes the product's own events after what they tell of is committed: no failure to write one breaks anything else.</summary>
public sealed partial class AnalyticsWriter(TimeProvider time, ILogger<AnalyticsWriter> logger)
{
    /// <summary>Whoever caused the events waits for them.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <param name="context">Has no transaction under way; its connection may be open or not.</param>
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
                await InsertAsync((NpgsqlConnection)context.Database.GetDbConnection(), events, limit.Token);
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
            LogNotWritten(logger, events.Count, e.GetType().Name);
        }
    }

    private static async Task InsertAsync(NpgsqlConnection connection, IReadOnlyList<AnalyticsEvent> events, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into analytics_events (id, session_id, event_type, payload, created_at)
            select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[], $5::timestamptz[])
            """,
            connection);
        command.Parameters.AddWithValue(events.Select(said => said.Id).ToArray());
        command.Parameters.AddWithValue(events.Select(said => said.SessionId).ToArray());
        command.Parameters.AddWithValue(events.Select(said => said.EventType).ToArray());
        command.Parameters.AddWithValue(NpgsqlDbType.Array | NpgsqlDbType.Jsonb, events.Select(said => said.Payload).ToArray());
        command.Parameters.AddWithValue(events.Select(said => said.CreatedAt.UtcDateTime).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(3050, LogLevel.Error, "{Count} analytics events could not be written: {Error}")]
    private static partial void LogNotWritten(ILogger logger, int count, string error);
}
