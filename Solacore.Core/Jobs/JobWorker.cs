using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
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

    /// <summary>Characters that are kept of an error.</summary>
    private const int ErrorLength = 2_000;

    private readonly IServiceScopeFactory _scopes;
    private readonly JobWorkerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<JobWorker> _logger;
    private readonly NpgsqlDataSource _dataSource;
    private readonly NpgsqlDataSource? _direct;
    private readonly JobStore _store;
    private readonly JobTelemetry _telemetry;
    private readonly RecurringJobs _recurring;
    private readonly JobCompletions _completions;
    private readonly Dictionary<string, JobRegistration> _kinds;
    private readonly Lane[] _lanes;
    private readonly ConcurrentDictionary<TaskCompletionSource, ClaimedJob> _running = new();
    private readonly CancellationTokenSource _hardStop = new();
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
        _dataSource = dataSource;
        _direct = options.Listen ? direct : null;
        _store = new JobStore(dataSource);
        _telemetry = telemetry;
        _recurring = new RecurringJobs(dataSource, hint, [.. recurring]);
        _completions = new JobCompletions(_store, time, _hardStop.Token);
        _kinds = kinds.ToDictionary(k => k.Kind, StringComparer.Ordinal);
        _lanes = [.. _kinds.Values.GroupBy(k => k.Lane, (lane, group) => new Lane(lane, [.. group.Select(k => k.Kind)], new ClaimStart(options.Poll, time)))];
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
        await DrainAsync();
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
                await _store.RegisterAsync(_lease.Id, _direct is null ? null : _lockKey, stopping);
                return;
            }
            catch (Exception e) when (IsDatabaseTrouble(e))
            {
                Trouble("register", e);
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
        Lease? doubtful = null;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var wanted = Math.Min(lane.Definition.Concurrency - lane.Running, ClaimBatch);
                if (wanted > 0)
                {
                    if (doubtful is not null)
                    {
                        var known = _running.Values.Where(job => lane.Kinds.Contains(job.Kind)).Select(job => job.Id).ToArray();
                        await _store.HandBackUnknownAsync(lane.Definition.Name, doubtful.Id, known, stopping);
                    }

                    // In doubt until its answer is here: a claim that commits unseen would hold its jobs until the process ends.
                    var lease = doubtful = _lease;
                    var jobs = await _store.ClaimAsync(lane.Definition.Name, lane.Kinds, wanted, lease.Id, lane.Start.Next(), CancellationToken.None);
                    doubtful = null;
                    lane.Start.Claimed(jobs, isFull: jobs.Count == wanted);
                    foreach (var job in jobs)
                    {
                        Start(lane, job, lease);
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
                Trouble("claim", e);
                await DelayAsync(_options.Poll, stopping);
            }
            catch (OperationCanceledException)
            {
                // Stopping.
            }
        }
    }

    private void Start(Lane lane, ClaimedJob job, Lease lease)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lane.Enter();
        _running[ended] = job;
        _ = Task.Run(
            async () =>
            {
                try
                {
                    await RunJobAsync(lane, job, lease);
                }
                finally
                {
                    _running.TryRemove(ended, out _);
                    ended.SetResult();
                }
            },
            CancellationToken.None);
    }

    private async Task RunJobAsync(Lane lane, ClaimedJob job, Lease lease)
    {
        var kind = _kinds[job.Kind];
        var started = _time.GetTimestamp();
        var outcome = "fenced";
        try
        {
            using var activity = JobTelemetry.StartRun(job, kind.Lane.IsPriorityZero);
            _telemetry.Started(job, job.Waited);
            outcome = await RunHandlerAsync(kind, job, lease);
            activity?.SetTag("solacore.job.outcome", outcome);
            if (outcome is "retried" or "parked")
            {
                activity?.SetStatus(ActivityStatusCode.Error);
            }
        }
        finally
        {
            _telemetry.Ended(job, outcome, _time.GetElapsedTime(started));
            var wasFull = lane.Leave();
            if (job.IsSerial)
            {
                // The next job with this serial key may run now, even one that the lane has already searched past.
                lane.Start.Forget();
            }

            if (wasFull || job.IsSerial)
            {
                lane.Wake();
            }
        }
    }

    private async Task<string> RunHandlerAsync(JobRegistration kind, ClaimedJob job, Lease lease)
    {
        var context = new JobContext(job.Id, job.Attempt, job.MaxAttempts, lease.Id);
        using var timeout = new CancellationTokenSource(kind.Timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(lease.Lost, _hardStop.Token, timeout.Token);
        try
        {
            await using var scope = _scopes.CreateAsyncScope();
            await kind.RunAsync(scope.ServiceProvider, job.Payload, context, linked.Token);
        }
        catch (LeaseLostException)
        {
            return "fenced";
        }
        catch (Exception e)
        {
            return await FailAsync(kind, job, lease, e);
        }

        if (context.IsCompleted || await _completions.CompleteAsync(lease.Id, job))
        {
            return "done";
        }

        LogFenced(_logger, job.Kind, job.Id);
        return "fenced";
    }

    private async Task<string> FailAsync(JobRegistration kind, ClaimedJob job, Lease lease, Exception exception)
    {
        if (lease.Lost.IsCancellationRequested)
        {
            LogFenced(_logger, job.Kind, job.Id);
            return "fenced";
        }

        if (_hardStop.IsCancellationRequested)
        {
            // RetireAsync hands everything back in one statement, without counting the attempt.
            return "handed_back";
        }

        var error = Describe(exception);
        if (exception is PermanentJobException || job.Attempt >= job.MaxAttempts)
        {
            LogParked(_logger, exception, job.Kind, job.Id, job.Attempt, exception.GetType().Name);
            return await IsStoredAsync(token => _store.ParkAsync(lease.Id, job, error, token)) ? "parked" : "fenced";
        }

        var delay = kind.Retry.Delay(job.Attempt, RandomNumberGenerator.GetInt32(1_001) / 1_000d, (exception as RetryLaterException)?.After);
        LogRetried(_logger, job.Kind, job.Id, job.Attempt, exception.GetType().Name, (long)delay.TotalMilliseconds);
        return await IsStoredAsync(token => _store.ReleaseAsync(lease.Id, job, delay, error, token)) ? "retried" : "fenced";
    }

    /// <summary>
    /// Retries until the failure is stored, however long the database is away: while this process lives, no other worker
    /// takes the job.
    /// </summary>
    /// <returns>False when another worker has taken the job over, or this one stops.</returns>
    private async Task<bool> IsStoredAsync(Func<CancellationToken, Task<bool>> store)
    {
        while (!_hardStop.IsCancellationRequested)
        {
            try
            {
                return await store(_hardStop.Token);
            }
            catch (Exception e) when (IsDatabaseTrouble(e))
            {
                Trouble("release", e);
                await DelayAsync(_options.Poll, _hardStop.Token);
            }
            catch (OperationCanceledException)
            {
                // Stopping: everything is handed back in one statement.
            }
        }

        return false;
    }

    private static string Describe(Exception exception)
    {
        // Postgres text holds neither NUL nor half of a surrogate pair.
        var text = $"{exception.GetType().Name}: {exception.Message}".Replace('\0', ' ');
        return text.Length <= ErrorLength ? text : text[..(char.IsHighSurrogate(text[ErrorLength - 1]) ? ErrorLength - 1 : ErrorLength)];
    }

    private async Task HeartbeatAsync(CancellationToken cancellationToken)
    {
        var lease = _lease;
        if (!await _store.HeartbeatAsync(lease.Id, cancellationToken))
        {
            LogDeclaredDead(_logger);
            var next = new Lease();
            await _store.RegisterAsync(next.Id, _direct is null ? null : _lockKey, cancellationToken);
            _lease = next;
            await lease.LoseAsync();
        }
    }

    private async Task ReclaimAsync(CancellationToken cancellationToken)
    {
        // Whoever could not reach the database for a while does not judge by short silences: it was restarted, and others are
        // about to come back as well.
        if (_time.GetElapsedTime(_lookedAt) > _options.Silence)
        {
            _backAt = _time.GetTimestamp();
        }

        var isJustBack = _backAt is { } back && _time.GetElapsedTime(back) < 2 * _options.Silence;
        var (ready, parked) = await _store.ReclaimAsync(isJustBack ? _options.LongSilence : _options.Silence, _options.LongSilence, cancellationToken);
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
        var depths = await _store.DepthsAsync([.. _lanes.Select(lane => lane.Definition.Name)], cancellationToken);
        _telemetry.Depths(depths, await _store.KindsAsync([.. _kinds.Keys], cancellationToken));
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
                LogDatabaseTrouble(_logger, "listen", e.GetType().Name);
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

    private async Task DrainAsync()
    {
        var running = Task.WhenAll(_running.Keys.Select(ended => ended.Task));
        try
        {
            await running.WaitAsync(_options.Drain, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            LogDrainCut(_logger, _running.Count);
            await _hardStop.CancelAsync();
            await running;
        }
    }

    private async Task LeaveAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), _time);
            await _store.RetireAsync(_lease.Id, limit.Token);
        }
        catch (Exception e) when (IsDatabaseTrouble(e) || e is OperationCanceledException)
        {
            // The sweep of another worker finds the lease silent.
            Trouble("retire", e);
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
                    Trouble(what, e);
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

    /// <summary>The idle connections of the pool are as dead, or as mute, as this one: each would fail one more step.</summary>
    private void Trouble(string step, Exception e)
    {
        LogDatabaseTrouble(_logger, step, e.GetType().Name);
        if (Transient.IsConnectionDead(e) || e.InnerException is TimeoutException)
        {
            _dataSource.Clear();
        }
    }

    private static bool IsDatabaseTrouble(Exception e) => e is DbException or TimeoutException or System.IO.IOException;

    public async ValueTask DisposeAsync()
    {
        await _hardStop.CancelAsync();
        await _completions.DisposeAsync();
        _hardStop.Dispose();
        _lease.Dispose();
        if (_direct is not null)
        {
            await _direct.DisposeAsync();
        }
    }

    /// <summary>What this process claims under; replaced when another worker has declared it dead.</summary>
    private sealed class Lease : IDisposable
    {
        private readonly CancellationTokenSource _lost = new();

        public Lease() => Lost = _lost.Token;

        public Guid Id { get; } = Guid.CreateVersion7();
        public CancellationToken Lost { get; }

        public Task LoseAsync() => _lost.CancelAsync();

        public void Dispose() => _lost.Dispose();
    }

    [LoggerMessage(2010, LogLevel.Warning, "The queue cannot reach the database ({Step}: {Error}); it tries again")]
    private static partial void LogDatabaseTrouble(ILogger logger, string step, string error);

    [LoggerMessage(2011, LogLevel.Warning, "{Kind} job {JobId} was taken over by another worker; nothing of this run was kept")]
    private static partial void LogFenced(ILogger logger, string kind, long jobId);

    [LoggerMessage(2012, LogLevel.Error, "{Kind} job {JobId} is parked after {Attempt} attempts: {Error}")]
    private static partial void LogParked(ILogger logger, Exception exception, string kind, long jobId, int attempt, string error);

    [LoggerMessage(2013, LogLevel.Warning, "{Kind} job {JobId} failed in attempt {Attempt}: {Error}; next run in {DelayMs} ms")]
    private static partial void LogRetried(ILogger logger, string kind, long jobId, int attempt, string error, long delayMs);

    [LoggerMessage(2014, LogLevel.Warning, "Another worker declared this one dead; its jobs are cancelled and it starts anew")]
    private static partial void LogDeclaredDead(ILogger logger);

    [LoggerMessage(2015, LogLevel.Warning, "Took {Ready} jobs over from dead workers; parked {Parked} that had no attempt left")]
    private static partial void LogReclaimed(ILogger logger, int ready, int parked);

    [LoggerMessage(2016, LogLevel.Warning, "The drain is over; {Count} running jobs are handed back")]
    private static partial void LogDrainCut(ILogger logger, int count);
}
