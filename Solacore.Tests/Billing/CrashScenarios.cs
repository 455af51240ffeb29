using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Solacore.Core.Billing;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

/// <summary>The same lives as in <see cref="EventOrderTests"/>, through inbox, queue and applier, which fail between any two steps.</summary>
public sealed class CrashScenarios(TestDatabase database, ITestOutputHelper output) : IClassFixture<TestDatabase>
{
    private const int Lives = 200;

    [Fact]
    public async Task lives_end_as_in_order_although_events_are_shuffled_and_repeated_and_the_applier_crashes_between_any_two_steps()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var crashes = new Crashes(seed);
        await using var host = new BillingHost(database, workers: 2, crashes);
        var lives = new List<(Guid User, CustomerLife Life)>();
        for (var n = 0; n < Lives; n++)
        {
            var user = await host.UserAsync();
            var choices = Enumerable.Range(0, random.Next(1, 7)).Select(_ => random.Next(100_000)).ToArray();
            lives.Add((user, new CustomerLife(choices, subscriptionEvents: n % 2 == 0, user, $"{n}")));
        }

        var arrivals = lives.SelectMany(l => l.Life.Events.Concat(l.Life.Events.Where(_ => random.Next(3) == 0))).ToArray();
        random.Shuffle(arrivals);
        await Parallel.ForEachAsync(
            arrivals,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (arrival, _) => await (arrival.Reader == StripeEventReader.Read ? host.StripeAsync(arrival.Body) : host.RevenueCatAsync(arrival.Body)));
        await Eventually.BeTrueAsync(
            "all events applied",
            async () =>
            {
                // The waits between attempts are not what is tested here.
                await database.ExecuteAsync("update jobs set run_at = now(), max_attempts = 1000 where state = 0");
                return await database.ScalarAsync<long>("select count(*) from jobs") == 0;
            },
            TimeSpan.FromMinutes(4));

        Assert.True(crashes.Count > 100, $"{crashes.Count} crashes");
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_jobs"));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from webhook_events where state in ('received', 'waiting')"));
        Assert.Equal(
            lives.Sum(l => l.Life.Events.Count),
            await database.ScalarAsync<long>("select count(*) from webhook_events"));
        await using var db = database.Open();
        foreach (var (user, life) in lives)
        {
            var entitlements = await db.Entitlements.AsNoTracking().Where(e => e.UserId == user).ToListAsync(TestContext.Current.CancellationToken);
            var stored = PlanRules.Compute(
                [.. entitlements.Select(e => new StoreSubscription(e.Source, e.CustomerId, e.ExternalSubscriptionId, e.State))], life.Now);
            Assert.Equal(life.PlanAfter(life.Events), stored);
        }
    }

    /// <summary>Ends about every second run, of a batch or of one event, at a place of its own: before a statement, after it, before or after the commit.</summary>
    private sealed class Crashes(int seed) : DbCommandInterceptor, IDbTransactionInterceptor
    {
        private readonly Lock _lock = new();
        private readonly Random _random = new(seed);
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Maybe(result));

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Maybe(result));

        public override ValueTask<int> NonQueryExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Maybe(result));

        public ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Maybe(result));

        public Task TransactionCommittedAsync(
            DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) =>
            Task.FromResult(Maybe(0));

        private T Maybe<T>(T result)
        {
            lock (_lock)
            {
                if (_random.Next(20) != 0)
                {
                    return result;
                }
            }

            Interlocked.Increment(ref _count);
            throw new IOException("The process died here.");
        }
    }
}
