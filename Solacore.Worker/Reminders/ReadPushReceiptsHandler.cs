using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Push;
using Solacore.Core.Reminders;

namespace Solacore.Worker.Reminders;

/// <summary>Reads what became of notifications that the push service has taken, and drops the tokens that are dead.</summary>
internal sealed partial class ReadPushReceiptsHandler(
    ExpoPush expo, PushTokens tokens, SolacoreDb db, PushMetrics metrics, TimeProvider time, ILogger<ReadPushReceiptsHandler> logger)
    : IJobHandler<ReadPushReceipts>
{
    // The push service asks to wait a quarter of an hour, and keeps receipts for a day.
    private static readonly TimeSpan Earliest = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Latest = TimeSpan.FromHours(24);

    public async Task HandleAsync(ReadPushReceipts payload, JobContext job, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var after = DateTimeOffset.MinValue;
        while (true)
        {
            // By the time of sending, and never the same ones again in one run: many have no receipt yet.
            var batch = await db.PushDeliveries
                .Where(d => d.Receipt == null && d.SentAt <= now - Earliest && d.SentAt > after)
                .OrderBy(d => d.SentAt)
                .Take(ExpoPush.MaxReceipts)
                .ToListAsync(cancellationToken);
            if (batch.Count == 0)
            {
                return;
            }

            var receipts = await expo.ReceiptsAsync([.. batch.Select(d => d.TicketId)], cancellationToken);
            await KeepAsync(batch, receipts, now, cancellationToken);
            after = batch[^1].SentAt;
        }
    }

    private async Task KeepAsync(
        List<PushDelivery> batch, IReadOnlyDictionary<string, string?> receipts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var delivery in batch)
        {
            if (receipts.TryGetValue(delivery.TicketId, out var error))
            {
                delivery.Receipt = error ?? PushDelivery.Delivered;
            }
            else if (delivery.SentAt < now - Latest)
            {
                delivery.Receipt = PushDelivery.NoReceipt;
            }

            delivery.ReceiptAt = delivery.Receipt is null ? null : now;
        }

        await db.SaveChangesAsync(cancellationToken);
        foreach (var sent in batch.Where(d => d.Receipt == ExpoPush.DeviceNotRegistered))
        {
            await tokens.DropDeadAsync(sent.DeviceId, sent.SentAt, cancellationToken);
        }

        foreach (var (outcome, count) in batch.Where(d => d.Receipt is not null).CountBy(d => d.Receipt!))
        {
            metrics.Receipts(outcome, count);
            if (outcome is not (PushDelivery.Delivered or ExpoPush.DeviceNotRegistered))
            {
                LogUndelivered(logger, count, outcome);
            }
        }

        db.ChangeTracker.Clear();
    }

    [LoggerMessage(5101, LogLevel.Warning, "{Count} notifications were not delivered: {Error}")]
    private static partial void LogUndelivered(ILogger logger, int count, string error);
}
