using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Billing;

/// <summary>A person whose plan an event may change, locked, with all they have.</summary>
internal sealed record Person(Subscription Subscription, List<Entitlement> Entitlements)
{
    public Guid UserId => Subscription.UserId;

    /// <summary>What is known about purchases of one store that have no name.</summary>
    public Entitlement? Unnamed(BillingSource source) =>
        Entitlements.Find(e => e.Source == source && e.ExternalSubscriptionId.Length == 0);

    /// <summary>To whom RevenueCat moved all that the person had then; a null value says: to nobody here.</summary>
    public IEnumerable<Register<Guid?>> Transfers()
    {
        var known = Unnamed(BillingSource.RevenueCat)?.State;
        IEnumerable<Register<Guid?>> transfers = known?.Transfers ?? [];

        // Rows of an earlier release hold the latest one as their owner.
        return known?.Owner is { } heir ? transfers.Append(new(heir.Value, heir.Stamp)) : transfers;
    }

    /// <summary>With whom a transfer of RevenueCat's may have to do that touches the person.</summary>
    public IEnumerable<Guid> LinkedByTransfers() => Transfers().Select(transfer => transfer.Value)
        .Concat(Entitlements.Where(e => e.Source == BillingSource.RevenueCat).Select(e => e.State.Owner?.Value))
        .OfType<Guid>();
}

/// <summary>
/// Everything that the facts of one transaction may touch: read in a few statements for all of them, looked up from then on
/// in memory, where a fact finds what the facts before it have changed, and written back in a few statements. The rows are
/// not tracked: with a statement for each row, most of the work of applying events was to make and run these.
/// </summary>
internal sealed class BillingBook
{
    private readonly HashSet<Guid> _users;

    /// <summary>The rows as they were read.</summary>
    private readonly Dictionary<Guid, PlanColumns> _plansBefore = [];
    private readonly Dictionary<Guid, EntitlementColumns> _entitlementsBefore = [];

    private BillingBook(HashSet<Guid> users) => _users = users;

    public List<Person> People { get; } = [];

    /// <summary>Events that came before anybody knew whose customer they are about.</summary>
    public List<WebhookEvent> Waiting { get; } = [];

    /// <summary>Reads the book and locks all people in it until the transaction ends.</summary>
    /// <param name="stored">The events of the transaction by their ids.</param>
    /// <param name="facts">What they say.</param>
    public static async Task<BillingBook> OpenAsync(
        SolacoreDb db,
        Dictionary<Guid, WebhookEvent> stored,
        IReadOnlyCollection<BillingFact> facts,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (facts.Count == 0)
        {
            return new BillingBook([]);
        }

        var named = facts.SelectMany(f => f.Users.Concat(f.TransferTo ?? [])).Distinct().ToArray();
        var users = named.Length == 0 ? [] : await db.Users.Where(u => named.Contains(u.Id)).Select(u => u.Id).ToHashSetAsync(cancellationToken);
        var book = new BillingBook(users);
        var owners = facts
            .SelectMany(f => new[] { f.Source == BillingSource.RevenueCat ? book.FirstExisting(f.Users) : null, book.HeirOf(f) })
            .OfType<Guid>()
            .ToHashSet();
        if (owners.Count > 0)
        {
            await Plans.EnsureAsync(db, owners, now, cancellationToken);
        }

        while (!await book.ReadPeopleAsync(db, await ConcernedAsync(db, facts, users, cancellationToken), cancellationToken))
        {
            // A transfer was applied between the search for the people and their locks: it tells of one more.
        }

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
            var waiting = await db.WebhookEvents.AsNoTracking()
                .Where(e => e.State == WebhookEventState.Waiting && e.Source == BillingSource.Stripe && keys.Contains(e.CustomerKey))
                .ToListAsync(cancellationToken);
            book.Waiting.AddRange(waiting.Select(e => stored.GetValueOrDefault(e.Id, e)));
        }

