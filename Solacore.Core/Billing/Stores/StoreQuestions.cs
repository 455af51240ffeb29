using Solacore.Core.Data;
using Solacore.Core.Jobs;

namespace Solacore.Core.Billing.Stores;

/// <summary>
/// What to ask the stores after an event. An event is applied at once by its own content, ordered by the provider's clock,
/// and the question for the truth is a job in the same transaction: whoever pays has their plan in milliseconds even
/// while the store's API is down, and an outage of days costs nothing but the wait for the answers.
/// </summary>
public sealed class StoreQuestions(bool asksStripe, bool asksRevenueCat)
{
    /// <summary>Without keys nobody is asked.</summary>
    public static readonly StoreQuestions None = new(asksStripe: false, asksRevenueCat: false);

    /// <summary>Whether Stripe can be asked for what an event leaves open.</summary>
    public bool AsksStripe => asksStripe;

    /// <summary>A new customer is probably waiting at the screen: their questions go first.</summary>
    private static readonly TimeSpan NewCustomer = TimeSpan.FromDays(1);

    /// <summary>More than three days, longer than any outage of a provider so far; never more than ten minutes behind its end.</summary>
    internal static readonly RetryPolicy UntilTheStoreIsBack = new(500, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10));

    /// <summary>Enqueues the questions within the transaction that applies an event.</summary>
    /// <param name="db">That transaction.</param>
    /// <param name="received">The event. An answer of a store raises no further question about itself.</param>
    /// <param name="fact">What the event said.</param>
    /// <param name="userId">A person whom it touched.</param>
    /// <param name="entitlements">What that person has by now.</param>
    /// <param name="now">The time of applying.</param>
    public void Ask(
        SolacoreDb db, WebhookEvent received, BillingFact fact, Guid userId, IReadOnlyCollection<Entitlement> entitlements, DateTimeOffset now)
    {
        var isAnswer = FetchedTruth.Is(received.EventType);
        var priority = entitlements.Any(e => e.CreatedAt > now - NewCustomer) ? JobPriority.Urgent : JobPriority.Normal;
        if (fact.Source == BillingSource.RevenueCat)
        {
            if (asksRevenueCat && !isAnswer)
            {
                Enqueue(db, FetchRevenueCatSubscriber.Kind, new(userId), KeyOf, priority);
            }

            return;
        }

        if (!asksStripe)
        {
            return;
        }

        var alive = AliveAtStripe(entitlements);
        if (!isAnswer)
        {
            foreach (var id in fact.SubscriptionId.Length > 0 ? [fact.SubscriptionId] : alive)
            {
                Enqueue(db, FetchStripeSubscription.Kind, new(id), KeyOf, priority);
            }
        }

        if (alive.Count > 1)
        {
            // Who upgrades pays on a new subscription; the former one must not go on taking money.
            Enqueue(db, KeepOneSubscription.Kind, new(userId), KeyOf, JobPriority.Urgent);
        }
    }

    /// <summary>Enqueues the question for a charge whose money moved.</summary>
    /// <returns>False when nobody is asked.</returns>
    public bool AskForCharge(SolacoreDb db, FetchStripeCharge question)
    {
        if (asksStripe)
        {
            db.Enqueue(FetchStripeCharge.Kind, question);
        }

        return asksStripe;
    }

    /// <summary>Enqueues the question for what a person has who is probably waiting for it at the screen.</summary>
    /// <returns>False when nobody is asked.</returns>
    public bool AskForSubscriber(SolacoreDb db, Guid userId)
    {
        if (asksRevenueCat)
        {
            Enqueue(db, FetchRevenueCatSubscriber.Kind, new(userId), KeyOf, JobPriority.Urgent);
        }

        return asksRevenueCat;
    }

    /// <summary>Questions about one subject are asked one after the other, and the last one stands for all.</summary>
    internal static string KeyOf(FetchStripeSubscription question) => $"fetch:stripe:{question.SubscriptionId}";

    internal static string KeyOf(FetchRevenueCatSubscriber question) => $"fetch:revenuecat:{question.UserId}";

    internal static string KeyOf(KeepOneSubscription order) => $"keep-one:{order.UserId}";

    private static void Enqueue<TPayload>(
        SolacoreDb db, JobKind<TPayload> kind, TPayload payload, Func<TPayload, string> key, JobPriority priority) =>
        db.Enqueue(kind, payload, priority, serialKey: key(payload));

    private static List<string> AliveAtStripe(IEnumerable<Entitlement> entitlements) =>
    [
        .. entitlements
            .Where(e => e.Source == BillingSource.Stripe && e.ExternalSubscriptionId.Length > 0 && e.State is { Activated: true, Deleted: false })
            .Select(e => e.ExternalSubscriptionId),
    ];
}
