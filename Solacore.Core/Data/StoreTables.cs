using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Solacore.Core.Data;

/// <summary>How far a pass over one of a store's lists has come, so that the next run goes on where this one ended.</summary>
public sealed class StoreCursor
{
    /// <summary>The list.</summary>
    public required string Name { get; set; }

    /// <summary>The store's id of the last object that was handled; null at the start of a pass.</summary>
    public string? After { get; set; }

    /// <summary>What is older is not asked for; null: everything.</summary>
    public DateTimeOffset? Since { get; set; }
    public DateTimeOffset PassStartedAt { get; set; }

    /// <summary>Null while a pass is under way.</summary>
    public DateTimeOffset? PassFinishedAt { get; set; }
}

internal sealed class StoreTables : IEntityTypeConfiguration<StoreCursor>
{
    public void Configure(EntityTypeBuilder<StoreCursor> builder)
    {
        builder.ToTable("store_cursors");
        builder.HasKey(c => c.Name);
        builder.Property(c => c.Name).HasMaxLength(50);
        builder.Property(c => c.After).HasMaxLength(255);
    }
}
