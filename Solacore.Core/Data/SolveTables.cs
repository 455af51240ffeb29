using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Solacore.Core.Data;

/// <summary>One conversation that leads a person from a problem to a first step.</summary>
public sealed class SolveSession
{
    public Guid Id { get; set; }
    public Guid UserId { get; set; }
    public Guid? DeviceId { get; set; }
    public Guid? TemplateId { get; set; }
    public SessionStatus Status { get; set; }

    /// <summary>
    /// As stored: receive, clarify, reframe, options or commit. Clients are shown any other text as it is, and told that
    /// nothing can follow it.
    /// </summary>
    public string CurrentStep { get; set; } = "receive";

    /// <summary>The language to answer in; null until a client sets one, then it wins over every other hint.</summary>
    public string? Locale { get; set; }

    /// <summary>
    /// The person's first message as typed; beside the session, so that the list can show it. Written by the database, see
    /// <see cref="OwnWords"/>.
    /// </summary>
    public string? FirstMessage { get; private set; }
    public string? FirstStepAction { get; set; }
    public DateTimeOffset? ReminderTime { get; set; }
    public bool ReminderSent { get; set; }
    public DateTimeOffset? ReminderSentAt { get; set; }

    /// <summary>The reminder time for which jobs were queued; null since a client changed it, which arms the reminder anew.</summary>
    public DateTimeOffset? ReminderQueuedFor { get; set; }
    public bool ActionCompleted { get; set; }
    public DateTimeOffset? ActionCompletedAt { get; set; }
    public List<string> Tags { get; set; } = [];
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? CompletedAt { get; set; }
}

/// <summary>A text in a conversation; a person's own words are kept as typed.</summary>
public sealed class Message
{
    public Guid Id { get; set; }
    public Guid SessionId { get; set; }

    /// <summary>The only ordering key: times of one transaction are equal, this is not.</summary>
    public long Sequence { get; set; }

