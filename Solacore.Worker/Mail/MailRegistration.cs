using Microsoft.Extensions.DependencyInjection.Extensions;
using Solacore.Core.Accounts;
using Solacore.Core.Jobs;
using Solacore.Core.Mail;
using Solacore.Core.Settings;

namespace Solacore.Worker.Mail;

/// <summary>Everything that leaves by mail.</summary>
public static class MailRegistration
{
    /// <summary>
    /// With mail off, reset mails are dropped, reminders that are due stay pending, and reminder jobs that are queued
    /// already wait for a worker that can mail.
    /// </summary>
    public static IServiceCollection AddMail(this IServiceCollection services, SettingsReader settings)
    {
        var options = MailOptions.Read(settings);
        services.AddSingleton<MailMetrics>();
        if (!options.Enabled)
        {
            return services.AddJobHandler<DroppedMailHandler, SendMail>(MailJobs.Send);
        }

        services.TryAddSingleton(AccountOptions.Read(settings));
        services.TryAddSingleton<ResetTokens>();
        services.AddSingleton(options);
        services.AddSingleton<SmtpSender>();
        services.AddScoped<Mailing>();
        services.AddJobHandler<ResetMailHandler, SendMail>(MailJobs.Send);
        services.AddJobHandler<ReminderHandler, SendReminder>(MailJobs.Remind);
        services.AddJobHandler<QueueRemindersHandler, QueueReminders>(MailJobs.QueueReminders);
        return services.AddRecurringJob(MailJobs.QueueReminders, "* * * * *", new QueueReminders());
    }
}
