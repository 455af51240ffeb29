using Npgsql;
using Solacore.Core.Jobs;

namespace Solacore.Core.Model;

/// <summary>Settles calls that nobody will settle any more.</summary>
internal sealed record SettleLostCalls
{
    public static readonly JobKind<SettleLostCalls> Kind =
        new("model.settle_lost", JobLane.Upkeep, RetryPolicy.Standard, TimeSpan.FromMinutes(1));

    /// <summary>Every five minutes.</summary>
    public const string Cron = "*/5 * * * *";
}

/// <summary>
/// A process that died in the middle of a call can no longer tell what it cost. The call is settled at its worst case,
/// the amount that was reserved for it all along: the budget overestimates by at most this call.
/// </summary>
internal sealed class SettleLostCallsHandler(NpgsqlDataSource dataSource) : IJobHandler<SettleLostCalls>
{
    // Later than any reply can end and be stored (LLM_TIMEOUT is 150 s at most).
    private const string SettleSql =
        """
        update model_calls set cost_micros = reserved_micros, outcome = 'lost', settled_at = now()
        where settled_at is null and created_at < now() - interval '10 minutes'
        """;

    public async Task HandleAsync(SettleLostCalls payload, JobContext job, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(SettleSql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
