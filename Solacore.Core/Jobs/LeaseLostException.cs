namespace Solacore.Core.Jobs;

/// <summary>The job runs elsewhere by now; nothing of this run may be kept.</summary>
public sealed class LeaseLostException(params long[] jobIds) : Exception(
    $"One of the jobs {string.Join(", ", jobIds)} was taken over by another worker.");
