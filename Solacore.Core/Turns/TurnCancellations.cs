using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using Solacore.Core.Data;
using StackExchange.Redis;

namespace Solacore.Core.Turns;

/// <summary>
/// Delivers cancellation requests to the turns that run in this process: at once through Redis, within a second by one
/// query for all of them when Redis is away.
/// </summary>
public sealed partial class TurnCancellations : IAsyncDisposable
{
    // One that is no longer there was deleted, and with it whoever wanted its reply.
    private const string LookSql =
        """
        select running.id from unnest($1) running(id) left join turns on turns.id = running.id
        where turns.id is null or turns.cancel_requested_at is not null
        """;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _running = new();
    private readonly NpgsqlDataSource _dataSource;
    private readonly TimeProvider _time;
    private readonly ILogger<TurnCancellations> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _looking;

    public TurnCancellations(NpgsqlDataSource dataSource, RedisLink redis, TimeProvider time, ILogger<TurnCancellations> logger)
    {
        _dataSource = dataSource;
        _time = time;
        _logger = logger;
        if (redis.Connection is { } connection)
        {
            // Subscribes now or, when Redis is away, as soon as it is back.
            connection.GetSubscriber().Subscribe(
                TurnStream.Control,
                (_, message) =>
                {
                    if (Guid.TryParse((string?)message, out var turn))
                    {
                        Cancel(turn);
                    }
                },
                CommandFlags.FireAndForget);
        }

        _looking = LookAsync();
    }

    /// <summary>Fires when the person wants the turn to stop. Dispose of it when the turn ends.</summary>
    public Watch Start(Guid turn) => new(this, turn);

    private void Cancel(Guid turn)
    {
        if (!_running.TryGetValue(turn, out var source))
        {
            return;
        }

        try
        {
            // What goes on because of it goes on elsewhere: this may be the thread that reads from Redis.
            _ = source.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The turn has ended a moment ago.
        }
    }

    private async Task LookAsync()
    {
        using var timer = new PeriodicTimer(Look, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                var running = _running.Keys.ToArray();
                if (running.Length > 0)
                {
                    await LookAsync(running);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task LookAsync(Guid[] running)
    {
        try
        {
            await using var command = _dataSource.CreateCommand(LookSql);
            command.Parameters.AddWithValue(running);
            await using var reader = await command.ExecuteReaderAsync(_stopping.Token);
            while (await reader.ReadAsync(_stopping.Token))
            {
                Cancel(reader.GetGuid(0));
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !_stopping.IsCancellationRequested)
        {
            LogTrouble(_logger, ErrorClass.Of(e));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _looking;
        _stopping.Dispose();
    }

    /// <summary>One running turn's place in the look-out.</summary>
    public sealed class Watch : IDisposable
    {
        private readonly TurnCancellations _owner;
        private readonly Guid _turn;
        private readonly CancellationTokenSource _source = new();

        internal Watch(TurnCancellations owner, Guid turn)
        {
            _owner = owner;
            _turn = turn;
            owner._running[turn] = _source;
        }

        public CancellationToken Token => _source.Token;

        public void Dispose()
        {
            _owner._running.TryRemove(new KeyValuePair<Guid, CancellationTokenSource>(_turn, _source));
            _source.Dispose();
        }
    }

    [LoggerMessage(3020, LogLevel.Warning, "Wishes to stop a reply cannot be looked up at the moment: {Error}")]
    private static partial void LogTrouble(ILogger logger, string error);
}
