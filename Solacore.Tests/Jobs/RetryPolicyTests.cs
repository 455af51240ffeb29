using Solacore.Core.Jobs;

namespace Solacore.Tests.Jobs;

public sealed class RetryPolicyTests
{
    [Theory]
    [InlineData(1, 0.5, null, 1.0)]
    [InlineData(1, 0.0, null, 0.9)]
    [InlineData(4, 1.0, null, 8.8)]
    [InlineData(40, 0.5, null, 3600)]
    [InlineData(1, 0.5, 30, 30)]
    [InlineData(1, 0.5, 90_000, 3600)]
    public void delays_double_within_bounds_and_honour_retry_after(int attempt, double jitter, int? retryAfter, double expected)
    {
        var delay = RetryPolicy.Persistent.Delay(attempt, jitter, retryAfter is { } s ? TimeSpan.FromSeconds(s) : null);

        Assert.Equal(expected, delay.TotalSeconds, 3);
    }
}
