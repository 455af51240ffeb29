using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Solacore.Core.Data;
using StackExchange.Redis;

namespace Solacore.Core.Turns;

/// <summary>
/// Delivers the events of turns to their viewers, on any api, live or after the fact. Redis delivers them fast; the
/// database is authoritative: a look-up for all silent turns together finds those whose end event did not arrive.
/// </summary>
public sealed partial class TurnRelay : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly IServiceScopeFactory _scopes;
    private readonly RedisLink _redis;
    private readonly TimeProvider _time;
    private readonly ILogger<TurnRelay> _logger;
    private readonly ConcurrentDictionary<Guid, TurnFeed> _feeds = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _looking;

    internal TurnRelay(IServiceScopeFactory scopes, RedisLink redis, TimeProvider time, ILogger<TurnRelay> logger)
    {
        _scopes = scopes;
        _redis = redis;
        _time = time;
        _logger = logger;
        _looking = LookForEndsAsync();
    }

    /// <summary>How long a viewer waits for an event before it gets a heartbeat.</summary>
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Listens to a turn from now on. A new turn is listened to while its job is being committed, so that the first piece of
    /// the reply usually finds its listener.
    /// </summary>
    /// <param name="turn">Its id.</param>
    /// <param name="mayHaveEnded">False when the turn had not ended a moment ago: its end need not be looked up.</param>
    public async Task<TurnViewer> ListenAsync(Guid turn, bool mayHaveEnded)
    {
        while (true)
        {
            var feed = _feeds.GetOrAdd(turn, id => new TurnFeed(id, _time));
            var viewer = feed.Attach(mayHaveEnded, Detach);
            if (viewer is not null)
            {
                await feed.SubscribeAsync(_redis.Connection, LogRedisTrouble);
                return viewer;
            }

            // The last viewer has just closed this one; the next round makes a new one.
            _feeds.TryRemove(new KeyValuePair<Guid, TurnFeed>(turn, feed));
        }
    }

    /// <summary>
    /// The events of a turn after a given one, up to the final one, with heartbeats in between. A viewer that was shown a
    /// superseded attempt, or whose missing events are not available, gets a <c>reset</c> first.
    /// </summary>
    /// <param name="viewer">From <see cref="ListenAsync"/>.</param>
    /// <param name="after">The last event that the client has, <see cref="TurnEventId.Start"/> for none.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public async IAsyncEnumerable<TurnEvent> ReadAsync(
        TurnViewer viewer, TurnEventId after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var shown = new TurnProgress(after);
        viewer.Feed.IsCommitted = true;
        var news = viewer.MayHaveEnded ? await LookBackAsync(viewer.Turn, cancellationToken) : new TurnNews(TurnNewsKind.Missed);
        while (true)
        {
            foreach (var item in shown.Take(news, await MissingAsync(viewer.Turn, shown, news)))
            {
                yield return item;
            }

            if (shown.IsEnded)
            {
                yield break;
            }

            news = await viewer.NextAsync(HeartbeatEvery, _time, cancellationToken);
            if (news.Kind == TurnNewsKind.Silence)
            {
                yield return TurnEvent.Heartbeat;
            }
        }
    }

    /// <summary>Whether nothing came after this event of a turn that has ended, as far as Redis still knows.</summary>
    public async Task<bool> WasLastAsync(Guid turn, TurnEventId id)
    {
        if (id == TurnEventId.Told(id.Attempt).Final)
        {
            return true;
        }

        try
        {
            return id != TurnEventId.Start && _redis.Connection is { IsConnected: true } connection && await TurnStream.IsLastAsync(connection.GetDatabase(), turn, id);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogRedisTrouble(e);
            return false;
        }
    }

    /// <summary>
    /// What a viewer who comes late starts from: the end, or the stream so far. Without the database it is the stream, and the
    /// look-up of all silent turns finds the end.
    /// </summary>
    private async Task<TurnNews> LookBackAsync(Guid turn, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = _scopes.CreateAsyncScope();
            var ends = await TurnEnd.ReadAsync(scope.ServiceProvider.GetRequiredService<SolacoreDb>(), [turn], cancellationToken);
            return ends is [var end] ? new TurnNews(TurnNewsKind.Ended, End: end) : new TurnNews(TurnNewsKind.Missed);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogDatabaseTrouble(_logger, ErrorClass.Of(e));
            return new TurnNews(TurnNewsKind.Missed);
        }
    }

    /// <summary>The stored events after the last one shown; none on silence or when the news directly follows it.</summary>
    private async Task<IReadOnlyList<TurnEvent>> MissingAsync(Guid turn, TurnProgress shown, TurnNews news) => news switch
    {
        { Kind: TurnNewsKind.Silence } => [],
        { Kind: TurnNewsKind.Event, Event: { } item } when !shown.Lacks(item) => [],
        _ => await StoredAsync(turn, shown.Last),
    };

    private async Task<IReadOnlyList<TurnEvent>> StoredAsync(Guid turn, TurnEventId after)
    {
        if (_redis.Connection is not { IsConnected: true } connection)
        {
            return [];
        }

        try
        {
            return await TurnStream.ReadAsync(connection.GetDatabase(), turn, after);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogRedisTrouble(e);
            return [];
        }
    }

    /// <summary>Looks up every second, for all silent turns of this process together, which of them ended unheard.</summary>
    private async Task LookForEndsAsync()
    {
        using var timer = new PeriodicTimer(Look, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                var silent = _feeds.Values.Where(f => f.IsCommitted && f.IsSilent(Look)).Select(f => f.Turn).ToArray();
                if (silent.Length > 0)
                {
                    await TellEndsAsync(silent);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task TellEndsAsync(Guid[] silent)
    {
        try
        {
            await using var scope = _scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<SolacoreDb>();
            foreach (var end in (TurnEnd[])[.. await TurnEnd.ReadAsync(db, silent, _stopping.Token), .. await TurnEnd.ReadDeletedAsync(db, silent, _stopping.Token)])
            {
                if (_feeds.TryGetValue(end.Turn, out var feed))
                {
                    feed.Tell(new TurnNews(TurnNewsKind.Ended, End: end));
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !_stopping.IsCancellationRequested)
        {
            LogDatabaseTrouble(_logger, ErrorClass.Of(e));
        }
    }

    private void Detach(TurnViewer viewer)
    {
        if (viewer.Feed.Detach(viewer))
        {
            _feeds.TryRemove(new KeyValuePair<Guid, TurnFeed>(viewer.Turn, viewer.Feed));
        }
    }

    private void LogRedisTrouble(Exception e) => LogRedisTrouble(_logger, ErrorClass.Of(e));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _looking;
        _stopping.Dispose();
    }

    [LoggerMessage(3010, LogLevel.Warning, "Live streams are not relayed at the moment: {Error}")]
    private static partial void LogRedisTrouble(ILogger logger, string error);

    [LoggerMessage(3011, LogLevel.Warning, "The ends of silent turns cannot be looked up at the moment: {Error}")]
    private static partial void LogDatabaseTrouble(ILogger logger, string error);
}
