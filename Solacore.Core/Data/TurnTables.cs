using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Solacore.Core.Data;

/// <summary>Where a turn is on its way from a message to its end.</summary>
public enum TurnStatus
{
    /// <summary>Accepted and waiting for a worker.</summary>
    Queued,

    /// <summary>A worker is producing the reply.</summary>
    Running,

    /// <summary>The reply is stored.</summary>
    Completed,

    /// <summary>Stopped by the person; nothing was stored but what they wrote.</summary>
    Cancelled,

    /// <summary>No reply could be produced; the message can be sent again.</summary>
    Failed,
}

/// <summary>One message of a person and the reply to it: the unit that always gets an end.</summary>
public sealed class Turn
{
    public Guid Id { get; set; }
    public Guid UserId { get; set; }

    /// <summary>The session that the turn belongs to, of whichever kind; made by the database from the two below.</summary>
    public Guid SessionId { get; private set; }

    /// <summary>Set for a message of solve; exactly one of the two is.</summary>
    public Guid? SolveSessionId { get; set; }

    /// <summary>Set for a message of learn.</summary>
    public Guid? LearnSessionId { get; set; }
    public TurnStatus Status { get; set; }

    /// <summary>The worker's attempt that last wrote to the stream; 0 while queued.</summary>
    public int Attempt { get; set; }

    /// <summary>The client's <c>Idempotency-Key</c>: a repeated POST attaches to this turn.</summary>
    public string? IdempotencyKey { get; set; }
    public Guid UserMessageId { get; set; }
    public Guid? AssistantMessageId { get; set; }

    /// <summary>The language of the reply: en, es or zh.</summary>
    public required string Locale { get; set; }

    /// <summary>Set by the person's wish to stop; the worker looks at it until the reply is stored.</summary>
    public DateTimeOffset? CancelRequestedAt { get; set; }

    /// <summary>The data of the final event, as JSON; null until the turn has ended.</summary>
    public string? Outcome { get; set; }

    /// <summary>Class of the failure, never a text of the person or the provider.</summary>
    public string? Error { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>The model that spoke, or <c>offline</c>.</summary>
    public string? Model { get; set; }
    public int InputTokens { get; set; }
    public int OutputTokens { get; set; }
}

internal sealed class TurnTables : IEntityTypeConfiguration<Turn>
{
    public void Configure(EntityTypeBuilder<Turn> builder)
    {
        builder.ToTable("turns", table => table.HasCheckConstraint(
            "ck_turns_one_session", "num_nonnulls(solve_session_id, learn_session_id) = 1"));

        // One column for the rules that hold for both kinds of session, and two for the keys that delete with them.
        builder.Property(t => t.SessionId).HasComputedColumnSql("coalesce(solve_session_id, learn_session_id)", stored: true);
        builder.Property(t => t.Status).HasMaxLength(20);
        builder.Property(t => t.IdempotencyKey).HasMaxLength(255);
        builder.Property(t => t.Locale).HasMaxLength(10);
        builder.Property(t => t.Outcome).HasColumnType("jsonb");
        builder.Property(t => t.Error).HasMaxLength(100);
        builder.Property(t => t.Model).HasMaxLength(100);
        builder.Property(t => t.CreatedAt).HasDefaultValueSql("now()");
        builder.HasOne<User>().WithMany().HasForeignKey(t => t.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<SolveSession>().WithMany().HasForeignKey(t => t.SolveSessionId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<LearnSession>().WithMany().HasForeignKey(t => t.LearnSessionId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(t => t.UserId);

        // One unfinished turn per session: the second message of two parallel ones finds this index, not a race.
        builder.HasIndex(t => t.SessionId).IsUnique().HasFilter("status in ('queued', 'running')").HasDatabaseName("ix_turns_unfinished");

        // One turn per key and session, for ever: the key of a repeated POST finds the first one's turn.
        builder.HasIndex(t => new { t.SessionId, t.IdempotencyKey }).IsUnique().HasFilter("idempotency_key is not null");
    }
}
