using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Solacore.Core.Data;

/// <summary>
/// One paid call of a model: reserved at its worst case before it is made, settled once with what it cost. The view
/// <c>model_usage</c> sums these rows by day, user and model.
/// </summary>
public sealed class ModelCall
{
    public Guid Id { get; set; }

    /// <summary>Null once the account is deleted: what was spent stays in the sums.</summary>
    public Guid? UserId { get; set; }
    public Guid SessionId { get; set; }
    public Guid TurnId { get; set; }

    /// <summary>reply or profile.</summary>
    public required string Purpose { get; set; }
    public required string Provider { get; set; }
    public required string Model { get; set; }

    /// <summary>Micro-dollars; counts against the budgets while the call is open.</summary>
    public long ReservedMicros { get; set; }

    /// <summary>Micro-dollars; null while the call is open.</summary>
    public long? CostMicros { get; set; }
    public int InputTokens { get; set; }
    public int OutputTokens { get; set; }

    /// <summary>answered, silent, failed, broken, cancelled or lost; null while the call is open.</summary>
    public string? Outcome { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? SettledAt { get; set; }
}

internal sealed class ModelTables : IEntityTypeConfiguration<ModelCall>
{
    public void Configure(EntityTypeBuilder<ModelCall> builder)
    {
        builder.ToTable("model_calls");
        builder.Property(c => c.Purpose).HasMaxLength(20);
        builder.Property(c => c.Provider).HasMaxLength(20);
        builder.Property(c => c.Model).HasMaxLength(100);
        builder.Property(c => c.Outcome).HasMaxLength(20);
        builder.Property(c => c.InputTokens).HasDefaultValue(0);
        builder.Property(c => c.OutputTokens).HasDefaultValue(0);
        builder.HasOne<User>().WithMany().HasForeignKey(c => c.UserId).OnDelete(DeleteBehavior.SetNull);

        // Serve the sums that a reservation asks for: one person's rows of a month, one session's rows.
        builder.HasIndex(c => new { c.UserId, c.CreatedAt }).IncludeProperties(c => new { c.CostMicros, c.ReservedMicros });
        builder.HasIndex(c => c.SessionId);

        // Serves the search for calls that nobody will settle: holds only open ones.
        builder.HasIndex(c => c.CreatedAt).HasFilter("settled_at is null").HasDatabaseName("ix_model_calls_open");

        // Serves the question whether a model answers at present: the newest ends first.
        builder.HasIndex(c => c.SettledAt).IsDescending().HasFilter("purpose = 'reply'").HasDatabaseName("ix_model_calls_latest");
    }
}
