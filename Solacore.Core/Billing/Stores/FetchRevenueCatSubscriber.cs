using Solacore.Core.Data;
using Solacore.Core.Jobs;

namespace Solacore.Core.Billing.Stores;

/// <summary>Asks RevenueCat for a subscriber.</summary>
public sealed record FetchRevenueCatSubscriber(Guid UserId)
{
    public static readonly JobKind<FetchRevenueCatSubscriber> Kind =
        new("billing.fetch_revenuecat", JobLane.RevenueCat, StoreQuestions.UntilTheStoreIsBack, TimeSpan.FromSeconds(60));
}

/// <summary>Asks RevenueCat for the truth about a person whom an event was about.</summary>
public sealed class FetchRevenueCatSubscriberHandler(SolacoreDb db, RevenueCatClient revenueCat, TruthComparison comparison)
    : IJobHandler<FetchRevenueCatSubscriber>
{
    public async Task HandleAsync(FetchRevenueCatSubscriber payload, JobContext job, CancellationToken cancellationToken)
    {
        if (!await LaterQuestions.ExistAsync(db, job, StoreQuestions.KeyOf(payload), cancellationToken))
        {
            await comparison.CompareAsync(payload.UserId, await revenueCat.FindAsync(payload.UserId, cancellationToken), cancellationToken);
        }
    }
}
