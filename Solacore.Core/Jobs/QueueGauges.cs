using Npgsql;

namespace Solacore.Core.Jobs;

/// <summary>What the tables hold of one kind.</summary>
/// <param name="Oldest">How long ago the oldest unfinished job was enqueued; zero without one.</param>
/// <param name="Parked">Its dead letters.</param>
internal sealed record KindState(string Kind, TimeSpan Oldest, long Parked);

/// <summary>What the table holds of one lane.</summary>
internal sealed record LaneDepth(string Lane, long Ready, long Scheduled, long Leased, TimeSpan OldestReady);

/// <summary>Reads for the metrics what the tables hold.</summary>
internal sealed class QueueGauges(NpgsqlDataSource dataSource)
{
    /// <param name="known">Kinds that are in the answer also when the tables hold nothing of them.</param>
    public async Task<IReadOnlyList<KindState>> KindsAsync(string[] known, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            select kind, coalesce(max(oldest), interval '0'), coalesce(sum(parked), 0)::bigint
            from (
                select kind, now() - min(created_at) as oldest, 0 as parked from jobs group by kind
                union all select kind, null, count(*) from dead_jobs group by kind
                union all select kind, null, 0 from unnest($1::text[]) kind) states
            group by kind
            """);
        command.Parameters.AddWithValue(known);
        var kinds = new List<KindState>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            kinds.Add(new KindState(reader.GetString(0), reader.GetTimeSpan(1), reader.GetInt64(2)));
        }

        return kinds;
    }

    /// <param name="known">Lanes that are in the answer also when they are empty.</param>
    /// <param name="kinds">Jobs of other kinds are not counted: they wait for a worker of a newer release, and that is not this one's delay.</param>
    public async Task<IReadOnlyList<LaneDepth>> DepthsAsync(string[] known, string[] kinds, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            select lane,
                   count(*) filter (where state = 0 and run_at <= now()),
                   count(*) filter (where state = 0 and run_at > now()),
                   count(*) filter (where state = 1),
                   coalesce(now() - min(run_at) filter (where state = 0 and run_at <= now()), interval '0')
            from (select lane, state, run_at from jobs where kind = any($2)) jobs full join unnest($1::text[]) known(lane) using (lane)
            group by lane
            """);
        command.Parameters.AddWithValue(known);
        command.Parameters.AddWithValue(kinds);
        var depths = new List<LaneDepth>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            depths.Add(new LaneDepth(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetTimeSpan(4)));
        }

        return depths;
    }
}
