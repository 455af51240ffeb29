using Microsoft.Extensions.Time.Testing;

namespace Solacore.Tests.Infrastructure;

/// <summary>A clock that stands still until a test moves it; pauses of less than a second pass by themselves.</summary>
internal sealed class SettableClock(DateTimeOffset now) : FakeTimeProvider(now)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private TimeSpan _error;

    /// <summary>What an operator or the time service does to the wall clock; nothing becomes older or younger by it.</summary>
    public void SetWallClock(TimeSpan ahead) => _error = ahead;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _error;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        dueTime > TimeSpan.Zero && dueTime < Short
            ? System.CreateTimer(callback, state, dueTime, period)
            : base.CreateTimer(callback, state, dueTime, period);
}
