using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Solacore.Core.Data;

/// <summary>Work that waits or runs. Done work leaves the table, dead work moves to <see cref="DeadJob"/>: it stays small.</summary>
public sealed class Job
{
    public const short Ready = 0;
    public const short Leased = 1;

    public long Id { get; set; }

    /// <summary>The pool of slots it runs in, so that slow kinds cannot starve urgent ones.</summary>
    public required string Lane { get; set; }
    public required string Kind { get; set; }

    /// <summary>JSON object.</summary>
    public required string Payload { get; set; }

    /// <summary>0 first.</summary>
    public short Priority { get; set; }

    /// <summary>At most one waiting or running job per key; null: no such limit.</summary>
    public string? UniqueKey { get; set; }

    /// <summary>Jobs of one key run one after the other in the order of their ids; null: no such order.</summary>
    public string? SerialKey { get; set; }
    public short State { get; set; }
    public DateTimeOffset RunAt { get; set; }

    /// <summary>Raised by every claim; with <see cref="Lease"/> the fencing token of a run.</summary>
    public int Attempts { get; set; }
    public int MaxAttempts { get; set; }

    /// <summary>The worker that holds it.</summary>
    public Guid? Lease { get; set; }

    /// <summary>Type and message of the last failure, at most 2,000 characters.</summary>
    public string? LastError { get; set; }

    /// <summary>W3C trace context of whoever enqueued it.</summary>
    public string? Traceparent { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>A dead letter: work that failed for good and waits for an operator.</summary>
public sealed class DeadJob
{
    /// <summary>The id it had as a job.</summary>
    public long Id { get; set; }
    public required string Lane { get; set; }
    public required string Kind { get; set; }
    public required string Payload { get; set; }
    public short Priority { get; set; }
    public string? UniqueKey { get; set; }
    public string? SerialKey { get; set; }
    public int Attempts { get; set; }
    public int MaxAttempts { get; set; }
    public string? LastError { get; set; }
    public string? Traceparent { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset DiedAt { get; set; }
}

/// <summary>A live worker process: the one lease that all its jobs share.</summary>
public sealed class JobWorkerLease
{
    public Guid Id { get; set; }

    /// <summary>Host and process id, for whoever looks at the table at night.</summary>
    public string Name { get; set; } = "";

    /// <summary>Session-level advisory lock held on its own connection while it lives; null without such a connection.</summary>
    public long? LockKey { get; set; }
    public DateTimeOffset StartedAt { get; set; }
    public DateTimeOffset HeartbeatAt { get; set; }
}

/// <summary>The next due time of a job that comes back by the clock.</summary>
public sealed class RecurringJob
{
    public required string Name { get; set; }
    public DateTimeOffset NextRunAt { get; set; }
}

internal sealed class JobTables :
    IEntityTypeConfiguration<Job>,
    IEntityTypeConfiguration<DeadJob>,
    IEntityTypeConfiguration<JobWorkerLease>,
    IEntityTypeConfiguration<RecurringJob>
{
    public void Configure(EntityTypeBuilder<Job> builder)
    {
        // Rows are updated once or twice and deleted within seconds: room on the page keeps those updates off the
        // indexes (HOT), and an eager vacuum keeps the head of the ready index free of the dead.
        builder.ToTable("jobs");
        builder.HasStorageParameter("fillfactor", 70);
        builder.HasStorageParameter("autovacuum_vacuum_scale_factor", 0.02);
        builder.HasStorageParameter("autovacuum_vacuum_cost_delay", 0);
        builder.Property(j => j.Id).UseIdentityAlwaysColumn();
        builder.Property(j => j.Payload).HasColumnType("jsonb");
        builder.Property(j => j.Priority).HasDefaultValue((short)1).HasSentinel((short)1);
        builder.Property(j => j.State).HasDefaultValue(Job.Ready);
        builder.Property(j => j.RunAt).HasDefaultValueSql("now()");
        builder.Property(j => j.Attempts).HasDefaultValue(0);
        builder.Property(j => j.MaxAttempts).HasDefaultValue(10);
        builder.Property(j => j.CreatedAt).HasDefaultValueSql("now()");

        // Serves the claim: one lane and priority, due ones in order, stopping at the first that is not due.
        builder.HasIndex(j => new { j.Lane, j.Priority, j.RunAt, j.Id }).HasFilter("state = 0").HasDatabaseName("ix_jobs_ready");

        // Serves the reclaim of a dead worker's jobs.
        builder.HasIndex(j => j.Lease).HasFilter("state = 1").HasDatabaseName("ix_jobs_leased");
        builder.HasIndex(j => j.UniqueKey).IsUnique().HasFilter("unique_key is not null").HasDatabaseName("ix_jobs_unique_key");

        // Serves "is there an earlier one of this key?"; the second makes two runs of one key impossible, not just unlikely.
        builder.HasIndex(j => new { j.SerialKey, j.Id }).HasFilter("serial_key is not null").HasDatabaseName("ix_jobs_serial_key");
        builder.HasIndex(j => j.SerialKey).IsUnique().HasFilter("state = 1 and serial_key is not null").HasDatabaseName("ix_jobs_serial_running");
    }

    public void Configure(EntityTypeBuilder<DeadJob> builder)
    {
        builder.ToTable("dead_jobs");
        builder.Property(j => j.Id).ValueGeneratedNever();
        builder.Property(j => j.Payload).HasColumnType("jsonb");
        builder.HasIndex(j => j.DiedAt);
    }

    public void Configure(EntityTypeBuilder<JobWorkerLease> builder)
    {
        builder.ToTable("workers");
        builder.Property(w => w.Name).HasDefaultValue("");
        builder.Property(w => w.StartedAt).HasDefaultValueSql("now()");
        builder.Property(w => w.HeartbeatAt).HasDefaultValueSql("now()");
    }

    public void Configure(EntityTypeBuilder<RecurringJob> builder)
    {
        builder.ToTable("recurring_jobs");
        builder.HasKey(r => r.Name);
    }
}
