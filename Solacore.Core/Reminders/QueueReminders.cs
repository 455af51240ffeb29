using Solacore.Core.Jobs;

namespace Solacore.Core.Reminders;

/// <summary>Looks for reminders that are due and makes a job of each, for every way in which it can reach its person.</summary>
public sealed record QueueReminders
{
    public static readonly JobKind<QueueReminders> Kind =
        new("reminders.queue", JobLane.Upkeep, RetryPolicy.Standard, TimeSpan.FromMinutes(5));
}
