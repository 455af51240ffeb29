using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Solacore.Core.Data;
using Solacore.Core.Push;
using Solacore.Core.Telemetry;

namespace Solacore.Worker.Reminders;

/// <summary>How notifications go.</summary>
internal sealed class PushMetrics : IZeroInitializedMetrics, IDisposable
{
    // https://docs.expo.dev/push-notifications/sending-notifications/#individual-errors; a label must not grow with what is sent.
    private static readonly FrozenSet<string> Known = FrozenSet.ToFrozenSet(
        [
            PushDelivery.Delivered, PushDelivery.NoReceipt, ExpoPush.DeviceNotRegistered, "MessageTooBig", "MessageRateExceeded", "MismatchSenderId",
            "InvalidCredentials",
        ],
        StringComparer.Ordinal);

    private readonly Meter _meter;
    private readonly Counter<long> _handled;
    private readonly Counter<long> _receipts;

    public PushMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Solacore.Push");
        _handled = _meter.CreateCounter<long>(
            "solacore.push.handled", "{notification}", "Notifications by outcome: sent, skipped (no longer wanted), device_gone, retried, failed.");
        _receipts = _meter.CreateCounter<long>(
            "solacore.push.receipts", "{receipt}", "Receipts by outcome: ok, no_receipt, or the error code of the push service.");
    }

    public void Begin() => Handled("failed", notifications: 0);

    public void Handled(string outcome, int notifications = 1) => _handled.Add(notifications, new KeyValuePair<string, object?>("outcome", outcome));

    public void Receipts(string outcome, int count) =>
        _receipts.Add(count, new KeyValuePair<string, object?>("outcome", Known.Contains(outcome) ? outcome : "other"));

    public void Dispose() => _meter.Dispose();
}
