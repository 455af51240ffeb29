using Npgsql;
using Solacore.Core.Jobs;

namespace Solacore.Worker.Upkeep;

/// <summary>Removes what has outlived its use.</summary>
internal sealed record Purge
{
    public static readonly JobKind<Purge> Kind = new("upkeep.purge", JobLane.Upkeep, RetryPolicy.Standard, TimeSpan.FromMinutes(10));
}

/// <summary>
/// In batches with a commit each: no long transaction holds vacuum back, and a run that is cut short has kept what it did.
/// </summary>
internal sealed class PurgeHandler(NpgsqlDataSource dataSource, UpkeepOptions options, UpkeepMetrics metrics) : IJobHandler<Purge>
{
    private const int Batch = 1_000;

    public async Task HandleAsync(Purge payload, JobContext job, CancellationToken cancellationToken)
    {
        await PurgeAsync("active_sessions", "expires_at < now() - $1", options.ActiveSessions, cancellationToken);
        await PurgeAsync("password_reset_tokens", "expires_at < now() - $1", options.ResetTokens, cancellationToken);

        // What an operator has to look at, among the dead letters, is money: it stays. Whose customer has not become known by then
        // waits for somebody who was deleted or never was here.
        await PurgeAsync("webhook_events", "received_at < now() - $1 and state <> 'received'", options.WebhookEvents, cancellationToken);
        await PurgeAsync("analytics_events", "created_at < now() - $1", options.Analytics, cancellationToken);
        await PurgeAsync("push_deliveries", "sent_at < now() - $1", options.PushDeliveries, cancellationToken);
    }

    private async Task PurgeAsync(string table, string isOutlived, TimeSpan age, CancellationToken cancellationToken)
    {
        int removed;
        do
        {
            await using var command = dataSource.CreateCommand(
                $"delete from {table} where id in (select id from {table} where {isOutlived} limit $2 for update skip locked)");
            command.Parameters.AddWithValue(age);
            command.Parameters.AddWithValue(Batch);
            removed = await command.ExecuteNonQueryAsync(cancellationToken);
            metrics.Purged(table, removed);
        }
        while (removed == Batch);
    }
}
