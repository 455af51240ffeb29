using Solacore.Core.Turns;

namespace Solacore.Tests.Turns;

/// <summary>Turns that begin and end wait for each other, in order, and for nobody who has given up.</summary>
public sealed class TurnGateTests
{
    [Fact]
    public async Task who_finds_no_place_waits_in_the_order_of_arrival()
    {
        var stop = TestContext.Current.CancellationToken;
        using var gate = new TurnGate();
        var inside = await Task.WhenAll(Enumerable.Range(0, TurnGate.Places).Select(_ => gate.EnterAsync(stop)));
        var (first, second) = (gate.EnterAsync(stop), gate.EnterAsync(stop));
        Assert.False(first.IsCompleted);

        inside[0].Dispose();
        using (await first)
        {
            Assert.False(second.IsCompleted);
        }

        (await second).Dispose();
    }

    [Fact]
    public async Task who_gives_up_takes_no_place()
    {
        using var gate = new TurnGate();
        var stop = TestContext.Current.CancellationToken;
        var inside = await Task.WhenAll(Enumerable.Range(0, TurnGate.Places).Select(_ => gate.EnterAsync(stop)));
        using (var patience = CancellationTokenSource.CreateLinkedTokenSource(stop))
        {
            var waiting = gate.EnterAsync(patience.Token);
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        inside[^1].Dispose();
        (await gate.EnterAsync(stop)).Dispose();
    }
}
