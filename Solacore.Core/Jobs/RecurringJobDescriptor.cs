namespace Solacore.Core.Jobs;

/// <summary>A kind of work that comes back by the clock, with one owner across all workers.</summary>
internal sealed record RecurringJobDescriptor(string Kind, string Cron, string Lane, string Payload, int MaxAttempts);
