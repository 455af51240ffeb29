using Solacore.Core.Data;

namespace Solacore.Core.Billing;

/// <summary>
/// What a fact changes for the people whom it touches: what they have bought, whose it is, and which of them is whose
/// customer. In any order of arrival the facts lead to the same; nothing is read or written here.
/// </summary>
internal sealed class FactMerge(BillingBook book, DateTimeOffset now)
{
    /// <summary>
    /// A plan without entitlements was set by hand or moved from elsewhere. With the first event that touches the person it becomes
    /// the oldest statement of all, so that a renewal continues it and an expiration ends it. Whose statement, its row alone tells:
    /// what was bought at Stripe has left a name there, so that anything else can have come from an app store only.
    /// </summary>
    public void Adopt(Person person)
    {
        var subscription = person.Subscription;
        var tier = subscription.Tier;
        if (person.Entitlements.Count > 0 || tier == Tier.Free)
        {
            return;
        }

        // Of two such plans that a transfer brings together, the better one counts.
        var stamp = Stamp.Adopted with { Rank = (int)tier, EventId = person.UserId.ToString() };
        var isStripe = (subscription.StripeCustomerId ?? subscription.StripeSubscriptionId) is not null;
        var standing = subscription.Status == PlanStatus.PastDue ? Standing.PastDue : Standing.Active;
        var entitlement = Add(
            person,
            isStripe ? BillingSource.Stripe : BillingSource.RevenueCat,
            subscription.StripeCustomerId,
            subscription.StripeSubscriptionId ?? "");
        entitlement.State = new EntitlementState
        {
            StatedTier = new(tier, stamp),
            Standing = Registers.About(null, new StandingStatement(standing), stamp),
            PeriodStart = subscription.CurrentPeriodStart is { } start ? Registers.About(null, start, stamp) : null,
            PeriodEnd = Registers.About(null, subscription.CurrentPeriodEnd, stamp),
            Cancellation = new(new(subscription.CancelAtPeriodEnd), stamp),
            Activated = true,
        };
    }

    /// <summary>Joins what the fact states with what is known of the same purchase.</summary>
    public void Merge(List<Person> people, Person person, BillingFact fact)
    {
        var statement = fact.Statement;
        if (fact.TransferTo is not null)
        {
            statement = statement with { Transfers = [new(book.HeirOf(fact), statement.LastStamp)] };
        }
        else if (fact.LinksUser || (fact.Source == BillingSource.RevenueCat && fact.SubscriptionId.Length > 0))
        {
            statement = statement with { Owner = new(person.UserId, statement.LastStamp) };
        }
        else if (fact.Source == BillingSource.RevenueCat)
        {
            var (holder, receivedAt) = HolderSince(people, person, statement.LastStamp);
            if (holder is null)
            {
                return;
            }

            person = holder;
            statement = statement with { ReceivedAt = receivedAt == statement.LastStamp ? null : receivedAt };
        }

        var entitlement = people.SelectMany(p => p.Entitlements).FirstOrDefault(e => e.Source == fact.Source
                && e.ExternalSubscriptionId == fact.SubscriptionId
                && (fact.SubscriptionId.Length > 0 || (e.UserId == person.UserId && e.CustomerId == fact.CustomerId)))
            ?? Add(person, fact.Source, fact.CustomerId, fact.SubscriptionId);
        entitlement.State = EntitlementState.Join(entitlement.State, statement);
        entitlement.CustomerId ??= fact.CustomerId;
        entitlement.UpdatedAt = now;
    }

    /// <summary>The latest checkout tells whose customer it is, also when an older row says otherwise.</summary>
    public void Link(Person person, BillingFact fact)
    {
        var subscription = person.Subscription;
        if (fact.LinksUser)
        {
            foreach (var other in book.People.Select(p => p.Subscription).Where(s => s != subscription))
            {
                other.StripeSubscriptionId = other.StripeSubscriptionId == fact.SubscriptionId ? null : other.StripeSubscriptionId;
            }

            if (fact.CustomerId is { } customer)
            {
                LinkCustomer(person, customer);
            }
        }
        else if (subscription.StripeCustomerId is null && !book.People.Exists(p => p.Subscription.StripeCustomerId == fact.CustomerId))
        {
            subscription.StripeCustomerId = fact.CustomerId;
        }
    }

