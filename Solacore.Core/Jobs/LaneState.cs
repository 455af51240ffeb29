using System.Threading.Channels;

namespace Solacore.Core.Jobs;

/// <summary>The slots of one lane in this process, and the bell that wakes its loop.</summary>
internal sealed class LaneState(JobLane definition, string[] kinds, ClaimCursor cursor)
{
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _running;
    private Task? _waiting;

    public JobLane Definition => definition;
    public string[] Kinds => kinds;
    public ClaimCursor Cursor => cursor;
    public int Running => Volatile.Read(ref _running);

    /// <summary>For the lane's one loop.</summary>
    public UncertainClaim? UncertainClaim { get; set; }

    public void Enter() => Interlocked.Increment(ref _running);

    /// <summary>True when the lane was full until now.</summary>
    public bool Leave() => Interlocked.Decrement(ref _running) == definition.Concurrency - 1;

    public void Wake() => _bell.Writer.TryWrite(true);

    /// <summary>Until the bell rings or the time is over; for the lane's one loop.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        // A wait that timed out is kept and receives the next signal, so that no signal is lost.
        _waiting ??= _bell.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        try
        {
            await _waiting.WaitAsync(atMost, time, cancellationToken);
            _waiting = null;
            _bell.Reader.TryRead(out _);
        }
        catch (TimeoutException)
        {
            // The safety net: look without having been called.
        }
    }
}
