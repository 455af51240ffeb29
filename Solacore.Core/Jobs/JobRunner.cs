using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Solacore.Core.Language;

namespace Solacore.Core.Jobs;

/// <summary>
/// Runs what was claimed, each job to one of its ends: done, retried, parked, handed back, or fenced when another worker has
/// taken it over meanwhile.
/// </summary>
internal sealed partial class JobRunner : IAsyncDisposable
{
    /// <summary>Characters that are kept of an error.</summary>
    private const int ErrorLength = 2_000;

    private readonly IServiceScopeFactory _scopes;
    private readonly Dictionary<string, JobHandlerDescriptor> _kinds;
    private readonly JobStore _store;
    private readonly JobCompletions _completions;
    private readonly JobTelemetry _telemetry;
    private readonly QueueErrors _errors;
    private readonly JobWorkerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<JobRunner> _logger;
    private readonly ConcurrentDictionary<TaskCompletionSource, ClaimedJob> _running = new();
    private readonly CancellationTokenSource _hardStop = new();

    public JobRunner(
        IServiceScopeFactory scopes,
        IEnumerable<JobHandlerDescriptor> kinds,
        JobStore store,
        JobTelemetry telemetry,
        QueueErrors errors,
        JobWorkerOptions options,
        TimeProvider time,
        ILogger<JobRunner> logger)
    {
        _scopes = scopes;
        _kinds = kinds.ToDictionary(k => k.Kind, StringComparer.Ordinal);
        _store = store;
        _completions = new JobCompletions(store, errors, time, _hardStop.Token);
        _telemetry = telemetry;
        _errors = errors;
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <summary>The ids of the jobs of these kinds that run now.</summary>
    public long[] Running(string[] kinds) => [.. _running.Values.Where(job => kinds.Contains(job.Kind)).Select(job => job.Id)];

    /// <summary>Takes a place of the lane at once, and leaves it when the job has ended.</summary>
    public void Start(LaneState lane, ClaimedJob job, Lease lease)
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

    /// <summary>Waits for what runs. After <see cref="JobWorkerOptions.Drain"/> it is cancelled, for somebody to hand it back.</summary>
    public async Task DrainAsync()
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

    private async Task RunJobAsync(LaneState lane, ClaimedJob job, Lease lease)
    {
        var kind = _kinds[job.Kind];
        var started = _time.GetTimestamp();
        var outcome = JobOutcome.Fenced;
        try
        {
            using var activity = JobTelemetry.StartRun(job, kind.Lane.IsPriorityZero);
            _telemetry.Started(job, job.Waited);
            outcome = await RunHandlerAsync(kind, job, lease);
            activity?.SetTag("solacore.job.outcome", outcome.Name());
            if (outcome is JobOutcome.Retried or JobOutcome.Parked)
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
                lane.Cursor.Forget();
            }

            if (wasFull || job.IsSerial)
            {
                lane.Wake();
            }
        }
    }

    private async Task<JobOutcome> RunHandlerAsync(JobHandlerDescriptor kind, ClaimedJob job, Lease lease)
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
            LogFenced(_logger, job.Kind, job.Id);
            return JobOutcome.Fenced;
        }
        catch (Exception e)
        {
            return await FailAsync(kind, job, lease, e);
        }

        if (context.IsCompleted || await _completions.CompleteAsync(lease.Id, job))
        {
            return JobOutcome.Done;
        }

        LogFenced(_logger, job.Kind, job.Id);
        return JobOutcome.Fenced;
    }

    private async Task<JobOutcome> FailAsync(JobHandlerDescriptor kind, ClaimedJob job, Lease lease, Exception exception)
    {
        if (lease.Lost.IsCancellationRequested)
        {
            LogFenced(_logger, job.Kind, job.Id);
            return JobOutcome.Fenced;
        }

        if (_hardStop.IsCancellationRequested)
        {
            // RetireAsync hands everything back in one statement, without counting the attempt.
            return JobOutcome.HandedBack;
        }

        var error = Describe(exception);
        if (exception is PermanentJobException || job.Attempt >= job.MaxAttempts)
        {
            LogParked(_logger, exception, job.Kind, job.Id, job.Attempt, ErrorClass.Of(exception));
            return await IsStoredAsync(token => _store.ParkAsync(lease.Id, job, error, token)) ? JobOutcome.Parked : JobOutcome.Fenced;
        }

        var delay = kind.Retry.Delay(job.Attempt, RandomNumberGenerator.GetInt32(1_001) / 1_000d, (exception as RetryLaterException)?.After);
        LogRetried(_logger, job.Kind, job.Id, job.Attempt, ErrorClass.Of(exception), (long)delay.TotalMilliseconds);
        return await IsStoredAsync(token => _store.ReleaseAsync(lease.Id, job, delay, error, token)) ? JobOutcome.Retried : JobOutcome.Fenced;
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
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _errors.Report("release", e);
                await Task.Delay(_options.Poll, _time, _hardStop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
        var text = Wording.WellFormed($"{exception.GetType().Name}: {exception.Message}").Replace('\0', ' ');
        return text.Length <= ErrorLength ? text : text[..(char.IsHighSurrogate(text[ErrorLength - 1]) ? ErrorLength - 1 : ErrorLength)];
    }

    public async ValueTask DisposeAsync()
    {
        await _hardStop.CancelAsync();
        await _completions.DisposeAsync();
        _hardStop.Dispose();
    }

    [LoggerMessage(2011, LogLevel.Warning, "{Kind} job {JobId} was taken over by another worker; nothing of this run was kept")]
    private static partial void LogFenced(ILogger logger, string kind, long jobId);

    [LoggerMessage(2012, LogLevel.Error, "{Kind} job {JobId} is parked after {Attempt} attempts: {Error}")]
    private static partial void LogParked(ILogger logger, Exception exception, string kind, long jobId, int attempt, string error);

    [LoggerMessage(2013, LogLevel.Warning, "{Kind} job {JobId} failed in attempt {Attempt}: {Error}; next run in {DelayMs} ms")]
    private static partial void LogRetried(ILogger logger, string kind, long jobId, int attempt, string error, long delayMs);

    [LoggerMessage(2016, LogLevel.Warning, "The drain is over; {Count} running jobs are handed back")]
    private static partial void LogDrainCut(ILogger logger, int count);
}
