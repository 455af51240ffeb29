using System.Diagnostics;
using System.Text.Json;
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
        db.Jobs.Add(new Job
        {
            Lane = kind.Lane.Name,
            Kind = kind.Name,
            Payload = JsonSerializer.Serialize(payload, JobPayload.Json),
            Priority = (short)priority,
            SerialKey = serialKey,
            MaxAttempts = kind.Retry.MaxAttempts,
            RunAt = runAt ?? default,
            Traceparent = Activity.Current?.Id,
        });
        WakeHintInterceptor.Note(db, kind.Lane.Name);
    }
}