    public required MessageRole Role { get; set; }
    public required string Content { get; set; }
    public string? Step { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>
/// All that the person wrote in one session, in lower case, a line per message: what a search looks through. A trigger on
/// messages writes it in the message's own statement: no extra round trip, and correct whichever code inserts the message.
/// </summary>
public sealed class OwnWords
{
    public Guid SessionId { get; private set; }
    public Guid UserId { get; private set; }
    public required string Text { get; init; }
}

/// <summary>One visit of a step, with the number of the person's messages in it.</summary>
public sealed class StepHistory
{
    public Guid Id { get; set; }
    public Guid SessionId { get; set; }
    public required string Step { get; set; }
    public DateTimeOffset StartedAt { get; set; }
    public DateTimeOffset? CompletedAt { get; set; }
    public int MessageCount { get; set; }
}

/// <summary>What is known about the problem; the document's shape belongs to the engine.</summary>
public sealed class SolveProfile
{
    public Guid Id { get; set; }
    public Guid SessionId { get; set; }
    public string SchemaVersion { get; set; } = "v1";

    /// <summary>JSON document.</summary>
    public required string Profile { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>A fact for the product's own statistics; goes with its session.</summary>
public sealed class AnalyticsEvent
{
    public Guid Id { get; set; }
    public Guid? SessionId { get; set; }
    public required string EventType { get; set; }

    /// <summary>JSON object.</summary>
    public string? Payload { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}

internal sealed class SolveTables :
    IEntityTypeConfiguration<SolveSession>,
    IEntityTypeConfiguration<Message>,
    IEntityTypeConfiguration<OwnWords>,
    IEntityTypeConfiguration<StepHistory>,
    IEntityTypeConfiguration<SolveProfile>,
    IEntityTypeConfiguration<AnalyticsEvent>
{
    public void Configure(EntityTypeBuilder<SolveSession> builder)
    {
        builder.ToTable("solve_sessions");
        builder.Property(s => s.Status).HasMaxLength(50).HasDefaultValue(SessionStatus.Active);
        builder.Property(s => s.CurrentStep).HasMaxLength(50).HasDefaultValue("receive");
        builder.Property(s => s.Locale).HasMaxLength(10);
        builder.Property(s => s.ReminderSent).HasDefaultValue(false);
        builder.Property(s => s.ActionCompleted).HasDefaultValue(false);
        builder.Property(s => s.Tags).HasColumnType("varchar(50)[]").HasDefaultValueSql("'{}'");
        builder.Property(s => s.CreatedAt).HasDefaultValueSql("now()");
        builder.HasOne<User>().WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Device>().WithMany().HasForeignKey(s => s.DeviceId).OnDelete(DeleteBehavior.SetNull);
        builder.HasOne<PromptTemplate>().WithMany().HasForeignKey(s => s.TemplateId).OnDelete(DeleteBehavior.SetNull);

        // Serves the list, newest first with the id as tie-break, without a sort, and with any filter: those look at one
        // person's rows.
        builder.HasIndex(s => new { s.UserId, s.CreatedAt, s.Id }).IsDescending(false, true, true);

        // Serves the list of actions, open ones first, and its counts.
        builder.HasIndex(s => new { s.UserId, s.ActionCompleted, s.CreatedAt, s.Id }).IsDescending(false, false, true, true)
            .HasFilter("first_step_action is not null").HasDatabaseName("ix_solve_sessions_actions");
        builder.HasIndex(s => s.TemplateId);
        builder.HasIndex(s => s.DeviceId);
        builder.HasIndex(s => s.Tags).HasMethod("gin");

        // Serves the search for due reminders: holds only armed ones, and a reminder leaves it with the mail's job, also
        // when that ends among the dead letters.
        builder.HasIndex(s => s.ReminderTime).HasDatabaseName("ix_solve_sessions_armed_reminders").HasFilter(
            "reminder_time is not null and not reminder_sent and not action_completed and reminder_queued_for is distinct from reminder_time");
    }

    public void Configure(EntityTypeBuilder<Message> builder)
    {
        builder.ToTable("messages");
        builder.Property(m => m.Sequence).UseIdentityAlwaysColumn();
        builder.Property(m => m.Role).HasMaxLength(20);
        builder.Property(m => m.Step).HasMaxLength(50);
        builder.Property(m => m.CreatedAt).HasDefaultValueSql("now()");
        builder.HasOne<SolveSession>().WithMany().HasForeignKey(m => m.SessionId).OnDelete(DeleteBehavior.Cascade);

        // Serves the latest n messages of a session and the first user message of a list entry.
        builder.HasIndex(m => new { m.SessionId, m.Sequence });
    }

    public void Configure(EntityTypeBuilder<OwnWords> builder)
    {
        builder.ToTable("own_words");
        builder.HasKey(w => w.SessionId);
        builder.HasOne<SolveSession>().WithOne().HasForeignKey<OwnWords>(w => w.SessionId).OnDelete(DeleteBehavior.Cascade);

        // Serves the search, which reads one person's texts and no others: with 5,000 sessions and 50,000 own messages 9 MB,
        // 10 to 20 ms of one core whatever is looked for (bench/run lists). A trigram index on messages (pg_trgm, with btree_gin for the
        // person) was measured beside it: a word that nobody wrote took a tenth, an everyday word ten times and a single
        // letter thirty times as long, because it then reads the messages one by one; two letters and most Chinese words have
        // no trigram at all, each message costs a hundred entries, and hosts have to allow both extensions.
        builder.HasIndex(w => w.UserId);
    }

    public void Configure(EntityTypeBuilder<StepHistory> builder)
    {
        builder.ToTable("step_history");
        builder.Property(h => h.Step).HasMaxLength(50);
        builder.Property(h => h.StartedAt).HasDefaultValueSql("now()");
        builder.Property(h => h.MessageCount).HasDefaultValue(0);
        builder.HasOne<SolveSession>().WithMany().HasForeignKey(h => h.SessionId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(h => new { h.SessionId, h.StartedAt });

        // At most one open visit per session, whatever runs side by side.
        builder.HasIndex(h => h.SessionId).IsUnique().HasFilter("completed_at is null").HasDatabaseName("ix_step_history_open");
    }

    public void Configure(EntityTypeBuilder<SolveProfile> builder)
    {
        builder.ToTable("solve_profiles");
        builder.Property(p => p.SchemaVersion).HasMaxLength(20).HasDefaultValue("v1");
        builder.Property(p => p.Profile).HasColumnType("jsonb");
        builder.Property(p => p.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(p => p.UpdatedAt).HasDefaultValueSql("now()");
        builder.HasOne<SolveSession>().WithMany().HasForeignKey(p => p.SessionId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(p => p.SessionId).IsUnique();
    }

    public void Configure(EntityTypeBuilder<AnalyticsEvent> builder)
    {
        builder.ToTable("analytics_events");
        builder.Property(e => e.EventType).HasMaxLength(100);
        builder.Property(e => e.Payload).HasColumnType("jsonb");
        builder.Property(e => e.CreatedAt).HasDefaultValueSql("now()");
        builder.HasOne<SolveSession>().WithMany().HasForeignKey(e => e.SessionId).OnDelete(DeleteBehavior.Cascade);

        // Serves the deletion of a session, and the count of its reminders.
        builder.HasIndex(e => e.SessionId);

        // Serves the purge by age.
        builder.HasIndex(e => e.CreatedAt);
    }
}
