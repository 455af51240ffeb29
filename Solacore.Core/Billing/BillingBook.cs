using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Billing;

/// <summary>A person whose plan an event may change, locked, with all they have.</summary>
internal sealed record Person(Subscription Subscription, List<Entitlement> Entitlements)
{
    public Guid UserId => Subscription.UserId;

    /// <summary>What is known about purchases of one store that have no name.</summary>
    public Entitlement? Unnamed(BillingSource source) =>
        Entitlements.Find(e => e.Source == source.Name() && e.ExternalSubscriptionId.Length == 0);
}

/// <summary>
/// Everything that the facts of one transaction may touch: read in a few statements for all of them, and looked up from
/// then on in memory, where a fact finds what the facts before it have changed.
/// </summary>
internal sealed class BillingBook
{
    /// <summary>Transfers of one purchase that are followed; more than any person makes.</summary>
    public const int LongestChain = 8;

    private readonly HashSet<Guid> _users;

    private BillingBook(HashSet<Guid> users, List<Person> people, List<WebhookEvent> waiting)
    {
        _users = users;
        People = people;
        Waiting = waiting;
    }

    public List<Person> People { get; }

    /// <summary>Events that came before anybody knew whose customer they are about.</summary>
    public List<WebhookEvent> Waiting { get; }

    /// <summary>Reads the book and locks all people in it until the transaction ends.</summary>
    public static async Task<BillingBook> OpenAsync(
        SolacoreDb db, IReadOnlyCollection<BillingFact> facts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (facts.Count == 0)
        {
            return new BillingBook([], [], []);
        }

        var named = facts.SelectMany(f => f.Users.Concat(f.TransferTo)).Distinct().ToArray();
        var users = named.Length == 0 ? [] : await db.Users.Where(u => named.Contains(u.Id)).Select(u => u.Id).ToHashSetAsync(cancellationToken);
        var book = new BillingBook(users, [], []);
        var owners = facts
            .SelectMany(f => new[] { f.Source == BillingSource.RevenueCat ? book.FirstExisting(f.Users) : null, book.FirstExisting(f.TransferTo) })
            .OfType<Guid>()
            .ToHashSet();
        if (owners.Count > 0)
        {
            await Plans.EnsureAsync(db, owners, now, cancellationToken);
        }

        var concerned = await ConcernedAsync(db, facts, users, cancellationToken);
        var subscriptions = await Plans.LockAsync(db, concerned, cancellationToken);
        var entitlements = await db.Entitlements.Where(e => concerned.Contains(e.UserId)).ToListAsync(cancellationToken);
        var byUser = entitlements.ToLookup(e => e.UserId);
        book.People.AddRange(subscriptions.Select(s => new Person(s, [.. byUser[s.UserId]])));

        string[] keys =
        [
            .. facts.Where(f => f.Source == BillingSource.Stripe)
                .SelectMany(f => new[] { f.CustomerId, f.SubscriptionId })
                .OfType<string>()
                .Where(key => key.Length > 0)
                .Distinct(),
        ];
        if (keys.Length > 0)
        {
            var source = BillingSource.Stripe.Name();
            book.Waiting.AddRange(await db.WebhookEvents
                .Where(e => e.State == WebhookEventState.Waiting && e.Source == source && keys.Contains(e.CustomerKey))
                .ToListAsync(cancellationToken));
        }

        return book;
    }

