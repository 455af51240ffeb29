using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;

namespace Solacore.ServiceDefaults;

/// <summary>
/// The state of all dependencies, asked for at most once in <see cref="CacheFor"/> however many callers there are; sooner
/// again while something is down, because a process that has just started is waited for.
/// </summary>
internal sealed class HealthMonitor(HealthProbes probes, IServiceScopeFactory scopes, TimeProvider time, ILogger<HealthMonitor> logger)
{
    public static readonly TimeSpan CacheFor = TimeSpan.FromSeconds(3);

    public static readonly TimeSpan CacheBadFor = TimeSpan.FromSeconds(0.5);

    private readonly Lock _gate = new();
    private readonly DependencyWatch[] _watches =
        [.. probes.All.Select(known => new DependencyWatch(known.Dependency, known.Probe, scopes, time, logger))];
    private Task<HealthState>? _latest;
    private long _latestEnded;

    public Task<HealthState> CurrentAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_latest is null || (_latest.IsCompleted && IsOutdated(_latest.Result)))
            {
                _latest = Task.Run(AskAllAsync, CancellationToken.None);
            }

            return _latest.WaitAsync(cancellationToken);
        }
    }

    private bool IsOutdated(HealthState state) =>
        time.GetElapsedTime(Volatile.Read(ref _latestEnded)) >= (state.IsAllUp ? CacheFor : CacheBadFor);

    private async Task<HealthState> AskAllAsync()
    {
        // The sweep serves many requests and belongs to the trace of none.
        using var untraced = SuppressInstrumentationScope.Begin();
        var answers = await Task.WhenAll(_watches.Select(watch => watch.AskAsync()));
        Volatile.Write(ref _latestEnded, time.GetTimestamp());

        // How the model answered is read from the database: without it the last judgement stands.
        var isDatabaseUp = answers.All(answer => answer.Dependency != Dependency.Database || answer.IsUp);
        return new HealthState(
            time.GetUtcNow(), [.. _watches.Zip(answers, (watch, answer) => watch.Dependency != Dependency.Model || isDatabaseUp ? watch.Judge(answer) : watch.Judged)]);
    }
}

/// <summary>Asks one dependency within a time limit and reports in the log when the judgement of it changes.</summary>
internal sealed partial class DependencyWatch(
    Dependency dependency, Probe probe, IServiceScopeFactory scopes, TimeProvider time, ILogger logger)
{
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);

    private Task _asking = Task.CompletedTask;

    public Dependency Dependency => dependency;

    /// <summary>The latest judgement; at first a good one.</summary>
    public DependencyState Judged { get; private set; } = new(dependency, IsUp: true, TimeSpan.Zero, Error: null);

    public async Task<DependencyState> AskAsync()
    {
        var started = time.GetTimestamp();
        using var limit = new CancellationTokenSource(TimeLimit, time);

        // Has no timer to dispose of, and lives as long as the probe that may outlive this call.
        var giveUp = new CancellationTokenSource();
        string? error = null;
        try
        {
            // A probe that ignored its time limit is waited for again, not joined by a second one.
            if (_asking.IsCompleted)
            {
                _asking = Task.Run(() => AskInScopeAsync(giveUp.Token), CancellationToken.None);
            }

            await _asking.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            error = "timeout";

            // By a source of its own and not awaited: a driver may wait for its frozen server inside the cancellation.
            _ = giveUp.CancelAsync();
        }
        catch (Exception exception)
        {
            error = exception is ProbeException ? exception.Message : ErrorClass.Of(exception);
        }

        return new DependencyState(dependency, error is null, time.GetElapsedTime(started), error);
    }

    private async Task AskInScopeAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await probe(scope.ServiceProvider, cancellationToken);
    }

    /// <summary>Takes an answer as the judgement.</summary>
    public DependencyState Judge(DependencyState answer)
    {
        if (answer.IsUp && !Judged.IsUp)
        {
            LogUp(dependency);
        }
        else if (!answer.IsUp && Judged.IsUp)
        {
            LogDown(dependency, answer.Error!);
        }

        return Judged = answer;
    }

    [LoggerMessage(9001, LogLevel.Warning, "{Dependency} is down: {Error}")]
    private partial void LogDown(Dependency dependency, string error);

    [LoggerMessage(9002, LogLevel.Information, "{Dependency} is up again")]
    private partial void LogUp(Dependency dependency);
}

/// <summary>How a dependency answered; the error is its class or what the probe says, null when the dependency is up.</summary>
internal sealed record DependencyState(Dependency Dependency, bool IsUp, TimeSpan Latency, string? Error);

internal sealed record HealthState(DateTimeOffset At, IReadOnlyList<DependencyState> Dependencies)
{
    public bool IsUp(Dependency dependency) => Dependencies.All(state => state.Dependency != dependency || state.IsUp);

    public bool IsAllUp => Dependencies.All(state => state.IsUp);

    public string Status =>
        !IsUp(Dependency.Database) ? "unhealthy"
        : !IsUp(Dependency.Redis) || !IsUp(Dependency.Model) ? "degraded"
        : "healthy";
}
