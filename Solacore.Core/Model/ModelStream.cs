using System.Text;
using Microsoft.Extensions.AI;
using OpenAI.Chat;

namespace Solacore.Core.Model;

/// <summary>One model's stream with a time-out for each step of it; letting go of it ends the request.</summary>
internal sealed class ModelStream : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end;
    private readonly IAsyncEnumerator<ChatResponseUpdate> _updates;
    private readonly StringBuilder _said = new();
    private readonly StringBuilder _thought = new();
    private Task<bool> _next = Task.FromResult(false);
    private bool _ended;

    public ModelStream(Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> start, TimeProvider time, CancellationToken limit)
    {
        _time = time;
        _end = CancellationTokenSource.CreateLinkedTokenSource(limit);
        _updates = start(_end.Token).GetAsyncEnumerator(_end.Token);
    }

    /// <summary>The text of the current update; may be empty.</summary>
    public string Text { get; private set; } = "";

    /// <summary>As the provider told it, which it does at the end; null until then.</summary>
    public int? InputTokens { get; private set; }

    /// <summary>As the provider told it, or else counted in what it has said.</summary>
    public int OutputTokens => _outputTokens ?? TokenCount.Of(_said.ToString());

    private int? _outputTokens;

    /// <summary>True when a first piece of text came in time; false when the stream ended without one.</summary>
    /// <param name="reasoningIsReply">What the model thought is its text when it said nothing.</param>
    /// <exception cref="TimeoutException">Nothing came in time.</exception>
    public async Task<bool> SpeaksAsync(TimeSpan within, bool reasoningIsReply)
    {
        var since = _time.GetTimestamp();
        while (await MoveNextAsync(within - _time.GetElapsedTime(since)))
        {
            if (!string.IsNullOrWhiteSpace(Text))
            {
                return true;
            }
        }

        Text = reasoningIsReply ? _thought.ToString().Trim() : "";
        return Text.Length > 0;
    }

    /// <exception cref="TimeoutException">The next update did not come in time.</exception>
    public async Task<bool> MoveNextAsync(TimeSpan within)
    {
        if (_ended)
        {
            return false;
        }

        _next = _updates.MoveNextAsync().AsTask();
        if (!await _next.WaitAsync(within > TimeSpan.Zero ? within : TimeSpan.Zero, _time, _end.Token))
        {
            _ended = true;
            return false;
        }

        Text = _updates.Current.Text;
        _said.Append(Text);
        foreach (var usage in _updates.Current.Contents.OfType<UsageContent>())
        {
            InputTokens = (int?)usage.Details.InputTokenCount ?? InputTokens;
            _outputTokens = (int?)usage.Details.OutputTokenCount ?? _outputTokens;
        }

#pragma warning disable SCME0001 // Experimental, and the only way to a member that the SDK does not know: OpenRouter's.
        if (_updates.Current.RawRepresentation is StreamingChatCompletionUpdate update
            && update.Patch.TryGetValue("$.choices[0].delta.reasoning"u8, out string? thought))
#pragma warning restore SCME0001
        {
            _thought.Append(thought);
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
