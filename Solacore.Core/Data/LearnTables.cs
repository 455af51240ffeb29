using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Solacore.Core.Data;

/// <summary>One topic that a person learns with study techniques.</summary>
public sealed class LearnSession
{
    public Guid Id { get; set; }
    public Guid UserId { get; set; }
    public Guid? DeviceId { get; set; }
    public SessionStatus Status { get; set; }

    /// <summary>start, explore, practice or plan; only the client moves it.</summary>
    public string CurrentStep { get; set; } = "start";

    /// <summary>quick, deep or custom.</summary>
    public string LearningMode { get; set; } = "quick";

    /// <summary>The tool of the plan that the person is at; null while the plan is empty.</summary>
    public string? CurrentTool { get; set; }
    public List<string> ToolPlan { get; set; } = [];

    /// <summary>The language to answer in; null while no client has chosen one, then every other hint counts.</summary>
    public string? Locale { get; set; }

    /// <summary>From the first message at step start, cleaned.</summary>
    public string? Topic { get; set; }
    public List<string>? KeyConcepts { get; set; }

    /// <summary>JSON object with the five dates to repeat the topic at; null until the plan is made.</summary>
    public string? ReviewSchedule { get; set; }
    public string? LearningSummary { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? CompletedAt { get; set; }
}

/// <summary>A text of a learn session; a person's own words are kept cleaned.</summary>
public sealed class LearnMessage
{
    public Guid Id { get; set; }
    public Guid SessionId { get; set; }

    /// <summary>The only ordering key: times of one transaction are equal, this is not.</summary>
    public long Sequence { get; set; }

    /// <summary>The person's or the coach's.</summary>
    public required MessageRole Role { get; set; }
    public required string Content { get; set; }
    public string? Step { get; set; }
    public string? Tool { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}

internal sealed class LearnTables : IEntityTypeConfiguration<LearnSession>, IEntityTypeConfiguration<LearnMessage>
{
    public void Configure(EntityTypeBuilder<LearnSession> builder)
    {
        builder.ToTable("learn_sessions");
        builder.Property(s => s.Status).HasMaxLength(50).HasDefaultValue(SessionStatus.Active);
        builder.Property(s => s.CurrentStep).HasMaxLength(50).HasDefaultValue("start");
        builder.Property(s => s.LearningMode).HasMaxLength(20).HasDefaultValue("quick");
        builder.Property(s => s.CurrentTool).HasMaxLength(50);
        builder.Property(s => s.ToolPlan).HasColumnType("varchar(50)[]").HasDefaultValueSql("'{}'");
        builder.Property(s => s.Locale).HasMaxLength(10);
        builder.Property(s => s.ReviewSchedule).HasColumnType("jsonb");
        builder.Property(s => s.CreatedAt).HasDefaultValueSql("now()");
        builder.HasOne<User>().WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Device>().WithMany().HasForeignKey(s => s.DeviceId).OnDelete(DeleteBehavior.SetNull);

        // Serves the list, newest first with the id as tie-break, without a sort.
        builder.HasIndex(s => new { s.UserId, s.CreatedAt, s.Id }).IsDescending(false, true, true);
        builder.HasIndex(s => s.DeviceId);
    }

    public void Configure(EntityTypeBuilder<LearnMessage> builder)
    {
        builder.ToTable("learn_messages");
        builder.Property(m => m.Sequence).UseIdentityAlwaysColumn();
        builder.Property(m => m.Role).HasMaxLength(20);
        builder.Property(m => m.Step).HasMaxLength(50);
        builder.Property(m => m.Tool).HasMaxLength(50);
        builder.Property(m => m.CreatedAt).HasDefaultValueSql("now()");
        builder.HasOne<LearnSession>().WithMany().HasForeignKey(m => m.SessionId).OnDelete(DeleteBehavior.Cascade);

        // Serves the latest n messages of a session and the first user message of a list entry.
        builder.HasIndex(m => new { m.SessionId, m.Sequence });
    }
}
