namespace Solacore.Core.Jobs;

/// <summary>The rhythm of a worker. The defaults are production's; tests shorten them.</summary>
public sealed record JobWorkerOptions
{
    /// <summary>How long an idle lane waits for a hint before it looks by itself.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Silence after which a worker is dead if the server has also seen its connection close.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Silence after which any worker is dead, e.g. a frozen one.</summary>
    public TimeSpan LongSilence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long running jobs may take to finish when the process stops; then they are handed back.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Listen for hints; off, the poll alone finds work.</summary>
    public bool Listen { get; init; } = true;
}
