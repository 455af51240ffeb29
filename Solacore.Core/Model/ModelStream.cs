using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;

namespace Solacore.Core.Model;

/// <summary>One model's stream with a time-out for each step of it; letting go of it ends the request.</summary>
internal sealed class ModelStream : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _late;
    private readonly CancellationTokenSource _end;
    private readonly bool _reasoningIsReply;
    private readonly IAsyncEnumerator<ChatResponseUpdate> _updates;
    private readonly StringBuilder _said = new();
    private readonly StringBuilder _thought = new();
    private bool _ended;

    /// <param name="start">Asks the model.</param>
    /// <param name="reasoningIsReply">What the model thought is its text when it said nothing.</param>
    /// <param name="limit">Ends the request.</param>
    public ModelStream(
        Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> start, bool reasoningIsReply, TimeProvider time, CancellationToken limit)
    {
        (_time, _reasoningIsReply) = (time, reasoningIsReply);
        _late = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _end = CancellationTokenSource.CreateLinkedTokenSource(limit, _late.Token);
        _updates = start(_end.Token).GetAsyncEnumerator(_end.Token);
    }

    /// <summary>The text of the current update; may be empty.</summary>
    public string Text { get; private set; } = "";

    /// <summary>As the provider told it, which it does at the end; null until then.</summary>
    public int? InputTokens { get; private set; }

    /// <summary>As the provider told it, or else counted in what the model has thought and said.</summary>
    public int OutputTokens => _outputTokens ?? (TokenCount.Of(_thought.ToString()) + TokenCount.Of(_said.ToString()));

    private int? _outputTokens;

    /// <summary>True when a first piece of text came in time; false when the stream ended without one.</summary>
    /// <exception cref="TimeoutException">Nothing came in time.</exception>
    public async Task<bool> SpeaksAsync(TimeSpan within)
    {
        var since = _time.GetTimestamp();
        while (await MoveNextAsync(within - _time.GetElapsedTime(since)))
        {
            if (!string.IsNullOrWhiteSpace(Text))
            {
                return true;
            }
        }

        Text = _reasoningIsReply ? _thought.ToString().Trim() : "";
        return Text.Length > 0;
    }

    /// <remarks>A worker takes thousands of these steps in a second: one timer serves them all, and their state is pooled.</remarks>
    /// <exception cref="TimeoutException">The next update did not come in time.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> MoveNextAsync(TimeSpan within)
    {
        if (_ended)
        {
            return false;
        }

        _late.CancelAfter(within > TimeSpan.Zero ? within : TimeSpan.Zero);
        try
        {
            _ended = !await _updates.MoveNextAsync();
        }
        catch (OperationCanceledException) when (_late.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
        finally
        {
            _late.CancelAfter(Timeout.InfiniteTimeSpan);
        }

        if (_ended)
        {
            return false;
        }

        var update = _updates.Current;
        Text = Storable(update.Text);
        _said.Append(Text);
        for (var n = 0; n < update.Contents.Count; n++)
        {
            Take(update.Contents[n]);
        }

        return true;
    }

    private void Take(AIContent content)
    {
        if (content is UsageContent usage)
        {
            InputTokens = TokenCount.AsTold(usage.Details.InputTokenCount) ?? InputTokens;
            _outputTokens = TokenCount.AsTold(usage.Details.OutputTokenCount) ?? _outputTokens;
        }
        else if (content is TextReasoningContent thought)
        {
            _thought.Append(Storable(thought.Text));
        }
    }

    /// <summary>Postgres keeps no text with NUL.</summary>
    private static string Storable(string text) => text.Replace("\0", "", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _updates.DisposeAsync();
        _end.Dispose();
        _late.Dispose();
    }
}
