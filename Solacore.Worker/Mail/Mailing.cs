using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Mail;

namespace Solacore.Worker.Mail;

/// <summary>
/// Sends a mail and completes its job: once per occasion, as far as SMTP allows. The server cannot take part in our
/// transaction, so a worker that dies between the server's "250" and the commit leaves a job that sends again. That
/// window is kept to one commit: nothing but a crash cuts it, a database that is away for moments is waited for,
/// and the second mail carries the same Message-ID, by which mailboxes drop it.
/// </summary>
internal sealed class Mailing(SmtpSender sender, SolacoreDb db, TimeProvider time)
{
    // Together with the sender's time-outs less than the minute after which the queue calls a run failed.
    private static readonly TimeSpan CommitPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenCommits = TimeSpan.FromMilliseconds(250);

    /// <param name="mark">What is to be stored with the end of the job; runs inside its transaction.</param>
    /// <exception cref="MailNotAcceptedException">The server did not take it.</exception>
    /// <exception cref="LeaseLostException">Another worker has taken the job over.</exception>
    public Task SendAsync(OutgoingMail mail, JobContext job, Func<Task> mark, CancellationToken cancellationToken) =>
        sender.SendAsync(mail, () => CompleteAsync(job, mark), cancellationToken);

    /// <summary>The mail is out: no stop, time-out or outage may make the job forget it.</summary>
    private async Task CompleteAsync(JobContext job, Func<Task> mark)
    {
        var accepted = time.GetTimestamp();
        while (true)
        {
            try
            {
                await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
                await mark();
                await job.CompleteAsync(db, CancellationToken.None);
                await transaction.CommitAsync(CancellationToken.None);
                return;
            }
            catch (Exception e) when (IsPassing(e) && time.GetElapsedTime(accepted) < CommitPatience)
            {
                db.ChangeTracker.Clear();
                await Task.Delay(BetweenCommits, time, CancellationToken.None);
            }
        }
    }

    private static bool IsPassing(Exception e) =>
        e is DbException { IsTransient: true } or InvalidOperationException { InnerException: DbException { IsTransient: true } }
            or DbUpdateException { InnerException: DbException { IsTransient: true } };
}
