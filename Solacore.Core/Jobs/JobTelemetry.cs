using System.Diagnostics;
using System.Diagnostics.Metrics;
using Solacore.Core.Telemetry;

namespace Solacore.Core.Jobs;

/// <summary>Traces and metrics of the queue, under the names of the messaging conventions where they have one.</summary>
internal sealed class JobTelemetry : IDisposable
{
    public const string Name = "Solacore.Jobs";

    private static readonly ActivitySource Source = new(Name);

    private readonly Meter _meter;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _reclaimed;
    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _duration;
    private readonly TimeProvider _time;
    private volatile IReadOnlyList<LaneDepth> _depths = [];
    private volatile IReadOnlyList<KindState> _kinds = [];
    private long _readAt;

    public JobTelemetry(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        _readAt = time.GetTimestamp();
        _meter = meters.Create(Name);
        _ended = _meter.CreateCounter<long>("solacore.jobs.ended", "{job}", "Runs by kind and outcome: done, retried, parked, fenced, handed_back.");
        _reclaimed = _meter.CreateCounter<long>("solacore.jobs.reclaimed", "{job}", "Jobs taken away from dead workers.");
        _wait = _meter.CreateWaits("solacore.jobs.wait", "From due to claimed.");
        _duration = _meter.CreateMoments("messaging.process.duration", "One run of a handler.");
        _meter.CreateObservableGauge("solacore.jobs.ready", () => Observe(d => d.Ready), "{job}", "Due and not claimed.");
        _meter.CreateObservableGauge("solacore.jobs.scheduled", () => Observe(d => d.Scheduled), "{job}", "Waiting for their time.");
        _meter.CreateObservableGauge("solacore.jobs.leased", () => Observe(d => d.Leased), "{job}", "Running.");
        _meter.CreateObservableGauge("solacore.jobs.oldest_ready", () => ObserveAge(), "s", "Age of the oldest due job.");
        _meter.CreateObservableGauge(
            "solacore.jobs.oldest", () => ObserveKinds(k => k.Oldest.TotalSeconds), "s", "Since the oldest job that has not ended was enqueued; of use for kinds that run at once.");
        _meter.CreateObservableGauge("solacore.jobs.parked", () => ObserveKinds(k => k.Parked), "{job}", "Dead letters that wait for an operator.");
        _meter.CreateObservableGauge(
            "solacore.jobs.reading_age", () => _time.GetElapsedTime(Volatile.Read(ref _readAt)).TotalSeconds, "s", "Since the other gauges were read from the database.");
    }

    /// <summary>Starts the consumer span as a child of whoever enqueued the job: one trace from the request to the effect.</summary>
    /// <param name="isPriorityZero">Whether an error in it wakes somebody.</param>
    public static Activity? StartRun(ClaimedJob job, bool isPriorityZero)
    {
        var parent = ActivityContext.TryParse(job.Traceparent, null, isRemote: true, out var context) ? context : default;
        var activity = Source.StartActivity($"process {job.Kind}", ActivityKind.Consumer, parent);
        activity?.SetTag("messaging.system", "solacore");
        activity?.SetTag("messaging.operation.type", "process");
        activity?.SetTag("messaging.destination.name", job.Kind);
        activity?.SetTag("messaging.message.id", job.Id);
        activity?.SetTag("solacore.job.attempt", job.Attempt);
        activity?.SetTag("solacore.job.waited_ms", (long)job.Waited.TotalMilliseconds);
        if (isPriorityZero)
        {
            activity?.SetTag(SystemNames.PriorityZeroTag, true);
        }

        return activity;
    }

    /// <summary>
    /// Makes the series of failures exist at zero: an alert on any failure compares two samples, and a counter that
    /// appeared with the first one would have only one.
    /// </summary>
    public void Begin(IEnumerable<string> kinds)
    {
        foreach (var kind in kinds)
        {
            _ended.Add(0, new("messaging.destination.name", kind), new("outcome", JobOutcome.Retried.Name()));
            _ended.Add(0, new("messaging.destination.name", kind), new("outcome", JobOutcome.Parked.Name()));
        }
    }

    public void Started(ClaimedJob job, TimeSpan waited) =>
        _wait.Record(Math.Max(0, waited.TotalSeconds), new KeyValuePair<string, object?>("messaging.destination.name", job.Kind));

    public void Ended(ClaimedJob job, JobOutcome outcome, TimeSpan took)
    {
        var kind = new KeyValuePair<string, object?>("messaging.destination.name", job.Kind);
        _ended.Add(1, kind, new KeyValuePair<string, object?>("outcome", outcome.Name()));
        _duration.Record(took.TotalSeconds, kind);
    }

    public void Reclaimed(int jobs) => _reclaimed.Add(jobs);

    public void Depths(IReadOnlyList<LaneDepth> depths, IReadOnlyList<KindState> kinds)
    {
        _depths = depths;
        _kinds = kinds;
        Volatile.Write(ref _readAt, _time.GetTimestamp());
    }

    private IEnumerable<Measurement<long>> Observe(Func<LaneDepth, long> value) =>
        _depths.Select(d => new Measurement<long>(value(d), new KeyValuePair<string, object?>("lane", d.Lane)));

    private IEnumerable<Measurement<double>> ObserveAge() =>
        _depths.Select(d => new Measurement<double>(d.OldestReady.TotalSeconds, new KeyValuePair<string, object?>("lane", d.Lane)));

    private IEnumerable<Measurement<T>> ObserveKinds<T>(Func<KindState, T> value)
        where T : struct =>
        _kinds.Select(k => new Measurement<T>(value(k), new KeyValuePair<string, object?>("messaging.destination.name", k.Kind)));

    public void Dispose() => _meter.Dispose();
}
