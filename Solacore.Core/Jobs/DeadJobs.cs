using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Jobs;

/// <summary>What an operator does with dead letters.</summary>
public static class DeadJobs
{
    /// <summary>Newest first.</summary>
    public static async Task<IReadOnlyList<DeadJob>> ListAsync(
        SolacoreDb db, string? kind, int limit, CancellationToken cancellationToken) =>
        await db.DeadJobs.AsNoTracking()
            .Where(j => kind == null || j.Kind == kind)
            .OrderByDescending(j => j.DiedAt).ThenByDescending(j => j.Id)
            .Take(limit)
            .ToListAsync(cancellationToken);

    /// <summary>
    /// Makes dead letters ready again with all their attempts. A letter whose unique key waits already is dropped: its
    /// work is queued.
    /// </summary>
    /// <param name="db">The unit of work; replay runs in a transaction of its own.</param>
    /// <param name="ids">Which ones; null: all of <paramref name="kind"/>, or all.</param>
    /// <param name="kind">Only this kind; null: every kind.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>How many became ready.</returns>
    public static async Task<int> ReplayAsync(
        SolacoreDb db, IReadOnlyList<long>? ids, string? kind, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var lanes = await db.Database.SqlQuery<string>(
            $"""
            with risen as (
                delete from dead_jobs
                where ({ids == null} or id = any({ids ?? Array.Empty<long>()})) and ({kind == null} or kind = {kind ?? ""})
                returning *),
            queued as (
                insert into jobs (lane, kind, payload, priority, unique_key, serial_key, max_attempts, last_error, traceparent, created_at)
                select lane, kind, payload, priority, unique_key, serial_key, max_attempts, last_error, traceparent, created_at
                from risen order by id
                on conflict (unique_key) where unique_key is not null do nothing
                returning lane)
            select lane as "Value" from queued
            """).ToListAsync(cancellationToken);
        foreach (var lane in lanes.Distinct(StringComparer.Ordinal))
        {
            WakeHintInterceptor.Note(db, lane);
        }

        await transaction.CommitAsync(cancellationToken);
        return lanes.Count;
    }
}
