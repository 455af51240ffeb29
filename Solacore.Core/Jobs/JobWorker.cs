using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Solacore.Core.Data;

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

/// <summary>
/// Takes jobs from the queue and runs their handlers: one loop per lane, one lease per process. A job costs no thread
/// while it waits. Jobs of a dead worker are ready again within seconds; a worker that was declared dead and comes
/// back finds its leases gone, cancels what it runs and starts anew.
/// </summary>
public sealed partial class JobWorker : IAsyncDisposable
{
    private const int ClaimBatch = 100;

    private readonly IServiceScopeFactory _scopes;
    private readonly JobWorkerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<JobWorker> _logger;
    private readonly NpgsqlDataSource? _direct;
    private readonly JobStore _store;
    private readonly WorkerLeases _leases;
    private readonly QueueGauges _gauges;
    private readonly JobTelemetry _telemetry;
    private readonly RecurringJobs _recurring;
    private readonly QueueTrouble _trouble;
    private readonly JobRunner _runner;
    private readonly Dictionary<string, JobRegistration> _kinds;
    private readonly Lane[] _lanes;
    private readonly long _lockKey = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));
    private volatile Lease _lease = new();
    private long _lookedAt;
    private long? _backAt;

    internal JobWorker(
        IServiceScopeFactory scopes,
        IEnumerable<JobRegistration> kinds,
        IEnumerable<RecurringRegistration> recurring,
        NpgsqlDataSource dataSource,
        NpgsqlDataSource? direct,
        JobTelemetry telemetry,
        WakeHint hint,
        JobWorkerOptions options,
        TimeProvider time,
        ILogger<JobWorker> logger)
    {
        _scopes = scopes;
        _options = options;
        _time = time;
        _logger = logger;
        _direct = options.Listen ? direct : null;
        _store = new JobStore(dataSource);
        _leases = new WorkerLeases(dataSource);
        _gauges = new QueueGauges(dataSource);
        _telemetry = telemetry;
        _recurring = new RecurringJobs(dataSource, hint, [.. recurring]);
        _kinds = kinds.ToDictionary(k => k.Kind, StringComparer.Ordinal);
        _trouble = new QueueTrouble(dataSource, logger);
        _runner = new JobRunner(scopes, _kinds, _store, telemetry, _trouble, options, time, logger);
        _lanes = [.. _kinds.Values.GroupBy(k => k.Lane, (lane, group) => new Lane(lane, [.. group.Select(k => k.Kind)], new ClaimStart(options.Poll, time)))];
    }

    /// <summary>Waits until the schema is as new as the code: until then workers of the release before do the work.</summary>
    public async Task AwaitSchemaAsync(CancellationToken stopping)
    {
        while (!await IsSchemaCurrentAsync(stopping))
        {
            await Task.Delay(_options.Poll, _time, stopping);
        }
    }

    private async Task<bool> IsSchemaCurrentAsync(CancellationToken stopping)
    {
        try
        {
            await using var scope = _scopes.CreateAsyncScope();
            return await Migrator.IsCurrentAsync(scope.ServiceProvider.GetRequiredService<SolacoreDb>(), stopping);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            _trouble.Note("schema", e);
            return false;
        }
    }

    /// <summary>Runs until <paramref name="stopping"/> fires, then drains and hands back what is left.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        _telemetry.Begin(_kinds.Keys);
        _lookedAt = _time.GetTimestamp();
        await RegisterAsync(stopping);
        using var background = new CancellationTokenSource();
        var loops = new List<Task>
        {
            KeepAsync("heartbeat", _options.Heartbeat, HeartbeatAsync, background.Token),
            KeepAsync("reclaim", _options.Heartbeat, ReclaimAsync, background.Token),
            KeepAsync("recurring", _options.Poll, _recurring.EnqueueDueAsync, stopping),
            KeepAsync("depths", TimeSpan.FromSeconds(5), ReadDepthsAsync, background.Token),
        };
        if (_direct is not null)
        {
            loops.Add(ListenAsync(_direct, background.Token));
        }

        await Task.WhenAll(_lanes.Select(lane => RunLaneAsync(lane, stopping)));
        await _runner.DrainAsync();
        await background.CancelAsync();
        await Task.WhenAll(loops);
        await LeaveAsync();
    }

    private async Task RegisterAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await _leases.RegisterAsync(_lease.Id, _direct is null ? null : _lockKey, stopping);
                return;
            }
            catch (Exception e) when (QueueTrouble.Is(e))
            {
                _trouble.Note("register", e);
                await DelayAsync(_options.Poll, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task RunLaneAsync(Lane lane, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var wanted = Math.Min(lane.Definition.Concurrency - lane.Running, ClaimBatch);
                if (wanted > 0)
                {
                    var lease = _lease;
                    var jobs = await ClaimAsync(lane, wanted, lease, stopping);
                    lane.Start.Claimed(jobs, isFull: jobs.Count == wanted);
                    foreach (var job in jobs)
                    {
                        _runner.Start(lane, job, lease);
                    }

                    if (jobs.Count == wanted)
                    {
                        continue;
                    }

                    var due = await _store.NextDueAsync(lane.Definition.Name, stopping);
                    await lane.WaitAsync(due < _options.Poll ? due.Value : _options.Poll, _time, stopping);
                }
                else
                {
                    await lane.WaitAsync(_options.Poll, _time, stopping);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _trouble.Note("claim", e);
                await DelayAsync(_options.Poll, stopping);
            }
            catch (OperationCanceledException)
            {
                // Stopping.
            }
        }
    }

    private async Task<IReadOnlyList<ClaimedJob>> ClaimAsync(Lane lane, int wanted, Lease lease, CancellationToken stopping)
    {
        if (lane.Doubt is { } doubt)
        {
            await _store.HandBackUnknownAsync(lane.Definition.Name, doubt.Lease.Id, _runner.Running(lane.Kinds), stopping);
            lane.Doubt = doubt.AfterHandBack(_time, _options.LongSilence);
        }

        try
        {
            return await _store.ClaimAsync(lane.Definition.Name, lane.Kinds, wanted, lease.Id, lane.Start.Next(), CancellationToken.None);
        }
        catch
        {
            lane.Doubt = new ClaimDoubt(lease);
            throw;
        }
    }

    private async Task HeartbeatAsync(CancellationToken cancellationToken)
    {
        var lease = _lease;
        if (!await _leases.HeartbeatAsync(lease.Id, cancellationToken))
        {
            LogDeclaredDead(_logger);
            var next = new Lease();
            await _leases.RegisterAsync(next.Id, _direct is null ? null : _lockKey, cancellationToken);
            _lease = next;
            await lease.LoseAsync();
        }
    }

    private async Task ReclaimAsync(CancellationToken cancellationToken)
    {
        // Whoever could not reach the database for a while judges nobody by silence: all were silent, and are about to come back.
        if (_time.GetElapsedTime(_lookedAt) > _options.Silence)
        {
            _backAt = _time.GetTimestamp();
        }

        var isJustBack = _backAt is { } back && _time.GetElapsedTime(back) < 2 * _options.Silence;
        if (!isJustBack)
        {
            await _leases.RevokeDeadWorkersAsync(_options.Silence, _options.LongSilence, cancellationToken);
        }

        var (ready, parked) = await _leases.ReclaimAsync(cancellationToken);
        _lookedAt = _time.GetTimestamp();
        if (ready.Count > 0 || parked > 0)
        {
            var reclaimed = ready.Values.Sum();
            LogReclaimed(_logger, reclaimed, parked);
            _telemetry.Reclaimed(reclaimed + parked);
            WakeAll();
        }
    }

    private async Task ReadDepthsAsync(CancellationToken cancellationToken)
    {
        string[] kinds = [.. _kinds.Keys];
        var depths = await _gauges.DepthsAsync([.. _lanes.Select(lane => lane.Definition.Name)], kinds, cancellationToken);
        _telemetry.Depths(depths, await _gauges.KindsAsync(kinds, cancellationToken));
    }

    /// <summary>
    /// Holds the connection that delivers the hints and proves this process alive: its advisory lock is released when the
    /// connection closes.
    /// </summary>
    private async Task ListenAsync(NpgsqlDataSource direct, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await direct.OpenConnectionAsync(cancellationToken);
                connection.Notification += (_, e) => _lanes.FirstOrDefault(l => l.Definition.Name == e.Payload)?.Wake();
                await using (var batch = new NpgsqlBatch(connection))
                {
                    batch.BatchCommands.Add(new NpgsqlBatchCommand("select pg_advisory_lock($1)") { Parameters = { new() { Value = _lockKey } } });
                    batch.BatchCommands.Add(new NpgsqlBatchCommand("listen " + WakeHint.ChannelName));
                    await batch.ExecuteNonQueryAsync(cancellationToken);
                }

                // Hints sent while nobody listened are lost.
                WakeAll();
                while (true)
                {
                    await connection.WaitAsync(cancellationToken);
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                _trouble.Note("listen", e);
                await DelayAsync(_options.Poll, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void WakeAll()
    {
        foreach (var lane in _lanes)
        {
            lane.Wake();
        }
    }

    private async Task LeaveAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), _time);
            await _leases.RetireAsync(_lease.Id, limit.Token);
        }
        catch (Exception e) when (QueueTrouble.Is(e) || e is OperationCanceledException)
        {
            // The sweep of another worker finds the lease silent.
            _trouble.Note("retire", e);
        }
    }

    private async Task KeepAsync(string what, TimeSpan period, Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(period, _time);
        try
        {
            do
            {
                try
                {
                    await step(cancellationToken);
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    _trouble.Note(what, e);
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken) =>
        await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public async ValueTask DisposeAsync()
    {
        await _runner.DisposeAsync();
        _lease.Dispose();
        if (_direct is not null)
        {
            await _direct.DisposeAsync();
        }
    }

    [LoggerMessage(2014, LogLevel.Warning, "Another worker declared this one dead; its jobs are cancelled and it starts anew")]
    private static partial void LogDeclaredDead(ILogger logger);

    [LoggerMessage(2015, LogLevel.Warning, "Took {Ready} jobs over from dead workers; parked {Parked} that had no attempt left")]
    private static partial void LogReclaimed(ILogger logger, int ready, int parked);
}
