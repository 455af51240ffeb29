using Solacore.Core.Jobs;

namespace Solacore.Core.Reminders;

/// <summary>Asks for the receipts of what was pushed.</summary>
public sealed record ReadPushReceipts
{
    public static readonly JobKind<ReadPushReceipts> Kind =
        new("reminders.push_receipts", JobLane.Upkeep, RetryPolicy.Standard, TimeSpan.FromMinutes(5));
}
