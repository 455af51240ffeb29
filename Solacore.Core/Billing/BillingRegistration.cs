using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Jobs;

namespace Solacore.Core.Billing;

public static class BillingRegistration
{
    /// <summary>Entry point of the inbox, for the process that receives events.</summary>
    public static IServiceCollection AddWebhookInbox(this IServiceCollection services, BillingOptions options) =>
        services.AddSingleton(options).AddSingleton<WebhookInbox>();

    /// <summary>The work behind the inbox, for the process that applies events.</summary>
    public static IServiceCollection AddWebhookApplier(this IServiceCollection services, BillingOptions options)
    {
        services.TryAddSingleton(StoreQuestions.None);
        return services.AddSingleton(options).AddBatchJobHandler<WebhookApplier, ApplyWebhook>(WebhookInbox.Apply);
    }
}