    /// <summary>Gives each subscription to whom its latest statement names, or to whomever it was transferred since.</summary>
    /// <param name="people">All whom what was bought at the store may belong to.</param>
    /// <param name="source">The store.</param>
    public void SettleOwners(List<Person> people, BillingSource source)
    {
        foreach (var person in people)
        {
            foreach (var entitlement in person.Entitlements.Where(e => e.Source == source && e.ExternalSubscriptionId.Length > 0).ToList())
            {
                var holder = HolderOf(people, person, entitlement);
                if (holder.UserId != person.UserId)
                {
                    person.Entitlements.Remove(entitlement);
                    holder.Entitlements.Add(entitlement);
                    entitlement.UserId = holder.UserId;
                }
            }
        }

        if (source == BillingSource.RevenueCat)
        {
            people.ForEach(person => HandOn(people, person));
        }
    }

    private static Person HolderOf(List<Person> people, Person present, Entitlement entitlement)
    {
        if (entitlement.State.Owner is not { } owner)
        {
            return present;
        }

        var buyer = people.Find(p => p.UserId == owner.Value);
        if (entitlement.Source == BillingSource.Stripe)
        {
            return buyer ?? present;
        }

        // Whose account is gone had moved it before to its present holder.
        var from = buyer is null ? entitlement.State.ReceivedAt ?? owner.Stamp : owner.Stamp;
        var (holder, since) = HolderSince(people, buyer ?? present, from);
        entitlement.State = entitlement.State with { ReceivedAt = since == owner.Stamp ? null : since, IsTakenAway = holder is null };
        return holder ?? buyer ?? present;
    }

    /// <summary>
    /// Who holds what a person had at a time, and since when: whoever it was transferred to afterwards. Nobody when one of those
    /// is not here, or not any more; but what a person lost to nobody here, as by logging out, may come back to them.
    /// </summary>
    private static (Person? Holder, Stamp Since) HolderSince(List<Person> people, Person? holder, Stamp since)
    {
        while (holder?.Transfers().Where(transfer => transfer.Stamp > since).MinBy(transfer => transfer.Stamp) is { } transfer)
        {
            var back = transfer.Value is null
                ? holder.Transfers().Where(later => later.Stamp > transfer.Stamp && later.Value == holder.UserId).MinBy(later => later.Stamp)
                : null;
            holder = back is null ? people.Find(p => p.UserId == transfer.Value) : holder;
            since = (back ?? transfer).Stamp;
        }

        return (holder, since);
    }

    private void LinkCustomer(Person buyer, string customer)
    {
        var owner = book.People.Where(p => book.CheckedOutAt(p, customer) is not null).MaxBy(p => book.CheckedOutAt(p, customer)) ?? buyer;
        foreach (var other in book.People.Where(p => p != owner && p.Subscription.StripeCustomerId == customer))
        {
            other.Subscription.StripeCustomerId = null;
        }

        if (owner.Subscription.StripeCustomerId is not { } present || !(book.CheckedOutAt(owner, present) > book.CheckedOutAt(owner, customer)))
        {
            owner.Subscription.StripeCustomerId = customer;
        }
    }

    /// <summary>
    /// What is known of a purchase without a name moves along with each transfer that is later than it, and later than the
    /// transfer that brought it.
    /// </summary>
    private void HandOn(List<Person> people, Person person)
    {
        if (person.Unnamed(BillingSource.RevenueCat) is not { } unnamed)
        {
            return;
        }

        var heirs = new List<Person>();
        foreach (var transfer in person.Transfers().Where(t => !(t.Stamp <= unnamed.State.ReceivedAt)).OrderBy(t => t.Stamp))
        {
            var (earlier, later) = unnamed.State.SplitAt(transfer.Stamp);
            if (earlier is null || transfer.Value == person.UserId)
            {
                continue;
            }

            unnamed.State = later;
            if (people.Find(p => p.UserId == transfer.Value) is { } heir)
            {
                var received = heir.Unnamed(BillingSource.RevenueCat) ?? Add(heir, BillingSource.RevenueCat, customerId: null, "");
                received.State = EntitlementState.Join(received.State, earlier with { ReceivedAt = transfer.Stamp });
                received.UpdatedAt = now;
                heirs.Add(heir);
            }
        }

        heirs.ForEach(heir => HandOn(people, heir));
    }

    private Entitlement Add(Person person, BillingSource source, string? customerId, string subscriptionId)
    {
        var entitlement = new Entitlement
        {
            Id = Guid.CreateVersion7(),
            UserId = person.UserId,
            Source = source,
            CustomerId = customerId,
            ExternalSubscriptionId = subscriptionId,
            CreatedAt = now,
            UpdatedAt = now,
        };
        person.Entitlements.Add(entitlement);
        return entitlement;
    }
}
