using Microsoft.Extensions.DependencyInjection.Extensions;
using Solacore.Core.Jobs;
using Solacore.Core.Mail;
using Solacore.Core.Push;
using Solacore.Core.Reminders;
using Solacore.Core.Settings;
using Solacore.Core.Telemetry;
using Solacore.ServiceDefaults;
using Solacore.Worker.Jobs;

namespace Solacore.Worker.Reminders;

/// <summary>Reminders, by mail and to phones.</summary>
public static class RemindersRegistration
{
    /// <summary>
    /// With mail and push off, reminders that are due stay pending. Jobs for a channel that is off wait for a worker that has
    /// it.
    /// </summary>
    public static IServiceCollection AddReminders(this IServiceCollection services, SettingsReader settings)
    {
        var push = PushOptions.Read(settings);
        var channels = new ReminderChannels(MailOptions.Read(settings).Enabled, push.Enabled);
        if (channels.Mail)
        {
            services.AddJobHandler<MailReminderHandler, MailReminder>(MailReminder.Kind);
        }

        if (channels.Push)
        {
            services.AddZeroInitializedMetrics<PushMetrics>();
            services.AddScoped<PushTokens>();
            services.AddHttpClient<ExpoPush>(http => ExpoPush.Configure(http, push)).AddShortCallResilience();
            services.AddJobHandler<PushReminderHandler, PushReminder>(PushReminder.Kind);
            services.AddJobHandler<ReadPushReceiptsHandler, ReadPushReceipts>(ReadPushReceipts.Kind);
            services.AddRecurringJob(ReadPushReceipts.Kind, "*/5 * * * *", new ReadPushReceipts());
        }

        if (channels is { Mail: false, Push: false })
        {
            return services;
        }

        services.AddSingleton(channels);
        services.AddScoped<SentReminders>();
        services.TryAddScoped<Handover>();
        services.AddJobHandler<QueueRemindersHandler, QueueReminders>(QueueReminders.Kind);
        return services.AddRecurringJob(QueueReminders.Kind, "* * * * *", new QueueReminders());
    }
}
