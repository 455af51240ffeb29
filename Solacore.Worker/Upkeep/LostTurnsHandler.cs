using Npgsql;
using Solacore.Core.Jobs;
using Solacore.Core.Learn;
using Solacore.Core.Solve;

namespace Solacore.Worker.Upkeep;

/// <summary>Ends turns that nobody will end any more.</summary>
internal sealed record EndLostTurns
{
    public static readonly JobKind<EndLostTurns> Kind =
        new("upkeep.end_lost_turns", JobLane.Upkeep, RetryPolicy.Standard, TimeSpan.FromMinutes(1));
}

/// <summary>
/// The safety net for the promise that an accepted message always gets an end. A turn and its job begin and end in the same
/// transactions, so only a parked job or a manual edit of the database leaves one without the other; such a turn would
/// block its session for ever. Whoever still watches it learns the end from the database.
/// </summary>
internal sealed partial class LostTurnsHandler(
    NpgsqlDataSource dataSource, UpkeepOptions options, UpkeepMetrics metrics, ILogger<LostTurnsHandler> logger) : IJobHandler<EndLostTurns>
{
    // ix_turns_unfinished lists the candidates, who are few.
    private const string EndSql =
        """
        with lost as (
            update turns t
            set status = 'failed', error = 'lost', finished_at = now(), outcome = case
                when solve_session_id is null then $2::jsonb else $3::jsonb end
            where t.status in ('queued', 'running') and t.created_at < now() - $1
              and not exists (select 1 from jobs j where j.payload ->> 'turn_id' = t.id::text)
            returning t.solve_session_id)
        insert into analytics_events (id, session_id, event_type, payload)
        select gen_random_uuid(), solve_session_id, 'stream_failed', jsonb_build_object('error', 'lost') from lost
        """;

    public async Task HandleAsync(EndLostTurns payload, JobContext job, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(EndSql);
        command.Parameters.AddWithValue(options.LostTurns);
        command.Parameters.AddWithValue(LearnDone.FailedData);
        command.Parameters.AddWithValue(SolveDone.FailedData);
        var ended = await command.ExecuteNonQueryAsync(cancellationToken);
        if (ended > 0)
        {
            metrics.LostTurns(ended);
            LogEnded(logger, ended);
        }
    }

    [LoggerMessage(5211, LogLevel.Error, "Failed {Count} turns that had neither an end nor a job")]
    private static partial void LogEnded(ILogger logger, int count);
}
