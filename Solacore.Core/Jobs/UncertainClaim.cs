namespace Solacore.Core.Jobs;

/// <summary>
/// A claim that was not answered may have been committed unseen, and would hold its jobs until the process ends. A server
/// that hung may even commit it after they were asked back: so they are asked back for a while.
/// </summary>
internal sealed record UncertainClaim(Lease Lease, long? FirstHandBack = null)
{
    /// <returns>Null when nothing can come of it any more.</returns>
    public UncertainClaim? AfterHandBack(TimeProvider time, TimeSpan forSoLong)
    {
        var first = FirstHandBack ?? time.GetTimestamp();
        return time.GetElapsedTime(first) < forSoLong ? this with { FirstHandBack = first } : null;
    }
}
