using Microsoft.Extensions.Logging;
using Solacore.Core.Data;

namespace Solacore.Core.Jobs;

/// <summary>
/// Takes jobs from the queue and runs their handlers: one loop per lane, one lease per process. A job costs no thread
/// while it waits. Jobs of a dead worker are ready again within seconds; a worker that was declared dead and comes
/// back finds its leases gone, cancels what it runs and starts anew.
/// </summary>
internal sealed partial class JobWorker(
    IEnumerable<JobHandlerDescriptor> kinds,
    JobStore store,
    WorkerLeases leases,
    QueueGauges gauges,
    JobRunner runner,
    RecurringJobs recurring,
    HintListener hints,
    JobTelemetry telemetry,
    QueueErrors errors,
    JobWorkerOptions options,
    TimeProvider time,
    ILogger<JobWorker> logger) : IDisposable
{
    private const int ClaimBatch = 100;

    private readonly string[] _kinds = [.. kinds.Select(k => k.Kind)];
    private readonly LaneState[] _lanes =
        [.. kinds.GroupBy(k => k.Lane, (lane, group) => new LaneState(lane, [.. group.Select(k => k.Kind)], new ClaimCursor(options.Poll, time)))];

    private volatile Lease _lease = new();
    private long _lookedAt;
    private long? _backAt;

    /// <summary>Runs until <paramref name="stopping"/> fires, then drains and hands back what is left.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        telemetry.Begin(_kinds);
        _lookedAt = time.GetTimestamp();
        await RegisterAsync(stopping);
        using var background = new CancellationTokenSource();
        Task[] loops =
        [
            RunPeriodicallyAsync("heartbeat", options.Heartbeat, HeartbeatAsync, background.Token),
            RunPeriodicallyAsync("reclaim", options.Heartbeat, ReclaimAsync, background.Token),
            RunPeriodicallyAsync("recurring", options.Poll, recurring.EnqueueDueAsync, stopping),
            RunPeriodicallyAsync("depths", TimeSpan.FromSeconds(5), ReadDepthsAsync, background.Token),
            hints.ListenAsync(Wake, WakeAll, background.Token),
        ];
        await Task.WhenAll(_lanes.Select(lane => RunLaneAsync(lane, stopping)));
        await runner.DrainAsync();
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
                await leases.RegisterAsync(_lease.Id, hints.LockKey, stopping);
                return;
            }
            catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
            {
                errors.Report("register", e);
                await DelayAsync(options.Poll, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task RunLaneAsync(LaneState lane, CancellationToken stopping)
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
                    lane.Cursor.Claimed(jobs, isFull: jobs.Count == wanted);
                    foreach (var job in jobs)
                    {
                        runner.Start(lane, job, lease);
                    }

                    if (jobs.Count == wanted)
                    {
                        continue;
                    }

                    var due = await store.NextDueAsync(lane.Definition.Name, stopping);
                    await lane.WaitAsync(due < options.Poll ? due.Value : options.Poll, time, stopping);
                }
                else
                {
                    await lane.WaitAsync(options.Poll, time, stopping);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                errors.Report("claim", e);
                await DelayAsync(options.Poll, stopping);
            }
            catch (OperationCanceledException)
            {
                // Stopping.
            }
        }
    }

    private async Task<IReadOnlyList<ClaimedJob>> ClaimAsync(LaneState lane, int wanted, Lease lease, CancellationToken stopping)
    {
        if (lane.UncertainClaim is { } uncertain)
        {
            await store.HandBackUnknownAsync(lane.Definition.Name, uncertain.Lease.Id, runner.Running(lane.Kinds), stopping);
            lane.UncertainClaim = uncertain.AfterHandBack(time, options.LongSilence);
        }

        try
        {
            return await store.ClaimAsync(lane.Definition.Name, lane.Kinds, wanted, lease.Id, lane.Cursor.Next(), CancellationToken.None);
        }
        catch
        {
            lane.UncertainClaim = new UncertainClaim(lease);
            throw;
        }
    }

    private async Task HeartbeatAsync(CancellationToken cancellationToken)
    {
        var lease = _lease;
        if (!await leases.HeartbeatAsync(lease.Id, cancellationToken))
        {
            LogDeclaredDead(logger);
            var next = new Lease();
            await leases.RegisterAsync(next.Id, hints.LockKey, cancellationToken);
            _lease = next;
            await lease.LoseAsync();
        }
    }

    private async Task ReclaimAsync(CancellationToken cancellationToken)
    {
        // Whoever could not reach the database for a while judges nobody by silence: all were silent, and are about to come back.
        if (time.GetElapsedTime(_lookedAt) > options.Silence)
        {
            _backAt = time.GetTimestamp();
        }

        var isJustBack = _backAt is { } back && time.GetElapsedTime(back) < 2 * options.Silence;
        if (!isJustBack)
        {
            await leases.RevokeDeadWorkersAsync(options.Silence, options.LongSilence, cancellationToken);
        }

        var (ready, parked) = await leases.ReclaimAsync(cancellationToken);
        _lookedAt = time.GetTimestamp();
        if (ready.Count > 0 || parked > 0)
        {
            var reclaimed = ready.Values.Sum();
            LogReclaimed(logger, reclaimed, parked);
            telemetry.Reclaimed(reclaimed + parked);
            WakeAll();
        }
    }

    private async Task ReadDepthsAsync(CancellationToken cancellationToken)
    {
        var depths = await gauges.DepthsAsync([.. _lanes.Select(lane => lane.Definition.Name)], _kinds, cancellationToken);
        telemetry.Depths(depths, await gauges.KindsAsync(_kinds, cancellationToken));
    }

    private void Wake(string lane) => _lanes.FirstOrDefault(l => l.Definition.Name == lane)?.Wake();

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
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), time);
            await leases.RetireAsync(_lease.Id, limit.Token);
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e) || e is OperationCanceledException)
        {
            // The sweep of another worker finds the lease silent.
            errors.Report("retire", e);
        }
    }

    private async Task RunPeriodicallyAsync(string step, TimeSpan period, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(period, time);
        try
        {
            do
            {
                try
                {
                    await run(cancellationToken);
                }
                catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    errors.Report(step, e);
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
        await Task.Delay(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public void Dispose() => _lease.Dispose();

    [LoggerMessage(2014, LogLevel.Warning, "Another worker declared this one dead; its jobs are cancelled and it starts anew")]
    private static partial void LogDeclaredDead(ILogger logger);

    [LoggerMessage(2015, LogLevel.Warning, "Took {Ready} jobs over from dead workers; parked {Parked} that had no attempt left")]
    private static partial void LogReclaimed(ILogger logger, int ready, int parked);
}
