using System.Text;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Solacore.Core.Turns;

/// <summary>
/// Writes one attempt's events. The first piece of text goes out at once and alone, later ones are gathered for 50 ms: the
/// cost of a stream is per event, not per token. Redis may be slow, absent or emptied without holding the reply up; after
/// ten seconds of failing the attempt goes on without telling anybody and viewers learn the end from the database.
/// </summary>
internal sealed partial class TurnStreamWriter : IAsyncDisposable
{
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);

    /// <summary>The expiry is set again and again: a stream that vanished in between, with all of Redis, begins without one.</summary>
    private static readonly TimeSpan ExpiryPeriod = TimeSpan.FromSeconds(10);

    private readonly IDatabase? _redis;
    private readonly Guid _turn;
    private readonly int _attempt;
    private readonly StreamBeat _beat;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StringBuilder _pending = new();
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _superseded = new();
    private Task _pumping = Task.CompletedTask;
    private string? _first;
    private bool _begun;
    private bool _isPumping;
    private bool _isEnding;
    private TaskCompletionSource? _pause;
    private long _sentAt;
    private int _sequence;
    private long? _expiringSince;
    private bool _silent;

    public TurnStreamWriter(IConnectionMultiplexer? redis, Guid turn, int attempt, StreamBeat beat, TimeProvider time, ILogger logger)
    {
        _redis = redis?.GetDatabase();
        _silent = redis is null;
        _turn = turn;
        _attempt = attempt;
        _beat = beat;
        _time = time;
        _logger = logger;
        Superseded = _superseded.Token;
        if (attempt > 1)
        {
            _isPumping = true;
            _pumping = StartAnewAsync();
        }
    }

    /// <summary>Fires when a later attempt has written to the stream: this one is a ghost and must stop.</summary>
    public CancellationToken Superseded { get; }

    /// <summary>Takes a piece of the reply; never waits.</summary>
    public void Write(string text)
    {
        lock (_gate)
        {
            if (_begun)
            {
                _pending.Append(text);
            }
            else
            {
                (_first, _begun) = (text, true);
            }

            if (_isPumping)
            {
                return;
            }

            _isPumping = true;
        }

        _pumping = PumpAsync();
    }

    /// <summary>Writes what is pending, then the final event. To be called only after the commit.</summary>
    public async Task EndAsync(string name, string data)
    {
        await StopPumpAsync();
        await AppendAsync(name, data);
        if (!_silent)
        {
            await Tolerate(() => _redis!.KeyExpireAsync(TurnStream.Key(_turn), TurnStream.KeptAfterEnd));
        }
    }

    /// <summary>Viewers drop what an earlier attempt has told them.</summary>
    private async Task StartAnewAsync()
    {
        await AppendAsync(TurnEvent.ResetName, TurnEvent.ResetData(_attempt));
        await PumpAsync();
    }

    /// <summary>Runs as long as something is pending.</summary>
    private async Task PumpAsync()
    {
        if (_sequence > 0)
        {
            // Pieces that were read together are sent together.
            await Task.Yield();
        }

        while (IsPending())
        {
            await GatherAsync();
            _sentAt = _time.GetTimestamp();
            foreach (var text in Take())
            {
                await AppendAsync(TurnEvent.TokenName, TurnEvent.TokenData(text));
            }
        }
    }

    /// <summary>
    /// Waits from the last sending on, not from its answer, which comes late when much is going on. Ends early when the reply
    /// does, so that the last piece does not wait.
    /// </summary>
    private async Task GatherAsync()
    {
        var left = Gather - _time.GetElapsedTime(_sentAt);
        if (left <= StreamBeat.Period || Pause() is not { } pause)
        {
            return;
        }

        _beat.WakeAfter(left, pause);
        await pause.Task;
    }

    /// <summary>To be completed when the time is up, or the reply; null when the reply has ended already.</summary>
    private TaskCompletionSource? Pause()
    {
        lock (_gate)
        {
            // Whoever completes it goes on with the sending: a beat with those of all streams, one after the other.
            return _pause = _isEnding ? null : new TaskCompletionSource();
        }
    }

    private bool IsPending()
    {
        lock (_gate)
        {
            return _isPumping = _first is not null || _pending.Length > 0;
        }
    }

    /// <summary>What is pending: the first piece by itself, the others as one.</summary>
    private string[] Take()
    {
        lock (_gate)
        {
            string[] texts = (_first, _pending.Length) switch
            {
                (null, _) => [_pending.ToString()],
                ({ } first, 0) => [first],
                ({ } first, _) => [first, _pending.ToString()],
            };
            _first = null;
            _pending.Clear();
            return texts;
        }
    }

    private async Task AppendAsync(string name, string data)
    {
        if (_silent || Superseded.IsCancellationRequested)
        {
            return;
        }

        var item = new TurnEvent(new TurnEventId(_attempt, ++_sequence), name, data);
        var since = _time.GetTimestamp();
        var error = "";
        for (var tries = 0; _time.GetElapsedTime(since) < Patience; tries++)
        {
            try
            {
                await SendAsync(item, isFirstTry: tries == 0);
                return;
            }
            catch (RedisServerException e) when (e.Message.Contains("equal or smaller", StringComparison.Ordinal))
            {
                // Our own entry of a try whose answer was lost, or a later attempt's: the top of the stream tells.
                var last = await Tolerate(() => _redis!.StreamRangeAsync(TurnStream.Key(_turn), count: 1, messageOrder: Order.Descending));
                if (last is [var top] && TurnEventId.TryParse(top.Id, out var id) && id != item.Id)
                {
                    await _superseded.CancelAsync();
                }

                return;
            }
            catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
            {
                error = ClassOf(e);
                await Task.Delay(RetryPause, _time, CancellationToken.None);
            }
        }

        LogSilent(_logger, _turn, error);
        _silent = true;
    }

    private async Task SendAsync(TurnEvent item, bool isFirstTry)
    {
        // Pipelined: one round trip for the entry, the message and, at first, the expiry. A repeated try publishes only what was
        // taken: viewers who hear the same again and again are not silent, and the database is not asked for the end.
        var added = _redis!.StreamAddAsync(TurnStream.Key(_turn), TurnStream.Fields(item), item.Id.ToString());
        if (!isFirstTry)
        {
            await added;
        }

        var published = _redis.PublishAsync(TurnStream.Channel(_turn), TurnStream.Message(item), CommandFlags.FireAndForget);
        var isExpiring = _expiringSince is { } since && _time.GetElapsedTime(since) < ExpiryPeriod;
        var expiring = isExpiring ? Task.CompletedTask : _redis.KeyExpireAsync(TurnStream.Key(_turn), TurnStream.KeptUnended);
        await added;
        await published;
        await expiring;
        _expiringSince = isExpiring ? _expiringSince : _time.GetTimestamp();
    }

    private static async Task<T?> Tolerate<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            return default;
        }
    }

    private async Task StopPumpAsync()
    {
        TaskCompletionSource? pause;
        lock (_gate)
        {
            _isEnding = true;
            pause = _pause;
        }

        pause?.TrySetResult();
        await _pumping;
    }

    public async ValueTask DisposeAsync()
    {
        await StopPumpAsync();
        _superseded.Dispose();
    }

    /// <summary>A refusal begins with its class, such as READONLY, OOM or MISCONF; what follows may be anything.</summary>
    private static string ClassOf(Exception e) =>
        e is RedisServerException ? $"{e.GetType().Name} {e.Message.Split(' ')[0]}" : ErrorClass.Of(e);

    [LoggerMessage(3002, LogLevel.Warning, "Turn {TurnId} goes on without its live stream: Redis took none of it for ten seconds ({Error})")]
    private static partial void LogSilent(ILogger logger, Guid turnId, string error);
}
