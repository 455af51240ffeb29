using CsCheck;
using Solacore.Core.Billing;

namespace Solacore.Tests.Billing;

public sealed class EventOrderTests
{
    private static readonly Gen<CustomerLife> Lives = Gen.Select(
        Gen.Int[0, 99_999].Array[1, 12],
        Gen.Bool,
        (choices, subscriptionEvents) => new CustomerLife(choices, subscriptionEvents));

    [Fact]
    public void events_in_order_tell_the_truth() =>
        Lives.Sample(life => life.Truth() == Shown(life.PlanAfter(life.Events)), iter: 20_000, threads: 1, print: Story);

    [Fact]
    public void any_order_and_any_duplicates_end_in_the_same_plan() =>
        Gen.Select(Lives, Gen.Int).Sample(
            (life, seed) =>
            {
                var random = new Random(seed);
                var inOrder = life.PlanAfter(life.Events);
                var shuffled = life.Events.Concat(life.Events.Where(_ => random.Next(3) == 0)).ToArray();
                random.Shuffle(shuffled);
                return inOrder == life.PlanAfter(shuffled) && inOrder == life.PlanAfter(life.Events.AsEnumerable().Reverse());
            },
            iter: 20_000,
            threads: 1);

    [Fact]
    public void every_order_of_a_short_life_ends_in_the_same_plan() =>
        Gen.Select(Gen.Int[0, 99_999].Array[1, 3], Gen.Bool, (choices, events) => new CustomerLife(choices, events))
            .Where(life => life.Events.Count <= 6)
            .Sample(
                life =>
                {
                    var inOrder = life.PlanAfter(life.Events);
                    return Orders(life.Events).All(order => life.PlanAfter(order) == inOrder);
                },
                iter: 300,
                threads: 1);

    private static string Story(CustomerLife life) =>
        $"{string.Join('\n', life.Events)}\nnow {life.Now:O}\ntruth {life.Truth()}\nplan  {life.PlanAfter(life.Events)}";

    private static (Tier, PlanStatus, DateTimeOffset?, bool) Shown(Plan plan) => (plan.Tier, plan.Status, plan.PeriodEnd, plan.CancelAtPeriodEnd);

    private static IEnumerable<IReadOnlyList<LifeEvent>> Orders(List<LifeEvent> events)
    {
        if (events.Count == 0)
        {
            return [[]];
        }

        return events.SelectMany(first => Orders([.. events.Where(e => e != first)]), (first, rest) => (IReadOnlyList<LifeEvent>)[first, .. rest]);
    }
}
