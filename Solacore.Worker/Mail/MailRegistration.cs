using Microsoft.Extensions.DependencyInjection.Extensions;
using Solacore.Core.Accounts;
using Solacore.Core.Jobs;
using Solacore.Core.Mail;
using Solacore.Core.Settings;
using Solacore.Core.Telemetry;
using Solacore.Worker.Jobs;

namespace Solacore.Worker.Mail;

/// <summary>Everything that leaves by mail.</summary>
public static class MailRegistration
{
    /// <summary>With mail off, reset mails are dropped.</summary>
    public static IServiceCollection AddMail(this IServiceCollection services, SettingsReader settings)
    {
        var options = MailOptions.Read(settings);
        services.AddZeroInitializedMetrics<MailMetrics>();
        if (!options.Enabled)
        {
            return services.AddJobHandler<DroppedMailHandler, SendMail>(SendMail.Kind);
        }

        services.TryAddSingleton(AccountOptions.Read(settings));
        services.TryAddSingleton<ResetTokens>();
        services.TryAddSingleton<UnsubscribeTokens>();
        services.AddSingleton(options);
        services.AddSingleton<SmtpSender>();
        services.AddScoped<Mailing>();
        services.TryAddScoped<Handover>();
        return services.AddJobHandler<SendMailHandler, SendMail>(SendMail.Kind);
    }
}
