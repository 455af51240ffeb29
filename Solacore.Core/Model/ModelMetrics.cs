using System.Diagnostics.Metrics;
using Solacore.Core.Telemetry;

namespace Solacore.Core.Model;

/// <summary>What models do and cost.</summary>
public sealed class ModelMetrics : IZeroInitializedMetrics, IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _calls;
    private readonly Counter<long> _tokens;
    private readonly Counter<double> _cost;
    private readonly Counter<long> _overBudget;

    public ModelMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Solacore.Model");
        _calls = _meter.CreateCounter<long>("solacore.model.calls", "{call}", "Calls by model, purpose and outcome.");
        _tokens = _meter.CreateCounter<long>("gen_ai.client.token.usage", "{token}", "Tokens by model and direction.");
        _cost = _meter.CreateCounter<double>("solacore.model.cost", "{USD}", "US dollars by model and purpose, by the price table.");
        _overBudget = _meter.CreateCounter<long>("solacore.model.over_budget", "{call}", "Calls that were not made, by the cap that they would have broken.");
    }

    public void Begin()
    {
        foreach (var cap in (ReadOnlySpan<string>)["session", "day", "period"])
        {
            OverBudget(cap, calls: 0);
        }
    }

    internal void Ended(Reservation call)
    {
        KeyValuePair<string, object?> model = new("gen_ai.response.model", call.Route.Model);
        KeyValuePair<string, object?> purpose = new("solacore.model.purpose", call.Purpose.Name());
        _calls.Add(1, model, purpose, new("outcome", call.Outcome!.Value.Name()));
        _tokens.Add(call.InputTokens, model, new("gen_ai.token.type", "input"));
        _tokens.Add(call.OutputTokens, model, new("gen_ai.token.type", "output"));
        _cost.Add(call.Cost / 1_000_000d, model, purpose);
    }

    internal void OverBudget(string cap, int calls = 1) => _overBudget.Add(calls, new KeyValuePair<string, object?>("cap", cap));

    public void Dispose() => _meter.Dispose();
}
