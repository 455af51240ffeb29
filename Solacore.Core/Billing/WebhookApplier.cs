using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Data;
using Solacore.Core.Jobs;

namespace Solacore.Core.Billing;

/// <summary>
/// Applies stored events. Entitlements, plan, usage, history, the event's state and the end of the job share one
/// transaction, so that a crash at any point leaves either nothing or everything.
/// </summary>
public sealed partial class WebhookApplier(
    SolacoreDb db, BillingOptions options, StoreQuestions questions, TimeProvider time, ILogger<WebhookApplier> logger)
    : IJobHandler<ApplyWebhook>
{
    /// <summary>Transfers of one purchase that are followed; more than any person makes.</summary>
    private const int LongestChain = 8;

    public async Task HandleAsync(ApplyWebhook payload, JobContext job, CancellationToken cancellationToken)
    {
        // A failure falls the whole transaction anyway; a savepoint before each save would cost two round trips.
        db.Database.AutoSavepointsEnabled = false;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var received = await db.WebhookEvents.SingleOrDefaultAsync(e => e.Id == payload.EventId, cancellationToken);
        if (received is { State: WebhookEventState.Received or WebhookEventState.Waiting })
        {
            await ApplyAsync(received, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            LogSettled(logger, received.Source, received.EventType, received.State);
        }

        await job.CompleteAsync(db, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task ApplyAsync(WebhookEvent received, CancellationToken cancellationToken)
    {
        if (Read(received) is not { } fact)
        {
            Settle(received, WebhookEventState.Ignored);
            return;
        }

        var userId = await FindUserAsync(fact, cancellationToken);
        Activity.Current?.SetCustomProperty(SystemNames.UserIdProperty, userId);
        if (userId is { } buyer && fact.Source == BillingSource.RevenueCat)
        {
            await Plans.EnsureAsync(db, buyer, time.GetUtcNow(), cancellationToken);
        }

        var people = userId is { } known ? await LoadAsync(fact, known, cancellationToken) : [];
        var person = people.Find(p => p.UserId == userId);
        if (person is null)
        {
            // An invoice may overtake the checkout that tells whose customer it bills.
            var mayBecomeKnown = fact is { Source: BillingSource.Stripe, LinksUser: false } && received.CustomerKey is not null;
            Settle(received, mayBecomeKnown ? WebhookEventState.Waiting : WebhookEventState.Ignored);
            return;
        }

        Adopt(person, fact);
        Merge(people, person, fact);
        Settle(received, WebhookEventState.Applied);
        if (fact.Source == BillingSource.Stripe)
        {
            await LinkAsync(person.Subscription, fact, cancellationToken);
            await MergeWaitingAsync(people, person, fact, cancellationToken);
        }

        SettleOwners(people);
        foreach (var touched in people)
        {
            var plan = Plans.Project(db, touched.Subscription, touched.Entitlements, received.EventType, received.Id, time.GetUtcNow());
            await ResetUsageAsync(touched, plan, cancellationToken);
            questions.Ask(db, received, fact, touched.UserId, touched.Entitlements, time.GetUtcNow());
        }
    }

    private BillingFact? Read(WebhookEvent received)
    {
        using var document = LenientJson.ParseObject(received.Body);
        if (document is null)
        {
            return null;
        }

        var key = received.EventId ?? received.PayloadHash;
        if (FetchedTruth.Is(received.EventType))
        {
            return FetchedTruth.Read(BillingSources.Parse(received.Source), document.RootElement, options, key, received.ReceivedAt);
        }

        var fact = received.Source == BillingSource.Stripe.Name()
            ? StripeEventReader.Read(document.RootElement, options.Catalog, key, received.ReceivedAt)
            : RevenueCatEventReader.Read(document.RootElement, options.Catalog, key, received.ReceivedAt);
        return fact is { Sandbox: true } && !options.AcceptSandbox ? null : fact;
    }

    private async Task<Guid?> FindUserAsync(BillingFact fact, CancellationToken cancellationToken)
    {
        if (fact is { Source: BillingSource.Stripe, LinksUser: false })
        {
            var source = fact.Source.Name();
            var bySubscription = fact.SubscriptionId.Length == 0
                ? null
                : await db.Entitlements.Where(e => e.Source == source && e.ExternalSubscriptionId == fact.SubscriptionId)
                    .Select(e => (Guid?)e.UserId).FirstOrDefaultAsync(cancellationToken)
                ?? await db.Subscriptions.Where(s => s.StripeSubscriptionId == fact.SubscriptionId)
                    .Select(s => (Guid?)s.UserId).FirstOrDefaultAsync(cancellationToken);
            var byCustomer = bySubscription is not null || fact.CustomerId is null
                ? null
                : await db.Subscriptions.Where(s => s.StripeCustomerId == fact.CustomerId)
                    .Select(s => (Guid?)s.UserId).FirstOrDefaultAsync(cancellationToken)
                ?? await db.Entitlements.Where(e => e.Source == source && e.CustomerId == fact.CustomerId)
                    .OrderByDescending(e => e.UpdatedAt).Select(e => (Guid?)e.UserId).FirstOrDefaultAsync(cancellationToken);
            if ((bySubscription ?? byCustomer) is { } linked)
            {
                return linked;
            }
        }

        return await FirstExistingAsync(fact.Users, cancellationToken);
    }

    private async Task<Guid?> FirstExistingAsync(IReadOnlyList<Guid> candidates, CancellationToken cancellationToken)
    {
        if (candidates.Count == 0)
        {
            return null;
        }

        var existing = await db.Users.Where(u => candidates.Contains(u.Id)).Select(u => u.Id).ToListAsync(cancellationToken);
        return candidates.Where(existing.Contains).Select(id => (Guid?)id).FirstOrDefault();
    }

    /// <summary>Everybody whose plan the fact may change, locked, with all they have.</summary>
    private async Task<List<Person>> LoadAsync(BillingFact fact, Guid userId, CancellationToken cancellationToken)
    {
        var source = fact.Source.Name();
        var users = new HashSet<Guid> { userId };
        var holders = await db.Entitlements.AsNoTracking()
            .Where(e => e.Source == source
                && ((fact.SubscriptionId != "" && e.ExternalSubscriptionId == fact.SubscriptionId)
                    || (e.UserId == userId && e.ExternalSubscriptionId == "")))
            .ToListAsync(cancellationToken);

        // What was transferred once may have been transferred on.
        for (var hop = 0; hop < LongestChain && holders.Count > 0; hop++)
        {
            var further = holders.Select(e => e.UserId).Concat(holders.Select(e => e.State.Owner?.Value).OfType<Guid>())
                .Where(users.Add)
                .ToList();
            holders = fact.Source == BillingSource.Stripe || further.Count == 0
                ? []
                : await db.Entitlements.AsNoTracking()
                    .Where(e => e.Source == source && e.ExternalSubscriptionId == "" && further.Contains(e.UserId))
                    .ToListAsync(cancellationToken);
        }

        if (await FirstExistingAsync(fact.TransferTo, cancellationToken) is { } heir)
        {
            await Plans.EnsureAsync(db, heir, time.GetUtcNow(), cancellationToken);
            users.Add(heir);
        }

        var subscriptions = await Plans.LockAsync(db, [.. users], cancellationToken);
        var entitlements = await db.Entitlements.Where(e => users.Contains(e.UserId)).ToListAsync(cancellationToken);
        return [.. subscriptions.Select(s => new Person(s, [.. entitlements.Where(e => e.UserId == s.UserId)]))];
    }

    /// <summary>
    /// A plan without entitlements was set by hand or moved from elsewhere. The first event takes it over as the oldest
    /// statement of all, so that a renewal continues it and an expiration ends it.
    /// </summary>
    private void Adopt(Person person, BillingFact fact)
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

    private void Merge(List<Person> people, Person person, BillingFact fact)
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
        entitlement.UpdatedAt = time.GetUtcNow();
    }

    /// <summary>
    /// Who holds a purchase without a name that <paramref name="buyer"/> made at the fact's time: whoever it was transferred
    /// to since.
    /// </summary>
    private static Person HolderAt(List<Person> people, Person buyer, BillingFact fact)
    {
        var holder = buyer;
        for (var hop = 0; hop < LongestChain; hop++)
        {
            if (Unnamed(holder, fact.Source)?.State.Owner is not { } owner
                || owner.Stamp < fact.Statement.LastStamp
                || people.Find(p => p.UserId == owner.Value) is not { } next)
            {
                break;
            }

            holder = next;
        }

        return holder;
    }

    private static Entitlement? Unnamed(Person person, BillingSource source) =>
        person.Entitlements.Find(e => e.Source == source.Name() && e.ExternalSubscriptionId.Length == 0);

    /// <summary>Events that came before anybody knew whose customer they are about.</summary>
    private async Task MergeWaitingAsync(List<Person> people, Person person, BillingFact fact, CancellationToken cancellationToken)
    {
        string?[] keys = [fact.CustomerId, fact.SubscriptionId];
        var source = fact.Source.Name();
        var waiting = await db.WebhookEvents
            .Where(e => e.State == WebhookEventState.Waiting && e.Source == source && keys.Contains(e.CustomerKey))
            .ToListAsync(cancellationToken);
        foreach (var earlier in waiting)
        {
            if (Read(earlier) is { } said)
            {
                Merge(people, person, said);
            }

            Settle(earlier, WebhookEventState.Applied);
        }
    }

    /// <summary>A checkout tells whose customer it is, also when an older row says otherwise.</summary>
    private async Task LinkAsync(Subscription subscription, BillingFact fact, CancellationToken cancellationToken)
    {
        if (fact.LinksUser)
        {
            await db.Subscriptions
                .Where(s => s.UserId != subscription.UserId
                    && ((s.StripeCustomerId != null && s.StripeCustomerId == fact.CustomerId)
                        || (s.StripeSubscriptionId != null && s.StripeSubscriptionId == fact.SubscriptionId)))
                .ExecuteUpdateAsync(
                    set => set
                        .SetProperty(s => s.StripeCustomerId, s => s.StripeCustomerId == fact.CustomerId ? null : s.StripeCustomerId)
                        .SetProperty(s => s.StripeSubscriptionId, s => s.StripeSubscriptionId == fact.SubscriptionId ? null : s.StripeSubscriptionId),
                    cancellationToken);
            subscription.StripeCustomerId = fact.CustomerId ?? subscription.StripeCustomerId;
        }
        else if (subscription.StripeCustomerId is null
            && !await db.Subscriptions.AnyAsync(s => s.StripeCustomerId == fact.CustomerId, cancellationToken))
        {
            subscription.StripeCustomerId = fact.CustomerId;
        }
    }

    /// <summary>Moves each subscription to whom its latest statement, or a later transfer, gives it.</summary>
    private void SettleOwners(List<Person> people)
    {
        foreach (var person in people)
        {
            var unnamed = Unnamed(person, BillingSource.RevenueCat);
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

    /// <summary>What was said before the transfer about a purchase without a name goes over; what came later stays.</summary>
    private void Hand(Entitlement unnamed, Stamp transferredAt, Person heir)
    {
        var (earlier, later) = unnamed.State.SplitAt(transferredAt);
        if (earlier is not null)
        {
            var received = Unnamed(heir, BillingSource.RevenueCat) ?? Add(heir, BillingSource.RevenueCat, customerId: null, "");
            received.State = EntitlementState.Join(received.State, earlier);
            received.UpdatedAt = time.GetUtcNow();
            unnamed.State = later;
        }
    }

    /// <summary>A payment opens its period with a count of zero, once per period however often it is told.</summary>
    private async Task ResetUsageAsync(Person person, Plan plan, CancellationToken cancellationToken)
    {
        if (plan.Tier == Tier.Free)
        {
            return;
        }

        foreach (var entitlement in person.Entitlements)
        {
            if (entitlement.State.PaidPeriodStart is not { } start || start <= entitlement.State.UsageResetFor)
            {
                continue;
            }

            entitlement.State = entitlement.State with { UsageResetFor = start };
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into usage (id, user_id, period_start, session_count) values ({Guid.CreateVersion7()}, {person.UserId}, {start}, 0)
                on conflict (user_id, period_start) do update set session_count = 0, updated_at = now()
                """,
                cancellationToken);
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
            CreatedAt = time.GetUtcNow(),
            UpdatedAt = time.GetUtcNow(),
        };
        db.Entitlements.Add(entitlement);
        person.Entitlements.Add(entitlement);
        return entitlement;
    }

    private void Settle(WebhookEvent received, string state)
    {
        received.State = state;
        received.AppliedAt = state == WebhookEventState.Waiting ? null : time.GetUtcNow();
    }

    [LoggerMessage(3001, LogLevel.Information, "{Source} event of type {EventType} is {State}")]
    private static partial void LogSettled(ILogger logger, string source, string eventType, string state);

    private sealed record Person(Subscription Subscription, List<Entitlement> Entitlements)
    {
        public Guid UserId => Subscription.UserId;
    }
}
