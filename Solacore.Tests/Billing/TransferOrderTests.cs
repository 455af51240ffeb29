using System.Globalization;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

/// <summary>Transfers name persons and no purchase; whatever the order in which they are told, a purchase ends with the same person.</summary>
public sealed class TransferOrderTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 10, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Person A buys; then what each person has goes to another one, or to nobody here (N), in this order. The last letter tells
    /// who has the plan in the end.
    /// </summary>
    [Theory]
    [InlineData("AB", "B")]
    [InlineData("AN", "N")]
    [InlineData("AB BC", "C")]
    [InlineData("AB BA", "A")]
    [InlineData("AB BN", "N")]
    [InlineData("BA AC", "C")]
    [InlineData("AB BC CA", "A")]
    [InlineData("AB BA AC", "C")]
    [InlineData("AB BA AB", "B")]
    [InlineData("AB BC CN", "N")]
    public async Task what_is_transferred_ends_with_the_same_person_in_any_order_of_arrival_and_of_ids(string chain, string last)
    {
        List<Life> lives = [.. Lives(chain, isNamed: true), .. Lives(chain, isNamed: false)];
        await EndWithAsync(last, lives, inOneBatch: false);
        lives = [.. Lives(chain, isNamed: true), .. Lives(chain, isNamed: false)];
        await EndWithAsync(last, lives, inOneBatch: true);
    }

    [Fact]
    public async Task a_named_purchase_that_was_moved_does_not_go_with_what_its_buyer_had_later_in_any_order()
    {
        await EndWithAsync("B", [.. Lives("AB AC", isNamed: true)], inOneBatch: false);
        await EndWithAsync("B", [.. Lives("AB AC", isNamed: true)], inOneBatch: true);
    }

    // Whoever logs out of the app and in again moves what they have to an anonymous name and back.
    [Fact]
    public async Task a_named_purchase_that_was_moved_to_nobody_here_comes_back_with_its_buyer_in_any_order()
    {
        await EndWithAsync("A", [.. Lives("AN NA", isNamed: true)], inOneBatch: false);
        await EndWithAsync("A", [.. Lives("AN NA", isNamed: true)], inOneBatch: true);
        await EndWithAsync("N", [.. Lives("AN NA AN", isNamed: true)], inOneBatch: true);
    }

    private async Task EndWithAsync(string last, List<Life> lives, bool inOneBatch)
    {
        var everybody = lives.SelectMany(life => life.People).ToArray();
        await database.ExecuteAsync("insert into users (id, email) select id, id || '@example.org' from unnest($1) new(id)", (object)everybody);
        await database.ExecuteAsync("insert into subscriptions (id, user_id) select id, id from unnest($1) new(id)", (object)everybody);
        await using var host = new BillingHost(database);
        if (inOneBatch)
        {
            await HoldJobsAsync();
            foreach (var neighbours in lives.Chunk(16))
            {
                await Task.WhenAll(neighbours.Select(life => DeliverAsync(host, life)));
            }

            await ReleaseJobsAsync();
            await host.AllAppliedAsync();
        }
        else
        {
            for (var turn = 0; turn < lives[0].Arrivals.Count; turn++)
            {
                await Task.WhenAll(lives.Select(life => host.RevenueCatAsync(life.Arrivals[turn])));
                await host.AllAppliedAsync();
            }
        }

        var expected = string.Join(", ", "ABC".Select(name => last[0] == name ? "pro active" : "free active"));
        var plans = await database.ScalarAsync<string[]>(
            "select array_agg(tier || ' ' || status order by place) from unnest($1) with ordinality people(id, place) join subscriptions on user_id = people.id",
            (object)everybody);
        foreach (var (life, found) in lives.Zip(plans.Chunk(3)))
        {
            Assert.True(expected == string.Join(", ", found), $"{life.Story}, one batch {inOneBatch}: {string.Join(", ", found)}");
        }

        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_jobs"));
    }

    /// <summary>The same chain for every order of arrival and every order of the ids of the three.</summary>
    private static IEnumerable<Life> Lives(string chain, bool isNamed)
    {
        var transfers = chain.Split(' ');
        foreach (var order in Permutations([.. Enumerable.Range(0, transfers.Length + 1)]))
        {
            foreach (var places in Permutations([0, 1, 2]))
            {
                var ids = Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).Order().ToList();
                Guid[] people = [.. places.Select(place => ids[place])];
                var name = Guid.CreateVersion7();
                List<object> events =
                [
                    Purchase(people[0], isNamed ? "tx_" + name : null, "purchase_" + name),
                    .. transfers.Select((step, n) => Transfer(
                        step[0] == 'N' ? "$RCAnonymousID:" + name : people[step[0] - 'A'].ToString(),
                        step[1] == 'N' ? "$RCAnonymousID:" + name : people[step[1] - 'A'].ToString(),
                        Start.AddDays(n + 1),
                        string.Create(CultureInfo.InvariantCulture, $"transfer_{n}_{name}"))),
                ];
                yield return new(
                    people, [.. order.Select(n => events[n])], $"arrival {string.Join(' ', order)}, places {string.Join(' ', places)}, named {isNamed}");
            }
        }
    }

    private static async Task DeliverAsync(BillingHost host, Life life)
    {
        foreach (var sent in life.Arrivals)
        {
            await host.RevenueCatAsync(sent);
        }
    }

    /// <summary>What arrives now waits, and what is about one person may share a batch.</summary>
    private Task HoldJobsAsync() => database.ExecuteAsync(
        """
        create function hold() returns trigger language plpgsql as
        $$ begin new.run_at = now() + interval '1 hour'; new.serial_key = null; return new; end $$;
        create trigger hold before insert on jobs for each row execute function hold();
        """);

    private Task ReleaseJobsAsync() => database.ExecuteAsync(
        "drop trigger hold on jobs; drop function hold(); update jobs set run_at = now();");

    private static IEnumerable<List<int>> Permutations(List<int> items) => items.Count == 0
        ? [[]]
        : items.SelectMany(first => Permutations([.. items.Where(item => item != first)]), (first, rest) => (List<int>)[first, .. rest]);

    private static object Purchase(Guid user, string? transaction, string id) => new
    {
        id,
        type = "INITIAL_PURCHASE",
        app_user_id = user,
        original_transaction_id = transaction,
        event_timestamp_ms = Start.ToUnixTimeMilliseconds(),
        purchased_at_ms = Start.ToUnixTimeMilliseconds(),
        expiration_at_ms = Start.AddDays(365).ToUnixTimeMilliseconds(),
        entitlement_ids = new[] { "pro_access" },
    };

    private static object Transfer(string from, string to, DateTimeOffset at, string id) => new
    {
        id,
        type = "TRANSFER",
        event_timestamp_ms = at.ToUnixTimeMilliseconds(),
        transferred_from = new[] { from },
        transferred_to = new[] { to },
    };

    private sealed record Life(Guid[] People, List<object> Arrivals, string Story);
}
