using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Solacore.Core.Data;

/// <summary>One reminder that one phone was sent, and what became of it.</summary>
public sealed class PushDelivery
{
    public Guid Id { get; set; }
    public Guid SessionId { get; set; }
    public Guid DeviceId { get; set; }

    /// <summary>The occasion: another time is another reminder.</summary>
    public DateTimeOffset ReminderTime { get; set; }

    /// <summary>The push service's name for it.</summary>
    public required string TicketId { get; set; }
    public DateTimeOffset SentAt { get; set; }

    /// <summary>
    /// <c>ok</c>, the push service's error code, or <see cref="NoReceipt"/>; null until it is known.
    /// </summary>
    public string? Receipt { get; set; }
    public DateTimeOffset? ReceiptAt { get; set; }

    public const string Delivered = "ok";

    /// <summary>The push service forgets receipts after a day.</summary>
    public const string NoReceipt = "no_receipt";
}

internal sealed class PushTables : IEntityTypeConfiguration<PushDelivery>
{
    public void Configure(EntityTypeBuilder<PushDelivery> builder)
    {
        builder.ToTable("push_deliveries");
        builder.Property(d => d.TicketId).HasMaxLength(100);
        builder.Property(d => d.Receipt).HasMaxLength(50);
        builder.HasOne<SolveSession>().WithMany().HasForeignKey(d => d.SessionId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Device>().WithMany().HasForeignKey(d => d.DeviceId).OnDelete(DeleteBehavior.Cascade);

        // One row per occasion and phone, however often that time is chosen.
        builder.HasIndex(d => new { d.SessionId, d.DeviceId, d.ReminderTime }).IsUnique();

        // Serves the deletion of a device.
        builder.HasIndex(d => d.DeviceId);

        // Serves the search for receipts to ask for: holds only those that are not known yet.
        builder.HasIndex(d => new { d.SentAt, d.Id }).HasDatabaseName("ix_push_deliveries_unknown").HasFilter("receipt is null");

        // Serves the purge.
        builder.HasIndex(d => d.SentAt);
    }
}
