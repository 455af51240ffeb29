using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Jobs;

/// <summary>Puts work into the queue as part of the caller's own transaction.</summary>
public static class JobQueue
{
    /// <summary>
    /// Adds a job to the unit of work: it exists if and when the caller's <c>SaveChanges</c> (and transaction) commits.
    /// The workers are woken after that commit.
    /// </summary>
    public static void Enqueue<TPayload>(
        this SolacoreDb db,
        JobKind<TPayload> kind,
        TPayload payload,
        JobPriority priority = JobPriority.Normal,
        string? serialKey = null,
        DateTimeOffset? runAt = null)
    {
        db.Jobs.Add(ToJob(kind, payload, priority, serialKey, uniqueKey: null, runAt));
        WakeHintInterceptor.Note(db, kind.Lane.Name);
    }

    /// <summary>
    /// Like <see cref="Enqueue{TPayload}"/>, but does nothing while a job with the same unique key waits or runs.
    /// Runs at once on the caller's transaction, which must be open.
    /// </summary>
    /// <returns>False when there is such a job already.</returns>
    public static async Task<bool> EnqueueUniqueAsync<TPayload>(
        this SolacoreDb db,
        JobKind<TPayload> kind,
        TPayload payload,
        string uniqueKey,
        CancellationToken cancellationToken,
        JobPriority priority = JobPriority.Normal,
        string? serialKey = null,
        DateTimeOffset? runAt = null)
    {
        if (db.Database.CurrentTransaction is null)
        {
            throw new InvalidOperationException("A unique job is enqueued inside the transaction that it belongs to.");
        }

        var job = ToJob(kind, payload, priority, serialKey, uniqueKey, runAt);
        var inserted = await db.Database.ExecuteSqlAsync(
            $"""
            insert into jobs (lane, kind, payload, priority, unique_key, serial_key, run_at, max_attempts, traceparent)
            values ({job.Lane}, {job.Kind}, {job.Payload}::jsonb, {job.Priority}, {job.UniqueKey}, {job.SerialKey},
                    coalesce({runAt}, now()), {job.MaxAttempts}, {job.Traceparent})
            on conflict (unique_key) where unique_key is not null do nothing
            """,
            cancellationToken);
        if (inserted == 1)
        {
            WakeHintInterceptor.Note(db, job.Lane);
        }

        return inserted == 1;
    }

    private static Job ToJob<TPayload>(
        JobKind<TPayload> kind, TPayload payload, JobPriority priority, string? serialKey, string? uniqueKey, DateTimeOffset? runAt) => new()
        {
            Lane = kind.Lane.Name,
            Kind = kind.Name,
            Payload = JsonSerializer.Serialize(payload, JobPayload.Json),
            Priority = (short)priority,
            SerialKey = serialKey,
            UniqueKey = uniqueKey,
            MaxAttempts = kind.Retry.MaxAttempts,
            RunAt = runAt ?? default,
            Traceparent = Activity.Current?.Id,
        };
}
