using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Watch;

namespace Solacore.Core.Billing;

/// <summary>
/// Applies stored events, many at a time. Entitlements, plans, usage, history, the states of the events and the ends of
/// their jobs share one transaction, so that a crash at any point leaves either nothing or everything.
/// </summary>
public sealed partial class WebhookApplier(
    SolacoreDb db, BillingOptions options, StoreQuestions questions, CommittedFacts committed, TimeProvider time, ILogger<WebhookApplier> logger)
    : IBatchJobHandler<ApplyWebhook>
{
    private readonly HashSet<WebhookEvent> _settled = [];
    private readonly HashSet<(Guid UserId, DateTimeOffset PeriodStart)> _openedPeriods = [];

    /// <summary>Events about people who are not here, most of them not any more: what they tell is not kept.</summary>
    private readonly List<Guid> _ofNobody = [];

    public async Task HandleAsync(IReadOnlyList<BatchedJob<ApplyWebhook>> jobs, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        Guid[] ids = [.. jobs.Select(j => j.Payload.EventId)];
        var stored = await db.WebhookEvents.AsNoTracking().Where(e => ids.Contains(e.Id)).ToDictionaryAsync(e => e.Id, cancellationToken);
        var facts = stored.Values.Where(IsOpen).ToDictionary(e => e.Id, Read);
        var book = await BillingBook.OpenAsync(db, stored, [.. facts.Values.OfType<BillingFact>()], time.GetUtcNow(), cancellationToken);
        foreach (var job in jobs)
        {
            if (stored.TryGetValue(job.Payload.EventId, out var received) && IsOpen(received))
            {
                Apply(book, received, facts[received.Id], job.Activity);
                LogSettled(logger, received.Source, received.EventType, received.State);
            }
        }

        // All or nothing: nobody goes back to a savepoint.
        db.Database.AutoSavepointsEnabled = false;
        await db.SaveChangesAsync(cancellationToken);
        await book.StoreAsync(db, cancellationToken);
        await StoreSettledAsync(cancellationToken);
        await ResetUsageAsync(cancellationToken);
        await JobContext.CompleteAllAsync(db, [.. jobs.Select(j => j.Job)], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static bool IsOpen(WebhookEvent received) => received.State is WebhookEventState.Received or WebhookEventState.Waiting;

    private void Apply(BillingBook book, WebhookEvent received, BillingFact? fact, Activity? activity)
    {
        if (fact is null)
        {
            Settle(received, AskForCharge(received) ? WebhookEventState.Applied : WebhookEventState.Ignored);
            return;
        }

        var userId = book.UserOf(fact);
        activity?.SetCustomProperty(SystemNames.UserIdProperty, userId);
        var people = userId is { } known ? book.Touched(fact, known) : [];
        var person = people.Find(p => p.UserId == userId);
        if (person is null)
        {
            if (book.HeirOf(fact) is { } heir && questions.AskForSubscriber(db, heir))
            {
                // Moved from somebody unknown: only RevenueCat can tell what that was.
                Settle(received, WebhookEventState.Applied);
                return;
            }

            // An invoice may overtake the checkout that tells whose customer it bills. Whoever is named has been known, and is gone.
            var mayBecomeKnown = fact is { Source: BillingSource.Stripe, LinksUser: false, Users: [] } && received.CustomerKey is not null;
            Settle(received, mayBecomeKnown ? WebhookEventState.Waiting : WebhookEventState.Ignored);
            if (mayBecomeKnown)
            {
                book.Waiting.Add(received);
            }
            else if (fact.Users.Count > 0)
            {
                _ofNobody.Add(received.Id);
            }

            return;
        }

        Adopt(person, fact);
        Merge(people, person, fact);
        Settle(received, WebhookEventState.Applied);
        if (fact.Source == BillingSource.Stripe)
        {
            Link(book, person, fact);
            MergeWaiting(book, people, person, fact);
        }

        SettleOwners(people);
        foreach (var touched in people)
        {
            var plan = Plans.Project(db, touched.Subscription, touched.Entitlements, received.EventType, received.Id, time.GetUtcNow());
            OpenPaidPeriods(touched, plan);
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

        if (questions.AsksStripe && IsChargeBack(received) && StripeEventReader.ChargeToAskFor(document.RootElement, received.ReceivedAt) is not null)
        {
            return null;
        }

        var fact = received.Source == BillingSource.Stripe.Name()
            ? StripeEventReader.Read(document.RootElement, options.Catalog, key, received.ReceivedAt)
            : RevenueCatEventReader.Read(document.RootElement, options.Catalog, key, received.ReceivedAt);
        return fact is { Sandbox: true } && !options.AcceptSandbox ? null : fact;
    }

    private static bool IsChargeBack(WebhookEvent received) =>
        received.EventType is StripeEventReader.ChargeRefunded or StripeEventReader.DisputeCreated or StripeEventReader.FundsWithdrawn;

    /// <summary>
    /// Asks for the charge whose money went back, where it alone tells whom the event is about or what was paid.
    /// </summary>
    /// <returns>False when nobody is asked: the event then says nothing.</returns>
    private bool AskForCharge(WebhookEvent received)
    {
        if (!IsChargeBack(received))
        {
            return false;
        }

        using var document = LenientJson.ParseObject(received.Body);
        return document is not null
            && StripeEventReader.ChargeToAskFor(document.RootElement, received.ReceivedAt) is { } question
            && questions.AskForCharge(db, question);
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

    /// <summary>What came before anybody knew whose customer it is about.</summary>
    private void MergeWaiting(BillingBook book, List<Person> people, Person person, BillingFact fact)
    {
        string?[] keys = [fact.CustomerId, fact.SubscriptionId];
        foreach (var earlier in book.Waiting.Where(e => e.State == WebhookEventState.Waiting && keys.Contains(e.CustomerKey)))
        {
            if (Read(earlier) is { } said)
            {
                Merge(people, person, said);
            }
            else
            {
                // It waited from before there was a key to ask with.
                AskForCharge(earlier);
            }

            Settle(earlier, WebhookEventState.Applied);
        }
    }

    /// <summary>The latest checkout tells whose customer it is, also when an older row says otherwise.</summary>
    private static void Link(BillingBook book, Person person, BillingFact fact)
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
                LinkCustomer(book, person, customer);
            }
        }
        else if (subscription.StripeCustomerId is null && !book.People.Exists(p => p.Subscription.StripeCustomerId == fact.CustomerId))
        {
            subscription.StripeCustomerId = fact.CustomerId;
        }
    }

    private static void LinkCustomer(BillingBook book, Person buyer, string customer)
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

    /// <summary>Reassigns each subscription to the owner named by its latest statement or a later transfer.</summary>
    private void SettleOwners(List<Person> people)
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

    /// <summary>Statements about an unnamed purchase move along when made before the transfer; later ones stay.</summary>
    private void Hand(Entitlement unnamed, Stamp transferredAt, Person heir)
    {
        var (earlier, later) = unnamed.State.SplitAt(transferredAt);
        if (earlier is not null)
        {
            var received = heir.Unnamed(BillingSource.RevenueCat) ?? Add(heir, BillingSource.RevenueCat, customerId: null, "");
            received.State = EntitlementState.Join(received.State, earlier);
            received.UpdatedAt = time.GetUtcNow();
            unnamed.State = later;
        }
    }

    /// <summary>A payment opens its period with a count of zero, once per period however often it is told.</summary>
    private void OpenPaidPeriods(Person person, Plan plan)
    {
        if (plan.Tier == Tier.Free)
        {
            return;
        }

        foreach (var entitlement in person.Entitlements)
        {
            if (entitlement.State.PaidPeriodStart is { } start && !(start <= entitlement.State.UsageResetFor))
            {
                entitlement.State = entitlement.State with { UsageResetFor = start };
                _openedPeriods.Add((person.UserId, start));
            }
        }
    }

    private async Task StoreSettledAsync(CancellationToken cancellationToken)
    {
        if (_settled.Count == 0)
        {
            return;
        }

        var settled = _settled.ToList();
        Guid[] ids = [.. settled.Select(e => e.Id)];
        string[] states = [.. settled.Select(e => e.State)];
        DateTimeOffset?[] applied = [.. settled.Select(e => e.AppliedAt)];
        await db.Database.ExecuteSqlAsync(
            $"""
            update webhook_events e set state = settled.state, applied_at = settled.applied_at
            from unnest({ids}, {states}, {applied}) settled(id, state, applied_at)
            where e.id = settled.id
            """,
            cancellationToken);
        settled.ForEach(e => committed.Settled(db, e));
        if (_ofNobody.Count > 0)
        {
            // As at the end of an account.
            await db.WebhookEvents.Where(e => _ofNobody.Contains(e.Id)).ExecuteUpdateAsync(
                set => set.SetProperty(e => e.Body, Array.Empty<byte>()).SetProperty(e => e.CustomerKey, (string?)null), cancellationToken);
        }
    }

    private async Task ResetUsageAsync(CancellationToken cancellationToken)
    {
        if (_openedPeriods.Count == 0)
        {
            return;
        }

        var periods = _openedPeriods.Order().ToList();
        Guid[] ids = [.. periods.Select(_ => Guid.CreateVersion7())];
        Guid[] users = [.. periods.Select(p => p.UserId)];
        DateTimeOffset[] starts = [.. periods.Select(p => p.PeriodStart)];
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into usage (id, user_id, period_start, session_count)
            select id, user_id, period_start, 0 from unnest({ids}, {users}, {starts}) opened(id, user_id, period_start)
            on conflict (user_id, period_start) do update set session_count = 0, updated_at = now()
            """,
            cancellationToken);
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
        person.Entitlements.Add(entitlement);
        return entitlement;
    }

    private void Settle(WebhookEvent received, string state)
    {
        if (received.State != state)
        {
            received.State = state;
            received.AppliedAt = state == WebhookEventState.Waiting ? null : time.GetUtcNow();
            _settled.Add(received);
        }
    }

    [LoggerMessage(3001, LogLevel.Information, "{Source} event of type {EventType} is {State}")]
    private static partial void LogSettled(ILogger logger, string source, string eventType, string state);
}
