namespace Solacore.Core.Turns;

/// <summary>
/// Lets few turns of a process begin or end at a time. Either keeps the processor busy for some milliseconds; were hundreds
/// about it at once, every piece of a reply that somebody is reading would wait behind all of them.
/// </summary>
public sealed class TurnGate : IDisposable
{
    private readonly SemaphoreSlim _places = new(Places);

    /// <summary>Turns at a time: enough to keep every core busy while others wait for the database.</summary>
    public static int Places { get; } = Math.Max(4, 2 * Environment.ProcessorCount);

    /// <summary>Waits for a place, in the order of arrival.</summary>
    /// <returns>The place; disposing of it leaves it to the next.</returns>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        return new Place(_places);
    }

    public void Dispose() => _places.Dispose();

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }
}
