namespace Solacore.Tests.Faults;

/// <summary>Twenty short runs with seeds of the day; <c>bench/faults</c> makes as many as one wants.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private const int Runs = 20;
    private static readonly TimeSpan Load = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task whatever_goes_wrong_every_promise_is_kept()
    {
        await using var system = await FaultSystem.StartAsync();
        var first = Random.Shared.Next(1_000_000);
        for (var seed = first; seed < first + Runs; seed++)
        {
            var report = await FaultRun.RunAsync(system, seed, Load);
            output.WriteLine(report.ToString());
            Assert.True(report.Broken.Count == 0, report.ToString());
        }
    }
}
