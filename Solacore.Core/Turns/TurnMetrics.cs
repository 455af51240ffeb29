using System.Diagnostics.Metrics;
using Solacore.Core.Model;
using Solacore.Core.Watch;

namespace Solacore.Core.Turns;

/// <summary>How replies go: time to the first token, tokens, ends.</summary>
public sealed class TurnMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _fellBack;
    private readonly Counter<long> _tokens;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _duration;

    public TurnMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Solacore.Turns");
        _ended = _meter.CreateCounter<long>("solacore.turns.ended", "{turn}", "Turns by outcome: completed, cancelled, failed.");
        _fellBack = _meter.CreateCounter<long>("solacore.turns.fallback", "{turn}", "Turns that the offline coach answered because no model did.");
        _tokens = _meter.CreateCounter<long>("gen_ai.client.token.usage", "{token}", "Tokens by model and direction.");
        _firstToken = _meter.CreateMoments("solacore.turns.first_token", "From the message's acceptance to the first piece of its reply.");
        _duration = _meter.CreateMoments("solacore.turns.duration", "From the claim to the end.");
    }

    public void FirstToken(string? model, TimeSpan after) => _firstToken.Record(Math.Max(0, after.TotalSeconds), Model(model));

    public void FellBack() => _fellBack.Add(1);

    public void Ended(string outcome, ReplyUsage usage, TimeSpan after)
    {
        _ended.Add(1, new KeyValuePair<string, object?>("outcome", outcome), Model(usage.Model));
        _duration.Record(after.TotalSeconds, Model(usage.Model));
        _tokens.Add(usage.InputTokens, Model(usage.Model), new("gen_ai.token.type", "input"));
        _tokens.Add(usage.OutputTokens, Model(usage.Model), new("gen_ai.token.type", "output"));
    }

    private static KeyValuePair<string, object?> Model(string? model) => new("gen_ai.response.model", model ?? "offline");

    public void Dispose() => _meter.Dispose();
}
