using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Solacore.Core.Data;

/// <summary>A role that the assistant can take in a session, from the public catalogue.</summary>
public sealed class PromptTemplate
{
    public Guid Id { get; set; }
    public required string RoleName { get; set; }
    public string? RoleNameCn { get; set; }
    public required string Category { get; set; }
    public required string SystemPrompt { get; set; }

    /// <summary>What the assistant says first; null to let the person begin.</summary>
    public string? WelcomeMessage { get; set; }
    public string? IconEmoji { get; set; }

    /// <summary>Sessions that were started with it.</summary>
    public int UsageCount { get; set; }

    /// <summary>False hides it: for everybody outside it does not exist.</summary>
    public bool IsActive { get; set; } = true;
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class TemplateTables : IEntityTypeConfiguration<PromptTemplate>
{
    public void Configure(EntityTypeBuilder<PromptTemplate> builder)
    {
        builder.ToTable("prompt_templates");
        builder.Property(t => t.RoleName).HasMaxLength(100);
        builder.Property(t => t.RoleNameCn).HasMaxLength(100);
        builder.Property(t => t.Category).HasMaxLength(50);
        builder.Property(t => t.IconEmoji).HasMaxLength(10);
        builder.Property(t => t.UsageCount).HasDefaultValue(0);
        builder.Property(t => t.IsActive).HasDefaultValue(true).HasSentinel(true);
        builder.Property(t => t.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(t => t.UpdatedAt).HasDefaultValueSql("now()");

        // The catalogue is a page or two and is read whole. An index on the counter would only make every start of a
        // session with a template write to it.
        builder.HasIndex(t => t.RoleName).IsUnique();
    }
}
