using Solacore.Core.Jobs;
using Solacore.Core.Mail;

namespace Solacore.Worker.Mail;

/// <summary>What happens to a reset mail where mail is off: a link that nobody gets is worth no queue.</summary>
internal sealed partial class DroppedMailHandler(MailMetrics metrics, ILogger<DroppedMailHandler> logger) : IJobHandler<SendMail>
{
    public Task HandleAsync(SendMail payload, JobContext job, CancellationToken cancellationToken)
    {
        LogDropped(logger);
        metrics.Handled(MailMetrics.PasswordReset, MailMetrics.Dropped);
        return Task.CompletedTask;
    }

    [LoggerMessage(5001, LogLevel.Warning, "A mail with a reset link was dropped: SMTP_ENABLED is off")]
    private static partial void LogDropped(ILogger logger);
}
