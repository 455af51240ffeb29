using System.Collections.Concurrent;

namespace Solacore.Tests.Faults;

/// <summary>What clients and providers were promised during a run; each must be true afterwards.</summary>
internal sealed class AcknowledgedFacts
{
    /// <summary>Event ids that got a 200, by the person whom they gave a plan.</summary>
    public ConcurrentDictionary<string, Guid> Webhooks { get; } = new(StringComparer.Ordinal);

    /// <summary>Persons who got a 201 or a login, and their addresses.</summary>
    public ConcurrentDictionary<Guid, string> Persons { get; } = new();

    /// <summary>Sessions that got a 201.</summary>
    public ConcurrentDictionary<Guid, Guid> Sessions { get; } = new();

    /// <summary>Turns whose stream began, with the last event that their client saw: done, error, or nothing.</summary>
    public ConcurrentDictionary<Guid, string> Turns { get; } = new();

    /// <summary>Messages of <see cref="Turns"/>, by session: each POST with its own idempotency key counts once.</summary>
    public ConcurrentDictionary<Guid, int> Messages { get; } = new();

    /// <summary>Sessions whose reminder got a 200.</summary>
    public ConcurrentDictionary<Guid, DateTimeOffset> Reminders { get; } = new();

    /// <summary>What clients saw that must never be seen.</summary>
    public ConcurrentQueue<string> Broken { get; } = new();

    /// <summary>Answers with a 5xx other than 503, for the report.</summary>
    public int Crashes => _crashes;

    private int _crashes;

    public void CountCrash() => Interlocked.Increment(ref _crashes);
}
