using System.Diagnostics.Metrics;

namespace Solacore.Core.Billing.Stores;

/// <summary>How far what we know agrees with the stores.</summary>
public sealed class BillingMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _compared;
    private readonly Counter<long> _repaired;
    private readonly Counter<long> _backfilled;
    private readonly Counter<long> _orphaned;
    private readonly Counter<long> _surplus;

    public BillingMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Solacore.Billing");
        _compared = _meter.CreateCounter<long>("solacore.billing.compared", "{subscription}", "Subscriptions or subscribers compared with their store.");
        _repaired = _meter.CreateCounter<long>("solacore.billing.repaired", "{subscription}", "Those about which the store said something else; lost events, mostly.");
        _backfilled = _meter.CreateCounter<long>("solacore.billing.backfilled", "{event}", "Events that Stripe could not deliver and that were fetched.");
        _orphaned = _meter.CreateCounter<long>("solacore.billing.orphaned", "{subscription}", "Live subscriptions at Stripe of nobody here, each time one is seen.");
        _surplus = _meter.CreateCounter<long>("solacore.billing.surplus_ended", "{subscription}", "Former subscriptions ended because a newer one took their place.");
    }

    public void Compared(BillingSource source) => _compared.Add(1, new KeyValuePair<string, object?>("source", source.Name()));

    public void Repaired(BillingSource source) => _repaired.Add(1, new KeyValuePair<string, object?>("source", source.Name()));

    public void Backfilled() => _backfilled.Add(1);

    public void Orphaned() => _orphaned.Add(1);

    public void SurplusEnded() => _surplus.Add(1);

    public void Dispose() => _meter.Dispose();
}
