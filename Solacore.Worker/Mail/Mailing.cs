using Solacore.Core.Jobs;
using Solacore.Core.Mail;
using Solacore.Worker.Jobs;

namespace Solacore.Worker.Mail;

/// <summary>
/// Sends a mail and completes its job: once per occasion, as far as SMTP allows (see <see cref="Handover"/>). A mail that is
/// sent again carries the same Message-ID, by which mailboxes drop it.
/// </summary>
internal sealed partial class Mailing(SmtpSender sender, Handover handover, MailMetrics metrics, ILogger<Mailing> logger)
{
    /// <param name="about">What the mail is about, as <see cref="MailMetrics"/> tells it.</param>
    /// <param name="mail">The mail.</param>
    /// <param name="job">The run that sends it.</param>
    /// <param name="sent">What is to be stored with the end of the job; runs inside its transaction.</param>
    /// <param name="failed">What is to be stored when the mail will never be sent.</param>
    /// <param name="cancellationToken">Stops connecting, not the hand-over.</param>
    /// <exception cref="MailNotAcceptedException">The server did not take it now.</exception>
    /// <exception cref="PermanentJobException">The server will not take this mail, or took it not once in all attempts.</exception>
    /// <exception cref="LeaseLostException">Another worker has taken the job over.</exception>
    /// <returns>False when the mailbox takes nothing: a job that can never succeed is over, too.</returns>
    public async Task<bool> SendAsync(
        string about, OutgoingMail mail, JobContext job, Func<Task> sent, Func<Task> failed, CancellationToken cancellationToken)
    {
        try
        {
            await sender.SendAsync(mail, () => handover.CompleteAsync(job, sent), cancellationToken);
            metrics.Handled(about, MailMetrics.Sent);
            return true;
        }
        catch (MailNotAcceptedException e) when (e.Obstacle == MailObstacle.Mailbox)
        {
            await handover.CompleteAsync(job, failed);
            LogRefused(logger, job.Id, e.Message);
            metrics.Handled(about, MailMetrics.Failed);
            return false;
        }
        catch (MailNotAcceptedException e) when (e.Obstacle == MailObstacle.Mail || job.Attempt >= job.MaxAttempts)
        {
            await failed();
            metrics.Handled(about, MailMetrics.Failed);
            throw new PermanentJobException(e.Message);
        }
        catch (MailNotAcceptedException)
        {
            metrics.Handled(about, MailMetrics.Retried);
            throw;
        }
    }

    [LoggerMessage(5002, LogLevel.Warning, "The mailbox of mail job {JobId} takes nothing, so it was given up: {Reason}")]
    private static partial void LogRefused(ILogger logger, long jobId, string reason);
}
