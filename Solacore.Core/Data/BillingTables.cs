using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Solacore.Core.Billing;

namespace Solacore.Core.Data;

/// <summary>
/// The plan a person has: a projection of their entitlements, written in the transaction that changes one of them and
/// computed anew once <see cref="PlanValidUntil"/> has passed. One row per user.
/// </summary>
public sealed class Subscription
{
    public Guid Id { get; set; }
    public Guid UserId { get; set; }
    public Tier Tier { get; set; }
    public PlanStatus Status { get; set; }
    public string? StripeCustomerId { get; set; }
    public string? StripeSubscriptionId { get; set; }
    public DateTimeOffset? CurrentPeriodStart { get; set; }
    public DateTimeOffset? CurrentPeriodEnd { get; set; }
    public bool CancelAtPeriodEnd { get; set; }

    /// <summary>The next instant at which the plan changes by the passing of time alone; null: never.</summary>
    public DateTimeOffset? PlanValidUntil { get; set; }

    /// <summary>Anchors the lifetime period of the free tier.</summary>
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>Sessions started in one period; unique per user and period start.</summary>
public sealed class Usage
{
    public Guid Id { get; set; }
    public Guid UserId { get; set; }
    public DateTimeOffset PeriodStart { get; set; }
    public int SessionCount { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class BillingTables :
    IEntityTypeConfiguration<Subscription>,
    IEntityTypeConfiguration<Usage>
{
    public void Configure(EntityTypeBuilder<Subscription> builder)
    {
        builder.ToTable("subscriptions");
        builder.Property(s => s.Tier).HasMaxLength(50).HasDefaultValue(Tier.Free);
        builder.Property(s => s.Status).HasMaxLength(50).HasDefaultValue(PlanStatus.Active);
        builder.Property(s => s.StripeCustomerId).HasMaxLength(255);
        builder.Property(s => s.StripeSubscriptionId).HasMaxLength(255);
        builder.Property(s => s.CancelAtPeriodEnd).HasDefaultValue(false);
        builder.Property(s => s.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(s => s.UpdatedAt).HasDefaultValueSql("now()");
        builder.HasOne<User>().WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(s => s.UserId).IsUnique();
        builder.HasIndex(s => s.StripeCustomerId).IsUnique().HasFilter("stripe_customer_id is not null");
        builder.HasIndex(s => s.StripeSubscriptionId).IsUnique().HasFilter("stripe_subscription_id is not null");
    }

    public void Configure(EntityTypeBuilder<Usage> builder)
    {
        builder.ToTable("usage");
        builder.Property(u => u.SessionCount).HasDefaultValue(0);
        builder.Property(u => u.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(u => u.UpdatedAt).HasDefaultValueSql("now()");
        builder.HasOne<User>().WithMany().HasForeignKey(u => u.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(u => new { u.UserId, u.PeriodStart }).IsUnique();
    }
}
