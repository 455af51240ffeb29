using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Solacore.Core.Data;

/// <summary>A person's account.</summary>
public sealed class User
{
    public Guid Id { get; set; }

    /// <summary>As the person typed it; the domain part in one spelling.</summary>
    public required string Email { get; set; }

    /// <summary>Lower-cased by the database in its own locale: serves look-ups, which compare letters themselves, and uniqueness.</summary>
    public string EmailNormalized { get; private set; } = "";

    /// <summary>Null for accounts that only sign in through Google or Apple.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>What clients show: <c>email</c>, or the provider that was linked first. Who may sign in is in <see cref="Identity"/>.</summary>
    public string AuthProvider { get; set; } = "email";

    /// <summary>The subject at that provider; null for e-mail accounts.</summary>
    public string? AuthProviderId { get; set; }

    /// <summary>
    /// When somebody first proved that they receive mail at the address, by a reset link or through a provider that
    /// vouches for it; null: whoever registered may have typed somebody else's.
    /// </summary>
    public DateTimeOffset? EmailVerifiedAt { get; set; }

    /// <summary>Since when the person wants no reminder mails; null: they do. Notifications and other mails are not affected.</summary>
    public DateTimeOffset? ReminderMailsStoppedAt { get; set; }
    public string Locale { get; set; } = "en";
    public bool IsActive { get; set; } = true;
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>A person at Google or Apple who opens an account, one of several.</summary>
public sealed class Identity
{
    public Guid UserId { get; set; }

    /// <summary><c>google</c> or <c>apple</c>.</summary>
    public required string Provider { get; set; }

    /// <summary>The provider's own name for the person; the same for ever, unlike the address.</summary>
    public required string Subject { get; set; }

    /// <summary>When it was linked; for one from before there was this table, when its account was made.</summary>
    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>A phone or browser, known by the opaque fingerprint that it sends.</summary>
public sealed class Device
{
    public Guid Id { get; set; }
    public Guid UserId { get; set; }
    public required string DeviceFingerprint { get; set; }
    public string? DeviceName { get; set; }
    public string? Platform { get; set; }
    public DateTimeOffset? LastActiveAt { get; set; }
    public bool IsActive { get; set; } = true;
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it was last removed; one removal per user and UTC day.</summary>
    public DateTimeOffset? LastRemovalAt { get; set; }

    /// <summary>Where notifications for it go; null when the app has not asked for any.</summary>
    public string? PushToken { get; set; }
    public DateTimeOffset? PushTokenAt { get; set; }
}

/// <summary>One login: the <c>sid</c> of its tokens.</summary>
public sealed class ActiveSession
{
    public Guid Id { get; set; }
    public Guid UserId { get; set; }
    public Guid DeviceId { get; set; }

    /// <summary>Lower-case hex SHA-256 of the current refresh token.</summary>
    public required string TokenHash { get; set; }

    /// <summary>The token before it, accepted one step behind for a short grace; see <see cref="RotatedAt"/>.</summary>
    public string? PreviousTokenHash { get; set; }
    public DateTimeOffset? RotatedAt { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>A single-use link to a new password.</summary>
public sealed class PasswordResetToken
{
    public Guid Id { get; set; }
    public Guid UserId { get; set; }

    /// <summary>Lower-case hex SHA-256 of the token in the mail.</summary>
    public required string TokenHash { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }
    public DateTimeOffset? UsedAt { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}

internal sealed class AccountTables :
    IEntityTypeConfiguration<User>,
    IEntityTypeConfiguration<Identity>,
    IEntityTypeConfiguration<Device>,
    IEntityTypeConfiguration<ActiveSession>,
    IEntityTypeConfiguration<PasswordResetToken>
{
    public void Configure(EntityTypeBuilder<User> builder)
    {
        builder.ToTable("users");
        builder.Property(u => u.Email).HasMaxLength(255);
        builder.Property(u => u.EmailNormalized).HasMaxLength(255).HasComputedColumnSql("lower(email)", stored: true);
        builder.HasIndex(u => u.EmailNormalized).IsUnique();
        builder.Property(u => u.PasswordHash).HasMaxLength(255);
        builder.Property(u => u.AuthProvider).HasMaxLength(50).HasDefaultValue("email");
        builder.Property(u => u.AuthProviderId).HasMaxLength(255);
        builder.HasIndex(u => new { u.AuthProvider, u.AuthProviderId }).IsUnique().HasFilter("auth_provider_id is not null");
        builder.Property(u => u.Locale).HasMaxLength(10).HasDefaultValue("en");
        builder.Property(u => u.IsActive).HasDefaultValue(true).HasSentinel(true);
        builder.Property(u => u.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(u => u.UpdatedAt).HasDefaultValueSql("now()");
    }

    public void Configure(EntityTypeBuilder<Identity> builder)
    {
        builder.ToTable("identities");

        // Serves every sign-in through a provider, and decides which of two accounts at once an identity opens.
        builder.HasKey(i => new { i.Provider, i.Subject });
        builder.Property(i => i.Provider).HasMaxLength(50);
        builder.Property(i => i.Subject).HasMaxLength(255);
        builder.Property(i => i.CreatedAt).HasDefaultValueSql("now()");
        builder.HasOne<User>().WithMany().HasForeignKey(i => i.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(i => i.UserId);
    }

    public void Configure(EntityTypeBuilder<Device> builder)
    {
        builder.ToTable("devices");
        builder.Property(d => d.DeviceFingerprint).HasMaxLength(255);
        builder.HasIndex(d => d.DeviceFingerprint).IsUnique();
        builder.Property(d => d.DeviceName).HasMaxLength(255);
        builder.Property(d => d.Platform).HasMaxLength(50);
        builder.Property(d => d.PushToken).HasMaxLength(Push.PushToken.MaxLength);

        // Serves the move of a token to another device, and its end.
        builder.HasIndex(d => d.PushToken).HasFilter("push_token is not null");
        builder.Property(d => d.IsActive).HasDefaultValue(true).HasSentinel(true);
        builder.Property(d => d.CreatedAt).HasDefaultValueSql("now()");
        builder.HasOne<User>().WithMany().HasForeignKey(d => d.UserId).OnDelete(DeleteBehavior.Cascade);

        // Serves the list of a user's devices and the count against the limit.
        builder.HasIndex(d => new { d.UserId, d.CreatedAt });
    }

    public void Configure(EntityTypeBuilder<ActiveSession> builder)
    {
        builder.ToTable("active_sessions");
        builder.Property(s => s.TokenHash).HasMaxLength(64);
        builder.Property(s => s.PreviousTokenHash).HasMaxLength(64);
        builder.Property(s => s.CreatedAt).HasDefaultValueSql("now()");
        builder.HasOne<User>().WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Device>().WithMany().HasForeignKey(s => s.DeviceId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(s => new { s.UserId, s.CreatedAt });
        builder.HasIndex(s => s.DeviceId);

        // Serves the purge of expired logins.
        builder.HasIndex(s => s.ExpiresAt);
    }

    public void Configure(EntityTypeBuilder<PasswordResetToken> builder)
    {
        builder.ToTable("password_reset_tokens");
        builder.Property(t => t.TokenHash).HasMaxLength(64);
        builder.HasIndex(t => t.TokenHash).IsUnique();
        builder.Property(t => t.CreatedAt).HasDefaultValueSql("now()");
        builder.HasOne<User>().WithMany().HasForeignKey(t => t.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(t => t.UserId);

        // Serves the purge of expired links.
        builder.HasIndex(t => t.ExpiresAt);
    }
}
