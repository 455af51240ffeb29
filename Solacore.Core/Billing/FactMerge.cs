using Solacore.Core.Data;

namespace Solacore.Core.Billing;

/// <summary>
/// What a fact changes for the people whom it touches: what they have bought, whose it is, and which of them is whose
/// customer. In any order of arrival the facts lead to the same; nothing is read or written here.
/// </summary>
internal sealed class FactMerge(BillingBook book, DateTimeOffset now)
{
    /// <summary>
    /// A plan without entitlements was set by hand or moved from elsewhere. The first event takes it over as the oldest
    /// statement of all, so that a renewal continues it and an expiration ends it.
    /// </summary>
    public void Adopt(Person person, BillingFact fact)
    {
        var subscription = person.Subscription;
        var tier = Tiers.Parse(subscription.Tier);
        if (person.Entitlements.Count > 0 || tier == Tier.Free)
        {
            return;
        }

        var isStripe = fact.Source == BillingSource.Stripe || (subscription.StripeCustomerId ?? subscription.StripeSubscriptionId) is not null;
        var standing = subscription.Status == PlanStatus.PastDue.Name() ? Standing.PastDue : Standing.Active;
        var entitlement = Add(
            person,
            isStripe ? BillingSource.Stripe : BillingSource.RevenueCat,
            isStripe ? subscription.StripeCustomerId ?? fact.CustomerId : null,
            isStripe ? subscription.StripeSubscriptionId ?? "" : "");
        entitlement.State = new EntitlementState
        {
            StatedTier = new(tier, Stamp.Adopted),
            Standing = Registers.About(null, new StandingStatement(standing), Stamp.Adopted),
            PeriodStart = subscription.CurrentPeriodStart is { } start ? Registers.About(null, start, Stamp.Adopted) : null,
            PeriodEnd = Registers.About(null, subscription.CurrentPeriodEnd, Stamp.Adopted),
            Cancellation = new(new(subscription.CancelAtPeriodEnd), Stamp.Adopted),
            Activated = true,
        };
    }

    /// <summary>Joins what the fact states with what is known of the same purchase.</summary>
    public void Merge(List<Person> people, Person person, BillingFact fact)
    {
        var statement = fact.Statement;
        var heir = people.Find(p => fact.TransferTo.Contains(p.UserId));
        var claimsOwnership = fact.LinksUser || (fact.Source == BillingSource.RevenueCat && fact.SubscriptionId.Length > 0);
        if (heir is not null || claimsOwnership)
        {
            statement = statement with { Owner = new((heir ?? person).UserId, statement.LastStamp) };
        }

        if (fact.SubscriptionId.Length == 0 && heir is null)
        {
            person = HolderAt(people, person, fact);
        }

        var source = fact.Source.Name();
        var entitlement = people.SelectMany(p => p.Entitlements).FirstOrDefault(e => e.Source == source
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

    /// <summary>Reassigns each subscription to the owner named by its latest statement or a later transfer.</summary>
    public void SettleOwners(List<Person> people)
    {
        foreach (var person in people)
        {
            var unnamed = person.Unnamed(BillingSource.RevenueCat);
            var transfer = unnamed?.State.Owner;
            foreach (var entitlement in person.Entitlements.Where(e => e.ExternalSubscriptionId.Length > 0).ToList())
            {
                var owner = entitlement.Source == BillingSource.RevenueCat.Name()
                    ? Registers.Join(entitlement.State.Owner, transfer)
                    : entitlement.State.Owner;
                if (owner is null || owner.Value == person.UserId || people.Find(p => p.UserId == owner.Value) is not { } heir)
                {
                    continue;
                }

                person.Entitlements.Remove(entitlement);
                heir.Entitlements.Add(entitlement);
                entitlement.UserId = heir.UserId;
                entitlement.State = entitlement.State with { Owner = owner };
            }

            if (unnamed is not null && transfer is not null && transfer.Value != person.UserId
                && people.Find(p => p.UserId == transfer.Value) is { } newHolder)
            {
                Hand(unnamed, transfer.Stamp, newHolder);
            }
        }
    }

    /// <summary>
    /// Who holds a purchase without a name that <paramref name="buyer"/> made at the fact's time: whoever it was transferred
    /// to since.
    /// </summary>
    private static Person HolderAt(List<Person> people, Person buyer, BillingFact fact)
    {
        var holder = buyer;
        for (var hop = 0; hop < BillingBook.LongestChain; hop++)
        {
            if (holder.Unnamed(fact.Source)?.State.Owner is not { } owner
                || owner.Stamp < fact.Statement.LastStamp
                || people.Find(p => p.UserId == owner.Value) is not { } next)
            {
                break;
            }

            holder = next;
        }

        return holder;
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

    /// <summary>Statements about an unnamed purchase move along when made before the transfer; later ones stay.</summary>
    private void Hand(Entitlement unnamed, Stamp transferredAt, Person heir)
    {
        var (earlier, later) = unnamed.State.SplitAt(transferredAt);
        if (earlier is not null)
        {
            var received = heir.Unnamed(BillingSource.RevenueCat) ?? Add(heir, BillingSource.RevenueCat, customerId: null, "");
            received.State = EntitlementState.Join(received.State, earlier);
            received.UpdatedAt = now;
            unnamed.State = later;
        }
    }

    private Entitlement Add(Person person, BillingSource source, string? customerId, string subscriptionId)
    {
        var entitlement = new Entitlement
        {
            Id = Guid.CreateVersion7(),
            UserId = person.UserId,
            Source = source.Name(),
            CustomerId = customerId,
            ExternalSubscriptionId = subscriptionId,
            CreatedAt = now,
            UpdatedAt = now,
        };
        person.Entitlements.Add(entitlement);
        return entitlement;
    }
}
