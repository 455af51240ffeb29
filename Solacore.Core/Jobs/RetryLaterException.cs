namespace Solacore.Core.Jobs;

/// <summary>The other side asked the caller to back off for a while (<c>Retry-After</c>).</summary>
public sealed class RetryLaterException(TimeSpan after, string reason) : Exception(reason)
{
    public TimeSpan After { get; } = after;
}