        return book;
    }

    /// <summary>Locks people and reads what they have.</summary>
    /// <returns>False when somebody is linked to them who is not among them; then nobody is locked.</returns>
    private async Task<bool> ReadPeopleAsync(SolacoreDb db, Guid[] concerned, CancellationToken cancellationToken)
    {
        const string Unlocked = "unlocked";
        await db.Database.CurrentTransaction!.CreateSavepointAsync(Unlocked, cancellationToken);
        var subscriptions = await Plans.Locked(db, concerned).AsNoTracking().ToListAsync(cancellationToken);
        var entitlements = await db.Entitlements.AsNoTracking().Where(e => concerned.Contains(e.UserId)).ToListAsync(cancellationToken);
        var byUser = entitlements.ToLookup(e => e.UserId);
        List<Person> people = [.. subscriptions.Select(s => new Person(s, [.. byUser[s.UserId]]))];
        if (people.SelectMany(p => p.LinkedByTransfers()).Except(concerned).Any())
        {
            await db.Database.CurrentTransaction.RollbackToSavepointAsync(Unlocked, cancellationToken);
            return false;
        }

        People.AddRange(people);
        subscriptions.ForEach(s => _plansBefore.Add(s.Id, PlanColumns.Of(s)));
        entitlements.ForEach(e => _entitlementsBefore.Add(e.Id, EntitlementColumns.Of(e)));
        return true;
    }

    /// <summary>Writes what has changed, and what is new.</summary>
    public async Task StoreAsync(SolacoreDb db, CancellationToken cancellationToken)
    {
        var plans = People.Select(p => p.Subscription).Where(s => _plansBefore[s.Id] != PlanColumns.Of(s)).ToList();
        if (plans.Count > 0)
        {
            await StorePlansAsync(db, plans, cancellationToken);
        }

        var entitlements = People.SelectMany(p => p.Entitlements)
            .Where(e => !_entitlementsBefore.TryGetValue(e.Id, out var before) || before != EntitlementColumns.Of(e))
            .ToList();
        if (entitlements.Count > 0)
        {
            await StoreEntitlementsAsync(db, entitlements, cancellationToken);
        }
    }

    private async Task StorePlansAsync(SolacoreDb db, List<Subscription> plans, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. plans.Select(s => s.Id)];
        Guid[] moved = [.. plans.Where(s => _plansBefore[s.Id].HasNamesUnlike(s)).Select(s => s.Id)];
        if (moved.Length > 0)
        {
            // A customer who goes from one row to another would be in both for a moment, which their index forbids.
            await db.Database.ExecuteSqlAsync(
                $"update subscriptions set stripe_customer_id = null, stripe_subscription_id = null where id = any({moved})", cancellationToken);
        }

        string[] tiers = [.. plans.Select(s => s.Tier.Name())];
        string[] statuses = [.. plans.Select(s => s.Status.Name())];
        string?[] customers = [.. plans.Select(s => s.StripeCustomerId)];
        string?[] subscriptions = [.. plans.Select(s => s.StripeSubscriptionId)];
        DateTimeOffset?[] starts = [.. plans.Select(s => s.CurrentPeriodStart)];
        DateTimeOffset?[] ends = [.. plans.Select(s => s.CurrentPeriodEnd)];
        bool[] cancelled = [.. plans.Select(s => s.CancelAtPeriodEnd)];
        DateTimeOffset?[] validUntil = [.. plans.Select(s => s.PlanValidUntil)];
        DateTimeOffset[] updated = [.. plans.Select(s => s.UpdatedAt)];
        await db.Database.ExecuteSqlAsync(
            $"""
            update subscriptions s
            set tier = n.tier, status = n.status, stripe_customer_id = n.customer, stripe_subscription_id = n.subscription,
                current_period_start = n.period_start, current_period_end = n.period_end, cancel_at_period_end = n.cancelled,
                plan_valid_until = n.valid_until, updated_at = n.updated_at
            from unnest({ids}, {tiers}, {statuses}, {customers}, {subscriptions}, {starts}, {ends}, {cancelled}, {validUntil}, {updated})
                n(id, tier, status, customer, subscription, period_start, period_end, cancelled, valid_until, updated_at)
            where s.id = n.id
            """,
            cancellationToken);
    }

    private static async Task StoreEntitlementsAsync(SolacoreDb db, List<Entitlement> entitlements, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. entitlements.Select(e => e.Id)];
        Guid[] users = [.. entitlements.Select(e => e.UserId)];
        string[] sources = [.. entitlements.Select(e => e.Source.Name())];
        string?[] customers = [.. entitlements.Select(e => e.CustomerId)];
        string[] subscriptions = [.. entitlements.Select(e => e.ExternalSubscriptionId)];
        string[] states = [.. entitlements.Select(e => e.State.ToJson())];
        DateTimeOffset[] created = [.. entitlements.Select(e => e.CreatedAt)];
        DateTimeOffset[] updated = [.. entitlements.Select(e => e.UpdatedAt)];
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into entitlements (id, user_id, source, customer_id, external_subscription_id, state, created_at, updated_at)
            select id, user_id, source, customer, subscription, state::jsonb, created_at, updated_at
            from unnest({ids}, {users}, {sources}, {customers}, {subscriptions}, {states}, {created}, {updated})
                n(id, user_id, source, customer, subscription, state, created_at, updated_at)
            on conflict (id) do update
            set user_id = excluded.user_id, customer_id = excluded.customer_id, state = excluded.state, updated_at = excluded.updated_at
            """,
            cancellationToken);
    }

    /// <summary>Whom the facts name, who holds what they are about, and whoever is linked to one of them by a transfer.</summary>
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
                select linked.id
                from concerned
                join entitlements e on e.user_id = concerned.id and e.source = 'revenuecat'
                cross join lateral (
                    select (e.state -> 'Owner' ->> 'Value')::uuid
                    union all
                    select jsonb_array_elements_text(jsonb_path_query_array(e.state, '$.Transfers[*].Value'))::uuid) linked(id))
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

    /// <summary>When a person last bought on a page of Stripe's as this customer; null: never.</summary>
    public Stamp? CheckedOutAt(Person person, string customer) => Entitlements(BillingSource.Stripe)
        .Where(e => e.CustomerId == customer && e.State.Owner?.Value == person.UserId)
        .Max(e => e.State.Owner?.Stamp);

    /// <summary>To whom the store moved what the user had; null when it did not, or to nobody here.</summary>
    public Guid? HeirOf(BillingFact fact) => FirstExisting(fact.TransferTo ?? []);

    /// <summary>Everybody whose plan the fact about <paramref name="userId"/> may change.</summary>
    public List<Person> Touched(BillingFact fact, Guid userId)
    {
        var users = Entitlements(fact.Source)
            .Where(e => e.ExternalSubscriptionId.Length > 0 && e.ExternalSubscriptionId == fact.SubscriptionId)
            .SelectMany(e => new[] { e.UserId, e.State.Owner?.Value })
            .Append(userId)
            .Append(HeirOf(fact))
            .OfType<Guid>()
            .ToHashSet();

        // What was transferred once may have been transferred on.
        for (var added = users.ToList(); fact.Source == BillingSource.RevenueCat && added.Count > 0;)
        {
            added = [.. People.Where(p => added.Contains(p.UserId)).SelectMany(p => p.LinkedByTransfers()).Where(users.Add)];
        }

        return [.. People.Where(p => users.Contains(p.UserId))];
    }

    private IEnumerable<Entitlement> Entitlements(BillingSource source) =>
        People.SelectMany(p => p.Entitlements).Where(e => e.Source == source);

    private Guid? FirstExisting(IReadOnlyList<Guid> candidates) =>
        candidates.Where(_users.Contains).Select(id => (Guid?)id).FirstOrDefault();

    /// <summary>What applying events changes of a plan.</summary>
    private sealed record PlanColumns(
        Tier Tier,
        PlanStatus Status,
        string? Customer,
        string? Subscription,
        DateTimeOffset? Start,
        DateTimeOffset? End,
        bool Cancelled,
        DateTimeOffset? ValidUntil)
    {
        public static PlanColumns Of(Subscription s) => new(
            s.Tier, s.Status, s.StripeCustomerId, s.StripeSubscriptionId, s.CurrentPeriodStart, s.CurrentPeriodEnd, s.CancelAtPeriodEnd, s.PlanValidUntil);

        /// <summary>Whether the row had names at Stripe that it has no more.</summary>
        public bool HasNamesUnlike(Subscription s) =>
            (Customer is not null && Customer != s.StripeCustomerId) || (Subscription is not null && Subscription != s.StripeSubscriptionId);
    }

    /// <summary>What applying events changes of an entitlement.</summary>
    private sealed record EntitlementColumns(Guid UserId, string? Customer, EntitlementState State)
    {
        public static EntitlementColumns Of(Entitlement e) => new(e.UserId, e.CustomerId, e.State);
    }
}
