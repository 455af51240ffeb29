using Solacore.Core.Jobs;
using Solacore.Core.Mail;
using Solacore.Worker.Jobs;

namespace Solacore.Worker.Mail;

/// <summary>
/// Sends a mail and completes its job: once per occasion, as far as SMTP allows (see <see cref="Handover"/>). A mail that is
/// sent again carries the same Message-ID, by which mailboxes drop it.
/// </summary>
internal sealed class Mailing(SmtpSender sender, Handover handover)
{
    /// <param name="mail">The mail.</param>
    /// <param name="job">The run that sends it.</param>
    /// <param name="mark">What is to be stored with the end of the job; runs inside its transaction.</param>
    /// <param name="cancellationToken">Stops connecting, not the hand-over.</param>
    /// <exception cref="MailNotAcceptedException">The server did not take it.</exception>
    /// <exception cref="LeaseLostException">Another worker has taken the job over.</exception>
    public Task SendAsync(OutgoingMail mail, JobContext job, Func<Task> mark, CancellationToken cancellationToken) =>
        sender.SendAsync(mail, () => handover.CompleteAsync(job, mark), cancellationToken);
}
