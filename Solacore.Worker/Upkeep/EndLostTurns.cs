using Npgsql;
using Solacore.Core.Jobs;
using Solacore.Core.Learn;
using Solacore.Core.Safety;
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
/// block its session for ever. One that somebody wants to stop is cancelled at once, any other fails after a while. Whoever
/// still watches it learns the end from the database.
/// </summary>
internal sealed partial class EndLostTurnsHandler(
    NpgsqlDataSource dataSource, UpkeepOptions options, UpkeepMetrics metrics, ILogger<EndLostTurnsHandler> logger) : IJobHandler<EndLostTurns>
{
    // ix_turns_unfinished lists the candidates, who are few.
    private const string EndSql =
        """
        with ended as (
            update turns t
            set status = case when cancel_requested_at is null then 'failed' else 'cancelled' end,
                error = case when cancel_requested_at is null then 'lost' end,
                finished_at = now(),
                outcome = case
                    when cancel_requested_at is null and solve_session_id is null then $2::jsonb
                    when cancel_requested_at is null then $3::jsonb
                    when solve_session_id is null then $4::jsonb
                    else $5::jsonb || jsonb_build_object('next_step', (select current_step from solve_sessions s where s.id = t.solve_session_id)) end
            where t.status in ('queued', 'running') and (t.created_at < now() - $1 or t.cancel_requested_at is not null)
              and not exists (select 1 from jobs j where j.payload ->> 'turn_id' = t.id::text)
            returning t.solve_session_id, t.error)
        insert into analytics_events (id, session_id, event_type, payload)
        select gen_random_uuid(), solve_session_id, 'stream_failed', jsonb_build_object('error', error) from ended where error is not null
        """;

    /// <summary>The step is that of the session.</summary>
    private static readonly string SolveCancelledData =
        new SolveDone(NextStep: "", PrimaryAgent: null, Emotion.Neutral.Label, Emotion.Neutral.Confidence, Cancelled: true).ToJson();

    public async Task HandleAsync(EndLostTurns payload, JobContext job, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(EndSql);
        command.Parameters.AddWithValue(options.LostTurns);
        command.Parameters.AddWithValue(LearnDone.FailedData);
        command.Parameters.AddWithValue(SolveDone.FailedData);
        command.Parameters.AddWithValue(LearnDone.CancelledData);
        command.Parameters.AddWithValue(SolveCancelledData);
        var failed = await command.ExecuteNonQueryAsync(cancellationToken);
        if (failed > 0)
        {
            metrics.LostTurns(failed);
            LogFailed(logger, failed);
        }
    }

    [LoggerMessage(5211, LogLevel.Error, "Failed {Count} turns that had neither an end nor a job")]
    private static partial void LogFailed(ILogger logger, int count);
}
