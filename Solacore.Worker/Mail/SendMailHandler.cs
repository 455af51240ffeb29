using Microsoft.EntityFrameworkCore;
using Solacore.Core.Accounts;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Mail;

namespace Solacore.Worker.Mail;

/// <summary>Mails the link to a new password while it is of use.</summary>
internal sealed class SendMailHandler(
    Mailing mailing, SolacoreDb db, ResetTokens tokens, MailOptions options, MailMetrics metrics, TimeProvider time) : IJobHandler<SendMail>
{
    public async Task HandleAsync(SendMail payload, JobContext job, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var wanted = await (
            from reset in db.PasswordResetTokens
            where reset.Id == payload.Id && reset.UsedAt == null && reset.ExpiresAt > now
            join user in db.Users on reset.UserId equals user.Id
            where user.IsActive
            select new { user.Email, user.Locale }).SingleOrDefaultAsync(cancellationToken);
        if (wanted is null)
        {
            metrics.Handled(MailMetrics.PasswordReset, MailMetrics.Skipped);
            return;
        }

        var link = $"{options.Web.Url}{options.Web.ResetPath}?token={Uri.EscapeDataString(tokens.TokenOf(payload.Id))}";
        var mail = MailTexts.PasswordReset(payload.Id, wanted.Email, payload.Locale ?? wanted.Locale, link);
        await mailing.SendAsync(MailMetrics.PasswordReset, mail, job, sent: () => Task.CompletedTask, failed: () => Task.CompletedTask, cancellationToken);
    }
}
