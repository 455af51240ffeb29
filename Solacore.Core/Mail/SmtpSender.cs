using System.Globalization;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Solacore.Core.Mail;

/// <summary>
/// The server did not take a mail. The message carries a status code and no word of the server's: refusals quote addresses.
/// </summary>
public sealed class MailNotAcceptedException(MailObstacle obstacle, string reason) : Exception(reason)
{
    public MailObstacle Obstacle { get; } = obstacle;
}

/// <summary>What keeps a mail from being taken.</summary>
public enum MailObstacle
{
    /// <summary>It may pass, or an operator repairs it: the same mail can be taken later.</summary>
    Passing,

    /// <summary>This very mail will never be taken, for its text or for us; somebody should know why.</summary>
    Mail,

    /// <summary>The mailbox takes nothing from anybody: it is unknown, closed or full. Nobody here can change that.</summary>
    Mailbox,
}

/// <summary>
/// Hands mails to the SMTP server. A burst shares the connections of those that are sent at the same time, which are closed when
/// it is over; a mail whose connection broke before the server took it is the caller's to send again.
/// </summary>
public sealed class SmtpSender : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(30);

    // Shorter than the patience of servers, which is 5 minutes by RFC 5321 and 10 seconds with some.
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(5);

    private readonly MailOptions _options;
    private readonly TimeProvider _time;
    private readonly Stack<Idle> _idle = new();
    private readonly ITimer _closing;

    public SmtpSender(MailOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _closing = time.CreateTimer(_ => CloseIdle(), null, IdleTimeout, IdleTimeout);
    }

    /// <summary>Hands one mail over and lets the caller note it.</summary>
    /// <param name="accepted">Runs once the server has taken the mail.</param>
    /// <param name="cancellationToken">
    /// Stops connecting. Not the hand-over itself: cut short, nobody would know whether the mail is out.
    /// </param>
    /// <exception cref="MailNotAcceptedException">It was not taken, as far as anybody can know.</exception>
    public async Task SendAsync(OutgoingMail mail, Func<Task> accepted, CancellationToken cancellationToken)
    {
        using var message = ToMessage(mail);
        await HandOverAsync(message, cancellationToken);
        await accepted();
    }

    private async Task HandOverAsync(MimeMessage message, CancellationToken cancellationToken)
    {
        SmtpClient? client = null;
        try
        {
            client = TakeIdle() ?? await ConnectAsync(cancellationToken);
            using var timeout = new CancellationTokenSource(SendTimeout, _time);
            await client.SendAsync(message, timeout.Token);
            Keep(ref client);
        }
        catch (SmtpCommandException e)
        {
            // The client has reset the conversation, so the next mail needs no connection of its own: 421 alone ends it.
            if (client is { IsConnected: true } && e.StatusCode != SmtpStatusCode.ServiceNotAvailable)
            {
                Keep(ref client);
            }

            throw Refused(e);
        }
        catch (Exception e) when (IsTrouble(e) && !cancellationToken.IsCancellationRequested)
        {
            throw new MailNotAcceptedException(MailObstacle.Passing, Describe(e));
        }
        finally
        {
            client?.Dispose();
        }
    }

    private static MailNotAcceptedException Refused(SmtpCommandException e) => new(
        ObstacleOf((int)e.StatusCode, e.ErrorCode, e.Message),
        string.Create(CultureInfo.InvariantCulture, $"The server answered {(int)e.StatusCode} ({e.ErrorCode})."));

    /// <summary>A refusal of the recipient or of the text stays one; a refused sender or sign-in is an operator's to repair.</summary>
    private static MailObstacle ObstacleOf(int status, SmtpErrorCode refused, string words) => refused switch
    {
        SmtpErrorCode.RecipientNotAccepted when status >= 550 && !IsAboutUs(words) => MailObstacle.Mailbox,
        SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted when status >= 500 => MailObstacle.Mail,
        _ => MailObstacle.Passing,
    };

    /// <summary>
    /// Many servers judge the sender only when they hear the recipient: "554 5.7.1 Relay access denied", "550 5.1.8 Sender address
    /// rejected" (RFC 3463: x.7 is policy, x.1.7 and x.1.8 the sender's address).
    /// </summary>
    private static bool IsAboutUs(string words) =>
        words.StartsWith("5.7.", StringComparison.Ordinal) || words.StartsWith("5.1.7 ", StringComparison.Ordinal) || words.StartsWith("5.1.8 ", StringComparison.Ordinal);

    private static string Describe(Exception e)
    {
        SmtpStatusCode? status = e switch
        {
            ServiceNotAuthenticatedException => SmtpStatusCode.AuthenticationRequired,
            { InnerException: SmtpCommandException answer } => answer.StatusCode,
            _ => null,
        };
        return status is { } code
            ? string.Create(CultureInfo.InvariantCulture, $"The server answered {(int)code} ({e.GetType().Name}).")
            : $"The mail was not handed over ({e.GetType().Name}).";
    }

    private static bool IsTrouble(Exception e) =>
        e is ProtocolException or AuthenticationException or SslHandshakeException or ServiceNotConnectedException
            or ServiceNotAuthenticatedException or IOException or SocketException or OperationCanceledException or NotSupportedException;

    private async Task<SmtpClient> ConnectAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var client = new SmtpClient();
        try
        {
            await client.ConnectAsync(_options.Host, _options.Port, Encryption(), linked.Token);
            if (_options.User.Length > 0)
            {
                await client.AuthenticateAsync(_options.User, _options.Password, linked.Token);
            }

            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Required, not preferred: whoever sits in between could strike the offer out.</summary>
    private SecureSocketOptions Encryption() => _options switch
    {
        { IsLocal: true } => SecureSocketOptions.None,
        { Port: 465 } => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.StartTls,
    };

    private MimeMessage ToMessage(OutgoingMail mail)
    {
        var from = MailboxAddress.Parse(_options.From);
        if (!MailboxAddress.TryParse(mail.To, out var to))
        {
            throw new MailNotAcceptedException(MailObstacle.Mailbox, "The recipient is no mail address.");
        }

        var message = new MimeMessage
        {
            Subject = mail.Subject,
            MessageId = $"{mail.Occasion}@{from.Domain}",
            Date = _time.GetUtcNow(),
            Body = new BodyBuilder { TextBody = mail.Text, HtmlBody = mail.Html }.ToMessageBody(),
        };
        message.From.Add(new MailboxAddress(_options.FromName, from.Address));
        message.To.Add(to);

        // RFC 3834: keeps out-of-office replies away.
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        if (mail.UnsubscribeUrl is { } unsubscribe)
        {
            // RFC 8058; the mail provider's DKIM signature has to cover both.
            message.Headers.Add(HeaderId.ListUnsubscribe, $"<{unsubscribe}>");
            message.Headers.Add(HeaderId.ListUnsubscribePost, "List-Unsubscribe=One-Click");
        }

        return message;
    }

    private SmtpClient? TakeIdle()
    {
        lock (_idle)
        {
            while (_idle.TryPop(out var idle))
            {
                if (idle.Client.IsConnected && _time.GetElapsedTime(idle.Since) < IdleTimeout)
                {
                    return idle.Client;
                }

                idle.Client.Dispose();
            }
        }

        return null;
    }

    private void Keep(ref SmtpClient? client)
    {
        lock (_idle)
        {
            _idle.Push(new Idle(client!, _time.GetTimestamp()));
        }

        client = null;
    }

    private void CloseIdle()
    {
        lock (_idle)
        {
            var old = _idle.Where(idle => _time.GetElapsedTime(idle.Since) >= IdleTimeout).ToList();
            if (old.Count == 0)
            {
                return;
            }

            var young = _idle.Except(old).Reverse().ToList();
            _idle.Clear();
            young.ForEach(_idle.Push);
            old.ForEach(idle => idle.Client.Dispose());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.DisposeAsync();
        lock (_idle)
        {
            while (_idle.TryPop(out var idle))
            {
                idle.Client.Dispose();
            }
        }
    }

    private sealed record Idle(SmtpClient Client, long Since);
}