    /// <summary>Whom the facts name, who holds what they are about, and whom that was ever transferred to.</summary>
    private static Task<Guid[]> ConcernedAsync(
        SolacoreDb db, IReadOnlyCollection<BillingFact> facts, IReadOnlyCollection<Guid> users, CancellationToken cancellationToken)
    {
        Guid[] named = [.. users];
        string[] customers = [.. facts.Where(f => f.Source == BillingSource.Stripe).Select(f => f.CustomerId).OfType<string>().Distinct()];
        var atStripe = SubscriptionsAt(BillingSource.Stripe);
        var atRevenueCat = SubscriptionsAt(BillingSource.RevenueCat);
        return db.Database.SqlQuery<Guid>(
            $"""
            with recursive holders as materialized (
                select user_id, state from entitlements
                where source = 'stripe' and external_subscription_id <> '' and external_subscription_id = any({atStripe})
                union all
                select user_id, state from entitlements
                where source = 'revenuecat' and external_subscription_id <> '' and external_subscription_id = any({atRevenueCat})
                union all
                select user_id, state from entitlements where source = 'stripe' and customer_id = any({customers})),
            concerned(id) as (
                (select unnest({named})
                union select user_id from holders
                union select (state -> 'Owner' ->> 'Value')::uuid from holders
                union select user_id from subscriptions where stripe_customer_id = any({customers})
                union select user_id from subscriptions where stripe_subscription_id = any({atStripe}))
                union
                select (e.state -> 'Owner' ->> 'Value')::uuid
                from concerned join entitlements e on e.user_id = concerned.id and e.external_subscription_id = '')
            select id as "Value" from concerned where id is not null
            """).ToArrayAsync(cancellationToken);

        string[] SubscriptionsAt(BillingSource source) =>
            [.. facts.Where(f => f.Source == source && f.SubscriptionId.Length > 0).Select(f => f.SubscriptionId).Distinct()];
    }

    /// <summary>Whom the fact is about; null when nobody knows.</summary>
    public Guid? UserOf(BillingFact fact)
    {
        if (fact is { Source: BillingSource.Stripe, LinksUser: false })
        {
            var bySubscription = fact.SubscriptionId.Length == 0
                ? null
                : Entitlements(fact.Source).FirstOrDefault(e => e.ExternalSubscriptionId == fact.SubscriptionId)?.UserId
                ?? People.Find(p => p.Subscription.StripeSubscriptionId == fact.SubscriptionId)?.UserId;
            var byCustomer = bySubscription is not null || fact.CustomerId is null
                ? null
                : People.Find(p => p.Subscription.StripeCustomerId == fact.CustomerId)?.UserId
                ?? Entitlements(fact.Source).Where(e => e.CustomerId == fact.CustomerId).MaxBy(e => e.UpdatedAt)?.UserId;
            if ((bySubscription ?? byCustomer) is { } linked)
            {
                return linked;
            }
        }

        return FirstExisting(fact.Users);
    }

    /// <summary>Everybody whose plan the fact about <paramref name="userId"/> may change.</summary>
    public List<Person> Touched(BillingFact fact, Guid userId)
    {
        var users = new HashSet<Guid> { userId };
        var holders = Entitlements(fact.Source)
            .Where(e => e.ExternalSubscriptionId.Length == 0 ? e.UserId == userId : e.ExternalSubscriptionId == fact.SubscriptionId)
            .ToList();

        // What was transferred once may have been transferred on.
        for (var hop = 0; hop < LongestChain && holders.Count > 0; hop++)
        {
            var further = holders.Select(e => e.UserId).Concat(holders.Select(e => e.State.Owner?.Value).OfType<Guid>())
                .Where(users.Add)
                .ToList();
            holders = fact.Source == BillingSource.Stripe
                ? []
                : [.. Entitlements(fact.Source).Where(e => e.ExternalSubscriptionId.Length == 0 && further.Contains(e.UserId))];
        }

        if (FirstExisting(fact.TransferTo) is { } heir)
        {
            users.Add(heir);
        }

        return [.. People.Where(p => users.Contains(p.UserId))];
    }

    private IEnumerable<Entitlement> Entitlements(BillingSource source) =>
        People.SelectMany(p => p.Entitlements).Where(e => e.Source == source.Name());

    private Guid? FirstExisting(IReadOnlyList<Guid> candidates) =>
        candidates.Where(_users.Contains).Select(id => (Guid?)id).FirstOrDefault();
}
