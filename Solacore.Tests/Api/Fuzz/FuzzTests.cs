using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;

namespace Solacore.Tests.Api.Fuzz;

/// <summary>A slice of <c>bench/run fuzz</c>, which sends a hundred thousand.</summary>
public sealed class FuzzTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int Requests = 3_000;

    [Fact]
    public async Task whatever_is_sent_to_whatever_operation_gets_an_answer_that_is_no_crash()
    {
        var redis = await SharedServers.Redis;
        await using var system = await RunningSystem.StartAsync(database.ConnectionString, redis.ConnectionString, workers: 0);
        using var fuzzer = new ApiFuzzer(system.Apis[0].Address, seed: 20261128);

        var report = await fuzzer.RunAsync(Requests, concurrency: 16);

        Assert.True(report.Failures.Count == 0, string.Join('\n', report.Failures.Concat(system.Log.Where(line => line.Contains("crashed", StringComparison.Ordinal)))));
        Assert.Equal(Requests, report.Statuses.Values.Sum());
        Assert.Empty(new[] { 200, 201, 204, 401, 403, 404, 405, 422 }.Except(report.Statuses.Keys));
        Assert.DoesNotContain(system.Log, line => line.Contains("FAIL", StringComparison.Ordinal) || line.Contains("CRIT", StringComparison.Ordinal));
    }
}
