using Microsoft.EntityFrameworkCore;

namespace Solacore.Core.Data;

/// <summary>The database: the only truth. One context is one unit of work.</summary>
public sealed class SolacoreDb(DbContextOptions<SolacoreDb> options) : DbContext(options)
{
    public DbSet<User> Users => Set<User>();
    public DbSet<Identity> Identities => Set<Identity>();
    public DbSet<Device> Devices => Set<Device>();
    public DbSet<ActiveSession> ActiveSessions => Set<ActiveSession>();
    public DbSet<PushDelivery> PushDeliveries => Set<PushDelivery>();
    public DbSet<PasswordResetToken> PasswordResetTokens => Set<PasswordResetToken>();
    public DbSet<Subscription> Subscriptions => Set<Subscription>();
    public DbSet<Usage> Usage => Set<Usage>();
    public DbSet<Entitlement> Entitlements => Set<Entitlement>();
    public DbSet<EntitlementChange> EntitlementChanges => Set<EntitlementChange>();
    public DbSet<WebhookEvent> WebhookEvents => Set<WebhookEvent>();
    public DbSet<StoreCursor> StoreCursors => Set<StoreCursor>();
    public DbSet<SolveSession> SolveSessions => Set<SolveSession>();
    public DbSet<Message> Messages => Set<Message>();
    public DbSet<OwnWords> OwnWords => Set<OwnWords>();
    public DbSet<StepHistory> StepHistory => Set<StepHistory>();
    public DbSet<SolveProfile> SolveProfiles => Set<SolveProfile>();
    public DbSet<LearnSession> LearnSessions => Set<LearnSession>();
    public DbSet<LearnMessage> LearnMessages => Set<LearnMessage>();
    public DbSet<PromptTemplate> PromptTemplates => Set<PromptTemplate>();
    public DbSet<Turn> Turns => Set<Turn>();
    public DbSet<ModelCall> ModelCalls => Set<ModelCall>();
    public DbSet<AnalyticsEvent> AnalyticsEvents => Set<AnalyticsEvent>();
    public DbSet<Job> Jobs => Set<Job>();
    public DbSet<DeadJob> DeadJobs => Set<DeadJob>();
    public DbSet<JobWorkerLease> Workers => Set<JobWorkerLease>();
    public DbSet<RecurringJob> RecurringJobs => Set<RecurringJob>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => EnumColumns.Configure(configurationBuilder);

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(SolacoreDb).Assembly);
}
