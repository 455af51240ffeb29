using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Solacore.Core.Billing;

namespace Solacore.Core.Data;

/// <summary>What one store said about one subscription of one person.</summary>
public sealed class Entitlement
{
    public Guid Id { get; set; }
    public Guid UserId { get; set; }

    public required BillingSource Source { get; set; }

    /// <summary>The store's name for the person; null when it uses ours.</summary>
    public string? CustomerId { get; set; }

    /// <summary>The store's name for the subscription; empty for what was said about the customer as a whole.</summary>
    public required string ExternalSubscriptionId { get; set; }

    /// <summary>Everything said so far; the plan is computed from these.</summary>
    public EntitlementState State { get; set; } = EntitlementState.Nothing;

    /// <summary>When the store itself was last asked about it; null: never.</summary>
    public DateTimeOffset? ComparedAt { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>Why somebody has the plan they have: one row per change, with its cause.</summary>
public sealed class EntitlementChange
{
    public long Id { get; set; }
    public Guid UserId { get; set; }
    public DateTimeOffset At { get; set; }

    /// <summary>The event's type, or <c>time</c> when a period or a grace ran out.</summary>
    public required string Cause { get; set; }

    /// <summary>The stored event; null when time was the cause.</summary>
    public Guid? WebhookEventId { get; set; }
    public required Tier TierBefore { get; set; }
    public required PlanStatus StatusBefore { get; set; }
    public required Tier TierAfter { get; set; }
    public required PlanStatus StatusAfter { get; set; }
    public DateTimeOffset? PeriodEndAfter { get; set; }
    public bool CancelAtPeriodEndAfter { get; set; }
}

/// <summary>The inbox: an event as it came, kept before it was answered with 200.</summary>
public sealed class WebhookEvent
{
    public Guid Id { get; set; }

    public required BillingSource Source { get; set; }

    /// <summary>The provider's id, unique per source; null for an event without one.</summary>
    public string? EventId { get; set; }
    public required string EventType { get; set; }

    /// <summary>The bytes as they were received; none once it is clear that the event changes nothing itself, or its person is gone.</summary>
    public required byte[] Body { get; set; }

    /// <summary>Lower-case hex SHA-256.</summary>
    public required string PayloadHash { get; set; }

    public WebhookEventState State { get; set; }
    public DateTimeOffset ReceivedAt { get; set; }

    /// <summary>The provider's clock.</summary>
    public DateTimeOffset? ProviderTime { get; set; }

    /// <summary>Events with the same key concern the same person.</summary>
    public string? CustomerKey { get; set; }
    public DateTimeOffset? AppliedAt { get; set; }
}

/// <summary>How far a stored event has come. Parked ones stay <see cref="Received"/>, with their job among the dead letters.</summary>
public enum WebhookEventState
{
    Received,
    Applied,

    /// <summary>Nobody knows the customer yet; applied as soon as another event names the user.</summary>
    Waiting,

    /// <summary>Says nothing about what anybody has paid for.</summary>
    Ignored,
}

internal sealed class EntitlementTables :
    IEntityTypeConfiguration<Entitlement>,
    IEntityTypeConfiguration<EntitlementChange>,
    IEntityTypeConfiguration<WebhookEvent>
{
    public void Configure(EntityTypeBuilder<Entitlement> builder)
    {
        builder.ToTable("entitlements");
        builder.Property(e => e.Source).HasMaxLength(20);
        builder.Property(e => e.CustomerId).HasMaxLength(255);
        builder.Property(e => e.ExternalSubscriptionId).HasMaxLength(255);
        builder.Property(e => e.State).HasColumnType("jsonb").HasConversion(
            state => state.ToJson(), json => EntitlementState.Parse(json));
        builder.Property(e => e.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(e => e.UpdatedAt).HasDefaultValueSql("now()");
        builder.HasOne<User>().WithMany().HasForeignKey(e => e.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(e => e.UserId);
        // A subscription belongs to one person; what names no subscription belongs to one person at one customer.
        builder.HasIndex(e => new { e.Source, e.ExternalSubscriptionId }).IsUnique()
            .HasFilter("external_subscription_id <> ''").HasDatabaseName("ix_entitlements_subscription");
        builder.HasIndex(e => new { e.UserId, e.Source, e.CustomerId }).IsUnique().AreNullsDistinct(false)
            .HasFilter("external_subscription_id = ''").HasDatabaseName("ix_entitlements_unnamed");
        // Serves "whose customer is this?" for events that name a customer.
        builder.HasIndex(e => new { e.Source, e.CustomerId }).HasFilter("customer_id is not null");
        // Serves "which has not been compared for longest?". What Stripe has ended stays ended: it leaves the index, so
        // that a pass costs as much as there are live subscriptions.
        builder.HasIndex(e => new { e.Source, e.ComparedAt }).HasFilter("not (state ->> 'Deleted')::boolean")
            .HasDatabaseName("ix_entitlements_compared");
    }

    public void Configure(EntityTypeBuilder<EntitlementChange> builder)
    {
        builder.ToTable("entitlement_changes");
        builder.Property(c => c.Id).UseIdentityAlwaysColumn();
        builder.Property(c => c.Cause).HasMaxLength(100);
        builder.Property(c => c.TierBefore).HasMaxLength(50);
        builder.Property(c => c.StatusBefore).HasMaxLength(50);
        builder.Property(c => c.TierAfter).HasMaxLength(50);
        builder.Property(c => c.StatusAfter).HasMaxLength(50);
        builder.HasOne<User>().WithMany().HasForeignKey(c => c.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(c => new { c.UserId, c.Id });
    }

    public void Configure(EntityTypeBuilder<WebhookEvent> builder)
    {
        builder.ToTable("webhook_events");
        builder.Property(e => e.Source).HasMaxLength(20);
        builder.Property(e => e.EventId).HasMaxLength(255);
        builder.Property(e => e.EventType).HasMaxLength(100);
        builder.Property(e => e.PayloadHash).HasMaxLength(64).IsFixedLength();
        builder.Property(e => e.State).HasMaxLength(20).HasDefaultValue(WebhookEventState.Received);
        builder.Property(e => e.ReceivedAt).HasDefaultValueSql("now()");
        builder.Property(e => e.CustomerKey).HasMaxLength(255);
        // Events without an id are null here and never collide.
        builder.HasIndex(e => new { e.Source, e.EventId }).IsUnique();
        // Serves the end of an account, which empties what the stores told about it.
        builder.HasIndex(e => e.CustomerKey).HasFilter("customer_key is not null");
        // Serves "which events waited for this customer?"; small, because waiting is rare.
        builder.HasIndex(e => new { e.Source, e.CustomerKey }).HasFilter("state = 'waiting'").HasDatabaseName("ix_webhook_events_waiting");
        // Serves the purge by age.
        builder.HasIndex(e => e.ReceivedAt);
    }
}
