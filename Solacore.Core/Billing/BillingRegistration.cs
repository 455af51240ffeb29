using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Jobs;
using Solacore.Core.Settings;

namespace Solacore.Core.Billing;

public static class BillingRegistration
{
    /// <summary>Receiving events, buying and managing, for the process that talks to people and stores.</summary>
    public static IServiceCollection AddBilling(this IServiceCollection services, SettingsReader settings)
    {
        var options = BillingOptions.Read(settings);
        return services.AddWebhookInbox(options).AddCheckouts(StoreOptions.Read(settings, options.PaymentsEnabled));
    }

    /// <summary>Entry point of the inbox, for the process that receives events.</summary>
    public static IServiceCollection AddWebhookInbox(this IServiceCollection services, BillingOptions options) =>
        services.AddSingleton(options).AddSingleton<WebhookInbox>();

    /// <summary>The work behind the inbox, for the process that applies events.</summary>
    public static IServiceCollection AddWebhookApplier(this IServiceCollection services, BillingOptions options)
    {
        services.TryAddSingleton(StoreQuestions.None);
        return services.AddSingleton(options).AddBatchJobHandler<ApplyWebhookHandler, ApplyWebhook>(ApplyWebhook.Kind);
    }
}
