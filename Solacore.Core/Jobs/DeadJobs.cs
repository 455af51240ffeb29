using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Jobs;

/// <summary>What an operator does with dead letters.</summary>
public static class DeadJobs
{
    /// <summary>What a dead letter keeps of its job as it was; the error and the time come with its death.</summary>
    internal const string ColumnsOfJob =
        "id, lane, kind, payload, priority, unique_key, serial_key, attempts, max_attempts, traceparent, created_at";

    /// <summary>Newest first.</summary>
    public static async Task<IReadOnlyList<DeadJob>> ListAsync(
        SolacoreDb db, DeadJobSelection which, int limit, CancellationToken cancellationToken) =>
        await Selected(db, which)
            .OrderByDescending(j => j.DiedAt).ThenByDescending(j => j.Id)
            .Take(limit)
            .ToListAsync(cancellationToken);

    public static Task<int> CountAsync(SolacoreDb db, DeadJobSelection which, CancellationToken cancellationToken) =>
        Selected(db, which).CountAsync(cancellationToken);

    /// <summary>Gives one up for good. One at a time and by its id: it may be somebody's payment.</summary>
    /// <returns>What it was; null when there is none of this id.</returns>
    public static async Task<DeadJob?> DropAsync(SolacoreDb db, long id, CancellationToken cancellationToken) =>
        (await db.DeadJobs.FromSql($"delete from dead_jobs where id = {id} returning *").AsNoTracking().ToListAsync(cancellationToken)).SingleOrDefault();

    private static IQueryable<DeadJob> Selected(SolacoreDb db, DeadJobSelection which) => db.DeadJobs.AsNoTracking()
        .Where(j => which.Ids == null || which.Ids.Contains(j.Id))
        .Where(j => which.Kind == null || j.Kind == which.Kind)
        .Where(j => which.From == null || j.DiedAt >= which.From)
        .Where(j => which.To == null || j.DiedAt < which.To);

    /// <summary>
    /// Makes dead letters ready again with all their attempts. A letter whose unique key waits already is dropped: its
    /// work is queued.
    /// </summary>
    /// <param name="db">The unit of work; replay runs in a transaction of its own.</param>
    /// <param name="which">Which ones.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>How many became ready.</returns>
    public static async Task<int> ReplayAsync(
        SolacoreDb db, DeadJobSelection which, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var ids = await Selected(db, which).Select(j => j.Id).ToArrayAsync(cancellationToken);
        var lanes = await db.Database.SqlQuery<string>(
            $"""
            with risen as (
                delete from dead_jobs where id = any({ids})
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
