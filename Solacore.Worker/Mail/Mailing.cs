using Solacore.Core.Jobs;
using Solacore.Core.Mail;
using Solacore.Worker.Jobs;

namespace Solacore.Worker.Mail;

/// <summary>
/// Sends a mail and completes its job: once per occasion, as far as SMTP allows (see <see cref="Handover"/>). A mail that is
/// sent again carries the same Message-ID, by which mailboxes drop it.
/// </summary>
internal sealed partial class Mailing(SmtpSender sender, Handover handover, ILogger<Mailing> logger)
{
    /// <param name="mail">The mail.</param>
    /// <param name="job">The run that sends it.</param>
    /// <param name="sent">What is to be stored with the end of the job; runs inside its transaction.</param>
    /// <param name="refused">The same when the mailbox takes nothing: a job that can never succeed is over, too.</param>
    /// <param name="cancellationToken">Stops connecting, not the hand-over.</param>
    /// <exception cref="MailNotAcceptedException">The server did not take it, for a reason that is not the mailbox's.</exception>
    /// <exception cref="LeaseLostException">Another worker has taken the job over.</exception>
    /// <returns>False when the mailbox takes nothing.</returns>
    public async Task<bool> SendAsync(OutgoingMail mail, JobContext job, Func<Task> sent, Func<Task> refused, CancellationToken cancellationToken)
    {
        try
        {
            await sender.SendAsync(mail, () => handover.CompleteAsync(job, sent), cancellationToken);
            return true;
        }
        catch (MailNotAcceptedException e) when (e.Obstacle == MailObstacle.Mailbox)
        {
            await handover.CompleteAsync(job, refused);
            LogRefused(logger, job.Id, e.Message);
            return false;
        }
    }

    [LoggerMessage(5002, LogLevel.Warning, "The mailbox of mail job {JobId} takes nothing, so it was given up: {Reason}")]
    private static partial void LogRefused(ILogger logger, long jobId, string reason);
}
