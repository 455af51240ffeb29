using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Telemetry;

namespace Solacore.Core.Billing;

/// <summary>Names the stored event that a job applies.</summary>
public sealed record ApplyWebhook(Guid EventId)
{
    public static readonly JobKind<ApplyWebhook> Kind =
        new("webhooks.apply", JobLane.Webhooks, RetryPolicy.Standard, TimeSpan.FromSeconds(60));
}

/// <summary>
/// Applies stored events, many at a time. Entitlements, plans, usage, history, the states of the events and the ends of
/// their jobs share one transaction, so that a crash at any point leaves either nothing or everything.
/// </summary>
public sealed partial class ApplyWebhookHandler(
    SolacoreDb db, BillingOptions options, StoreQuestions questions, CommittedFacts committed, TimeProvider time, ILogger<ApplyWebhookHandler> logger)
    : IBatchJobHandler<ApplyWebhook>
{
    private readonly HashSet<WebhookEvent> _settled = [];
    private readonly HashSet<(Guid UserId, DateTimeOffset PeriodStart)> _openedPeriods = [];

    /// <summary>Events that change nothing themselves: that they came is kept, and not what they tell about a person.</summary>
    private readonly HashSet<WebhookEvent> _emptied = [];

    public async Task HandleAsync(IReadOnlyList<BatchedJob<ApplyWebhook>> jobs, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        Guid[] ids = [.. jobs.Select(j => j.Payload.EventId)];
        var stored = await db.WebhookEvents.AsNoTracking().Where(e => ids.Contains(e.Id)).ToDictionaryAsync(e => e.Id, cancellationToken);
        var facts = stored.Values.Where(IsOpen).ToDictionary(e => e.Id, Read);
        var book = await BillingBook.OpenAsync(db, stored, [.. facts.Values.OfType<BillingFact>()], time.GetUtcNow(), cancellationToken);
        var merge = new FactMerge(book, time.GetUtcNow());
        foreach (var job in jobs)
        {
            if (stored.TryGetValue(job.Payload.EventId, out var received) && IsOpen(received))
            {
                Apply(book, merge, received, facts[received.Id], job.Activity);
                LogSettled(logger, received.Source.Name(), received.EventType, received.State.Name());
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

    private void Apply(BillingBook book, FactMerge merge, WebhookEvent received, BillingFact? fact, Activity? activity)
    {
        if (fact is null)
        {
            // What is asked for comes as another event.
            Settle(received, AskForCharge(received) ? WebhookEventState.Applied : WebhookEventState.Ignored);
            _emptied.Add(received);
            return;
        }

        var userId = book.UserOf(fact);
        if (userId is null && book.HeirOf(fact) is { } heir)
        {
            // Moved from somebody unknown: only RevenueCat can tell what that was, if it can be asked. Else it is what the person
            // had lost to somebody unknown.
            if (questions.AskForSubscriber(db, heir))
            {
                Settle(received, WebhookEventState.Applied);
                return;
            }

            userId = heir;
        }

        activity?.SetCustomProperty(SystemNames.UserIdProperty, userId);
        var people = userId is { } known ? book.Touched(fact, known) : [];
        var person = people.Find(p => p.UserId == userId);
        if (person is null)
        {
            // An invoice may overtake the checkout that tells whose customer it bills. Whoever is named has been known, and is gone.
            var mayBecomeKnown = fact is { Source: BillingSource.Stripe, LinksUser: false, Users: [] } && received.CustomerKey is not null;
            Settle(received, mayBecomeKnown ? WebhookEventState.Waiting : WebhookEventState.Ignored);
            if (mayBecomeKnown)
            {
                book.Waiting.Add(received);
            }
            else
            {
                _emptied.Add(received);
            }

            return;
        }

        people.ForEach(merge.Adopt);
        merge.Merge(people, person, fact);
        Settle(received, WebhookEventState.Applied);
        if (fact.Source == BillingSource.Stripe)
        {
            merge.Link(person, fact);
            MergeWaiting(book, merge, people, person, fact);
        }

        merge.SettleOwners(people, fact.Source);
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
            return FetchedTruth.Read(received.Source, document.RootElement, options, key, received.ReceivedAt);
        }

        if (questions.AsksStripe
            && StripeEventReader.IsAboutCharge(received.EventType)
            && StripeEventReader.ChargeToAskFor(document.RootElement, received.ReceivedAt) is not null)
        {
            return null;
        }

        var fact = received.Source == BillingSource.Stripe
            ? StripeEventReader.Read(document.RootElement, options.Catalog, key, received.ReceivedAt)
            : RevenueCatEventReader.Read(document.RootElement, options.Catalog, key, received.ReceivedAt);
        return fact is { Sandbox: true } && !options.AcceptSandbox ? null : fact;
    }

    /// <summary>
    /// Asks for the charge whose money moved, where it alone tells whom the event is about or what was paid.
    /// </summary>
    /// <returns>False when nobody is asked: the event then says nothing.</returns>
    private bool AskForCharge(WebhookEvent received)
    {
        if (!StripeEventReader.IsAboutCharge(received.EventType))
        {
            return false;
        }

        using var document = LenientJson.ParseObject(received.Body);
        return document is not null
            && StripeEventReader.ChargeToAskFor(document.RootElement, received.ReceivedAt) is { } question
            && questions.AskForCharge(db, question);
    }

    /// <summary>What came before anybody knew whose customer it is about.</summary>
    private void MergeWaiting(BillingBook book, FactMerge merge, List<Person> people, Person person, BillingFact fact)
    {
        string?[] keys = [fact.CustomerId, fact.SubscriptionId];
        foreach (var earlier in book.Waiting.Where(e => e.State == WebhookEventState.Waiting && keys.Contains(e.CustomerKey)))
        {
            if (Read(earlier) is { } said)
            {
                merge.Merge(people, person, said);
            }
            else
            {
                // It waited from before there was a key to ask with.
                AskForCharge(earlier);
            }

            Settle(earlier, WebhookEventState.Applied);
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
        string[] states = [.. settled.Select(e => e.State.Name())];
        DateTimeOffset?[] applied = [.. settled.Select(e => e.AppliedAt)];
        bool[] emptied = [.. settled.Select(_emptied.Contains)];
        await db.Database.ExecuteSqlAsync(
            $"""
            update webhook_events e set state = settled.state, applied_at = settled.applied_at,
                body = case when settled.is_emptied then '' else e.body end,
                customer_key = case when settled.is_emptied then null else e.customer_key end
            from unnest({ids}, {states}, {applied}, {emptied}) settled(id, state, applied_at, is_emptied)
            where e.id = settled.id
            """,
            cancellationToken);
        settled.ForEach(e => committed.Settled(db, e));
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

    private void Settle(WebhookEvent received, WebhookEventState state)
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
