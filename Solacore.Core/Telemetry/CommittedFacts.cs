using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Solacore.Core.Data;

namespace Solacore.Core.Telemetry;

/// <summary>
/// Counts what was committed, by looking at the rows: no feature has to remember it, and nothing that was rolled back is
/// counted. Analytics events are taken out of what is saved and written apart.
/// </summary>
public sealed class CommittedFacts(ProductMetrics metrics, AnalyticsWriter analytics, TimeProvider time) : DbTransactionInterceptor, ISaveChangesInterceptor
{
    // Weak keys: notes keep no context alive. Contexts are pooled: notes left without a commit are forgotten when the
    // context's next transaction or save begins.
    private readonly ConditionalWeakTable<DbContext, Notes> _notes = [];

    /// <summary>An event that was settled by a statement of its own, inside a transaction.</summary>
    public void Settled(DbContext context, WebhookEvent received)
    {
        var (source, type, state, age) = (received.Source, received.EventType, received.State, time.GetUtcNow() - received.ReceivedAt);
        _notes.GetOrCreateValue(context).Facts.Add(() => metrics.EventSettled(source, type, state, age));
    }

    public ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } context)
        {
            var notes = _notes.GetOrCreateValue(context);
            if (context.Database.CurrentTransaction is null)
            {
                notes.Facts.Clear();
            }

            notes.BeginSave();
            foreach (var entry in context.ChangeTracker.Entries().ToList())
            {
                if (FactOf(entry) is { } fact)
                {
                    notes.Facts.Add(fact);
                }

                if (entry is { State: EntityState.Added, Entity: AnalyticsEvent said })
                {
                    notes.Events.Add(said);
                    entry.State = EntityState.Detached;
                }
            }
        }

        return ValueTask.FromResult(result);
    }

    public async ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } context && _notes.TryGetValue(context, out var notes))
        {
            notes.IsSaving = false;
            AnalyticsEvent[] events = [.. notes.Events];
            notes.Events.Clear();
            if (context.Database.CurrentTransaction is null)
            {
                notes.Tell();
            }

            await analytics.WriteAsync(context, events);
        }

        return result;
    }

    public Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default) => Forget(eventData);

    public Task SaveChangesCanceledAsync(DbContextEventData eventData, CancellationToken cancellationToken = default) => Forget(eventData);

    /// <summary>
    /// Contexts come from a pool, and a transaction that is disposed without an end says nothing: what it noted is
    /// forgotten when the next one begins. One that begins while saving is the save's own.
    /// </summary>
    public override ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } context && _notes.TryGetValue(context, out var notes) && !notes.IsSaving)
        {
            notes.Facts.Clear();
        }

        return ValueTask.FromResult(result);
    }

    public override Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } context && _notes.TryGetValue(context, out var notes) && !notes.IsSaving)
        {
            notes.Tell();
        }

        return Task.CompletedTask;
    }

    public override Task TransactionRolledBackAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } context)
        {
            _notes.Remove(context);
        }

        return Task.CompletedTask;
    }

    /// <summary>Nothing of this save has come about.</summary>
    private Task Forget(DbContextEventData eventData)
    {
        if (eventData.Context is { } context && _notes.TryGetValue(context, out var notes))
        {
            notes.ForgetSave();
        }

        return Task.CompletedTask;
    }

    /// <summary>Values are read now: the same row may change again before the commit.</summary>
    private Action? FactOf(EntityEntry entry) => entry switch
    {
        { State: EntityState.Added, Entity: User { AuthProvider: var provider } } => () => metrics.AccountCreated(provider),
        { State: EntityState.Added, Entity: AnalyticsEvent said } => FactOf(said),
        { State: EntityState.Added, Entity: LearnSession } => () => metrics.SessionStarted("learn"),
        { State: EntityState.Modified, Entity: LearnSession session } => FactOf(session, entry),
        { State: EntityState.Added, Entity: EntitlementChange { TierBefore: var from, TierAfter: var to } } => () => metrics.PlanChanged(from, to),
        _ => null,
    };

    private Action? FactOf(AnalyticsEvent said)
    {
        var kind = said.SessionId is null ? "learn" : "solve";
        switch (said.EventType)
        {
            case Analytics.SessionStartedType:
                return () => metrics.SessionStarted(kind);
            case Analytics.StepCompletedType when (Text(said, "from_step") ?? Text(said, "step")) is { } step:
                return () => metrics.StepCompleted(step);
            case Analytics.SessionCompletedType when Text(said, "final_step") is { } final:
                return () => metrics.SessionCompleted(kind, final);
            case Analytics.CrisisDetectedType:
                return () => metrics.CrisisAnswered(kind);
            default:
                return null;
        }
    }

    private Action? FactOf(LearnSession session, EntityEntry entry)
    {
        var step = session.CurrentStep;
        return session.Status == SessionStatus.Completed && entry.Property(nameof(LearnSession.Status)).OriginalValue is not SessionStatus.Completed
            ? () => metrics.SessionCompleted("learn", step)
            : null;
    }

    private static string? Text(AnalyticsEvent said, string name)
    {
        using var payload = JsonDocument.Parse(said.Payload ?? "{}");
        return payload.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;
    }

    private sealed class Notes
    {
        private int _beforeSave;

        public List<Action> Facts { get; } = [];
        public List<AnalyticsEvent> Events { get; } = [];
        public bool IsSaving { get; set; }

        public void BeginSave() => (IsSaving, _beforeSave) = (true, Facts.Count);

        public void ForgetSave()
        {
            IsSaving = false;
            Facts.RemoveRange(_beforeSave, Facts.Count - _beforeSave);
            Events.Clear();
        }

        public void Tell()
        {
            Facts.ForEach(fact => fact());
            Facts.Clear();
        }
    }
}
