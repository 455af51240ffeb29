using Microsoft.Extensions.AI;

namespace Solacore.Core.Model;

/// <summary>One model's stream with a time-out for each step of it; letting go of it ends the request.</summary>
internal sealed class ModelStream : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end;
    private readonly IAsyncEnumerator<ChatResponseUpdate> _updates;
    private Task<bool> _next = Task.FromResult(false);

    public ModelStream(Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> start, TimeProvider time, CancellationToken limit)
    {
        _time = time;
        _end = CancellationTokenSource.CreateLinkedTokenSource(limit);
        _updates = start(_end.Token).GetAsyncEnumerator(_end.Token);
    }

    /// <summary>The text of the current update; may be empty.</summary>
    public string Text => _updates.Current.Text;

    public int InputTokens { get; private set; }
    public int OutputTokens { get; private set; }

    /// <summary>True when a first piece of text came in time; false when the stream ended without one.</summary>
    /// <exception cref="TimeoutException">Nothing came in time.</exception>
    public async Task<bool> SpeaksAsync(TimeSpan within)
    {
        var since = _time.GetTimestamp();
        while (await MoveNextAsync(within - _time.GetElapsedTime(since)))
        {
            if (Text.Length > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <exception cref="TimeoutException">The next update did not come in time.</exception>
    public async Task<bool> MoveNextAsync(TimeSpan within)
    {
        _next = _updates.MoveNextAsync().AsTask();
        if (!await _next.WaitAsync(within > TimeSpan.Zero ? within : TimeSpan.Zero, _time, _end.Token))
        {
            return false;
        }

        foreach (var usage in _updates.Current.Contents.OfType<UsageContent>())
        {
            InputTokens += (int)(usage.Details.InputTokenCount ?? 0);
            OutputTokens += (int)(usage.Details.OutputTokenCount ?? 0);
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        // The enumerator may be disposed of only once its pending step has ended, and the cancellation ends it.
        await _end.CancelAsync();
        await _next.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await _updates.DisposeAsync();
        _end.Dispose();
    }
}
