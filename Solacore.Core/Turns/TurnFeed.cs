using System.Threading.Channels;
using StackExchange.Redis;

namespace Solacore.Core.Turns;

internal enum TurnNewsKind
{
    /// <summary>Nothing came in time.</summary>
    Silence,

    /// <summary>An event came.</summary>
    Event,

    /// <summary>Events arrived faster than this viewer read them; it has to fetch them from the stream.</summary>
    Missed,

    /// <summary>The database says that the turn has ended.</summary>
    Ended,
}

internal readonly record struct TurnNews(TurnNewsKind Kind, TurnEvent? Event = null, TurnEnd? End = null);

/// <summary>One subscription per turn and process, shared by its viewers.</summary>
internal sealed class TurnFeed(Guid turn, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<TurnViewer> _viewers = [];
    private Task? _subscribing;
    private ChannelMessageQueue? _queue;
    private long _lastNews = time.GetTimestamp();
    private bool _closed;
    private volatile bool _isCommitted;

    public Guid Turn => turn;

    /// <summary>True once the turn is known to be committed: if the database does not have it then, it was deleted.</summary>
    public bool IsCommitted
    {
        get => _isCommitted;
        set => _isCommitted = value;
    }

    /// <summary>Null when the feed has closed in the meantime.</summary>
    public TurnViewer? Attach(bool mayHaveEnded, Action<TurnViewer> detach)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return null;
            }

            var viewer = new TurnViewer(this, mayHaveEnded, detach);
            _viewers.Add(viewer);
            return viewer;
        }
    }

    /// <summary>True when this was the last viewer: the feed is closed.</summary>
    public bool Detach(TurnViewer viewer)
    {
        ChannelMessageQueue? queue;
        lock (_gate)
        {
            if (!_viewers.Remove(viewer) || _viewers.Count > 0)
            {
                return false;
            }

            _closed = true;
            queue = _queue;
        }

        queue?.Unsubscribe(CommandFlags.FireAndForget);
        return true;
    }

    public Task SubscribeAsync(IConnectionMultiplexer? redis, Action<Exception> trouble)
    {
        lock (_gate)
        {
            return _subscribing ??= redis is { IsConnected: true } ? SubscribeToAsync(redis, trouble) : Task.CompletedTask;
        }
    }

    private async Task SubscribeToAsync(IConnectionMultiplexer redis, Action<Exception> trouble)
    {
        try
        {
            // The message queue preserves the order; a plain handler does not guarantee it.
            var queue = await redis.GetSubscriber().SubscribeAsync(TurnStream.Channel(turn));
            queue.OnMessage(message =>
            {
                if (TurnStream.Parse(message.Message) is { } item)
                {
                    Tell(new TurnNews(TurnNewsKind.Event, item));
                }
            });
            lock (_gate)
            {
                _queue = queue;
                if (!_closed)
                {
                    return;
                }
            }

            await queue.UnsubscribeAsync(CommandFlags.FireAndForget);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // The viewers learn the end from the database.
            trouble(e);
        }
    }

    public void Tell(TurnNews news)
    {
        Volatile.Write(ref _lastNews, time.GetTimestamp());
        lock (_gate)
        {
            foreach (var viewer in _viewers)
            {
                viewer.Tell(news);
            }
        }
    }

    public bool IsSilent(TimeSpan since) => time.GetElapsedTime(Volatile.Read(ref _lastNews)) >= since;
}

/// <summary>One client's subscription to a feed; dispose of it when the client has gone.</summary>
public sealed class TurnViewer : IDisposable
{
    private readonly Action<TurnViewer> _detach;
    // Bounded: a client that does not read costs at most this much and catches up from the stream.
    private readonly Channel<TurnNews> _news = Channel.CreateBounded<TurnNews>(new BoundedChannelOptions(256) { SingleReader = true });
    private Task<bool>? _waiting;
    private volatile bool _missed;
    private volatile TurnEnd? _end;

    internal TurnViewer(TurnFeed feed, bool mayHaveEnded, Action<TurnViewer> detach)
    {
        _detach = detach;
        Feed = feed;
        MayHaveEnded = mayHaveEnded;
    }

    internal TurnFeed Feed { get; }

    /// <summary>False when the turn is known not to have ended just before this viewer began to listen.</summary>
    internal bool MayHaveEnded { get; }

    public Guid Turn => Feed.Turn;

    public void Dispose() => _detach(this);

    internal void Tell(TurnNews news)
    {
        if (!_news.Writer.TryWrite(news))
        {
            _missed = true;
            _end = news.End ?? _end;
        }
    }

    internal async ValueTask<TurnNews> NextAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        if (_missed)
        {
            _missed = false;
            while (_news.Reader.TryRead(out var dropped))
            {
                _end = dropped.End ?? _end;
            }

            return _end is { } end ? new TurnNews(TurnNewsKind.Ended, End: end) : new TurnNews(TurnNewsKind.Missed);
        }

        if (!_news.Reader.TryPeek(out _))
        {
            // A wait that timed out stays in place for the next call.
            _waiting ??= _news.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
            try
            {
                await _waiting.WaitAsync(atMost, time, cancellationToken);
                _waiting = null;
            }
            catch (TimeoutException)
            {
                return new TurnNews(TurnNewsKind.Silence);
            }
        }

        return _news.Reader.TryRead(out var news) ? news : new TurnNews(TurnNewsKind.Missed);
    }
}
