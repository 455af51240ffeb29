using System.Diagnostics.Metrics;

namespace Solacore.Worker.Upkeep;

/// <summary>What upkeep removed and repaired.</summary>
internal sealed class UpkeepMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _purged;
    private readonly Counter<long> _lostTurns;

    public UpkeepMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Solacore.Upkeep");
        _purged = _meter.CreateCounter<long>("solacore.upkeep.purged", "{row}", "Rows removed because of their age, by table.");
        _lostTurns = _meter.CreateCounter<long>("solacore.upkeep.lost_turns", "{turn}", "Turns failed because no job cared for them; any is a bug.");
    }

    public void Purged(string table, int rows) => _purged.Add(rows, new KeyValuePair<string, object?>("table", table));

    public void LostTurns(int turns) => _lostTurns.Add(turns);

    public void Dispose() => _meter.Dispose();
}
