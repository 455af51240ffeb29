using System.Diagnostics.Metrics;
using Solacore.Core.Data;
using Solacore.Core.Model;
using Solacore.Core.Telemetry;

namespace Solacore.Core.Turns;

/// <summary>How replies go: time to the first token, ends.</summary>
public sealed class TurnMetrics : IZeroInitializedMetrics, IDisposable
{
    private const string Outcome = "outcome";
    private const string Reason = "reason";

    private readonly string?[] _models;
    private readonly Meter _meter;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _fellBack;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _duration;

    public TurnMetrics(IMeterFactory meters, ModelOptions options)
    {
        _models = [null, .. options.Routes.Select(route => route.Model)];
        _meter = meters.Create("Solacore.Turns");
        _ended = _meter.CreateCounter<long>("solacore.turns.ended", "{turn}", "Turns by outcome: completed, cancelled, failed.");
        _fellBack = _meter.CreateCounter<long>("solacore.turns.fallback", "{turn}", "Turns that the offline coach answered because no model did, by reason: no_answer, no_price, over_budget.");
        _firstToken = _meter.CreateMoments("solacore.turns.first_token", "From the message's acceptance to the first piece of its reply.");
        _duration = _meter.CreateMoments("solacore.turns.duration", "From the claim to the end.");
    }

    public void Begin()
    {
        foreach (var model in _models)
        {
            _ended.Add(0, new(Outcome, TurnStatus.Failed.Name()), Model(model));
        }

        _fellBack.Add(0, new KeyValuePair<string, object?>(Reason, "no_answer"));
    }

    public void FirstToken(string? model, TimeSpan after) => _firstToken.Record(Math.Max(0, after.TotalSeconds), Model(model));

    public void FellBack(string reason) => _fellBack.Add(1, new KeyValuePair<string, object?>(Reason, reason));

    public void Ended(TurnStatus outcome, ReplyUsage usage, TimeSpan after)
    {
        _ended.Add(1, new KeyValuePair<string, object?>(Outcome, outcome.Name()), Model(usage.Model));
        _duration.Record(after.TotalSeconds, Model(usage.Model));
    }

    private static KeyValuePair<string, object?> Model(string? model) => new("gen_ai.response.model", model ?? "offline");

    public void Dispose() => _meter.Dispose();
}
