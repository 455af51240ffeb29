using Microsoft.Extensions.Time.Testing;
using Solacore.Core.Turns;

namespace Solacore.Tests.Turns;

/// <summary>Writers of streams are woken in time, and together.</summary>
public sealed class StreamBeatTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly StreamBeat _beat;

    public StreamBeatTests() => _beat = new StreamBeat(_time);

    [Fact]
    public void those_who_wait_until_the_same_beat_go_on_together_one_after_the_other()
    {
        var order = new List<string>();
        var (early, late) = (WaitAsync(21, "early", order), WaitAsync(19, "late", order));

        Pass(15);
        Assert.Empty(order);

        Pass(5);
        Assert.Equal(["early", "late"], order);
        Assert.True(early.IsCompletedSuccessfully && late.IsCompletedSuccessfully);
    }

    [Fact]
    public void whoever_waits_longer_goes_on_at_a_later_beat()
    {
        var order = new List<string>();
        _ = WaitAsync(45, "second", order);
        _ = WaitAsync(10, "first", order);

        Pass(10);
        Assert.Equal(["first"], order);

        Pass(35);
        Assert.Equal(["first", "second"], order);
    }

    [Fact]
    public void the_beat_rests_when_nobody_waits_and_begins_anew()
    {
        var order = new List<string>();
        _ = WaitAsync(5, "before", order);
        Pass(5);
        Pass(1_000);

        _ = WaitAsync(5, "after", order);
        Pass(5);

        Assert.Equal(["before", "after"], order);
    }

    [Fact]
    public void one_whose_waiting_was_ended_does_not_disturb_the_others()
    {
        var order = new List<string>();
        var ended = new TaskCompletionSource();
        _beat.WakeAfter(TimeSpan.FromMilliseconds(5), ended);
        _ = WaitAsync(5, "other", order);

        ended.SetResult();
        Pass(5);

        Assert.Equal(["other"], order);
    }

    private async Task WaitAsync(int milliseconds, string name, List<string> order)
    {
        var waiter = new TaskCompletionSource();
        _beat.WakeAfter(TimeSpan.FromMilliseconds(milliseconds), waiter);
        await waiter.Task.ConfigureAwait(false);
        order.Add(name);
    }

    private void Pass(int milliseconds)
    {
        for (var passed = 0; passed < milliseconds; passed++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }
    }
}
