using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace Solacore.Tests.Infrastructure;

/// <summary>How the stand-in takes one try of a mail.</summary>
public enum SmtpFault
{
    None,

    /// <summary>451 to RCPT.</summary>
    RecipientBusy,

    /// <summary>530 to RCPT: sign in first.</summary>
    SignInDemanded,

    /// <summary>550 to RCPT, quoting the address as real servers do.</summary>
    RecipientUnknown,

    /// <summary>554 to RCPT, for the sender's sake.</summary>
    SenderUnwelcome,

    /// <summary>452 to the text.</summary>
    NoSpace,

    /// <summary>The connection breaks before the text was taken.</summary>
    Cut,

    /// <summary>The text is taken, then the connection breaks: nobody was told.</summary>
    CutAfterAcceptance,
}

/// <summary>An SMTP server on loopback (RFC 5321, the commands that a submission needs), which keeps what it was given.</summary>
public sealed class SmtpStandIn : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, byte> _conversations = new();
    private readonly ConcurrentDictionary<string, int> _tries = new(StringComparer.Ordinal);
    private readonly Task _listening;
    private int _connections;

    private SmtpStandIn()
    {
        _listener.Start();
        _listening = ListenAsync();
    }

    /// <summary>What to do with a try, given the recipient and how many tries (from 1) there have been; may be changed at any time.</summary>
    public Func<string, int, SmtpFault> Fault { get; set; } = (_, _) => SmtpFault.None;

    /// <summary>What it says to a sign-in.</summary>
    public string SignIn { get; set; } = "235 welcome";

    /// <summary>How long the server thinks before it takes a text.</summary>
    public TimeSpan Thinking { get; set; }

    /// <summary>Everything that was taken, in that order.</summary>
    public ConcurrentQueue<MimeMessage> Taken { get; } = new();

    public int Connections => Volatile.Read(ref _connections);

    public string Port => ((IPEndPoint)_listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

    public static SmtpStandIn Start() => new();

    public int TriesOf(string recipient) => _tries.GetValueOrDefault(recipient);

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                Interlocked.Increment(ref _connections);
                var conversation = Task.Run(() => TalkAsync(client));
                _conversations[conversation] = 0;
                _ = conversation.ContinueWith(ended => _conversations.TryRemove(ended, out byte _), TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1);
                await using var writer = new StreamWriter(stream, Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
                await TalkAsync(reader, writer);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // The other side has gone, or the test is over.
        }
    }

    private async Task TalkAsync(StreamReader reader, StreamWriter writer)
    {
        await writer.WriteLineAsync("220 stand-in ESMTP");
        var fault = SmtpFault.None;
        while (await reader.ReadLineAsync(_stopping.Token) is { } line)
        {
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "EHLO":
                    await writer.WriteLineAsync("250-stand-in\r\n250-AUTH PLAIN\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME");
                    break;
                case "AUTH":
                    await writer.WriteLineAsync(SignIn);
                    break;
                case "MAIL" or "RSET" or "NOOP":
                    await writer.WriteLineAsync("250 fine");
                    break;
                case "RCPT":
                    var recipient = line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
                    fault = Fault(recipient, _tries.AddOrUpdate(recipient, 1, (_, tries) => tries + 1));
                    await writer.WriteLineAsync(fault switch
                    {
                        SmtpFault.RecipientBusy => "451 come back later",
                        SmtpFault.SignInDemanded => $"530 5.7.0 <{recipient}> is for those who have signed in",
                        SmtpFault.RecipientUnknown => $"550 5.1.1 <{recipient}> unknown here",
                        SmtpFault.SenderUnwelcome => $"554 5.7.1 <{recipient}>: Relay access denied",
                        _ => "250 fine",
                    });
                    break;
                case "DATA":
                    await writer.WriteLineAsync("354 go on");
                    if (!await TakeAsync(reader, writer, fault))
                    {
                        return;
                    }

                    break;
                case "QUIT":
                    await writer.WriteLineAsync("221 bye");
                    return;
                default:
                    await writer.WriteLineAsync("502 unknown");
                    break;
            }
        }
    }

    /// <returns>False when the connection is to break.</returns>
    private async Task<bool> TakeAsync(StreamReader reader, StreamWriter writer, SmtpFault fault)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(_stopping.Token) is { } line && line != ".")
        {
            if (fault == SmtpFault.Cut)
            {
                return false;
            }

            text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        await Task.Delay(Thinking, _stopping.Token);
        if (fault == SmtpFault.NoSpace)
        {
            await writer.WriteLineAsync("452 no space");
            return true;
        }

        using var bytes = new MemoryStream(Encoding.Latin1.GetBytes(text.ToString()));
        Taken.Enqueue(await MimeMessage.LoadAsync(bytes));
        if (fault == SmtpFault.CutAfterAcceptance)
        {
            return false;
        }

        await writer.WriteLineAsync("250 taken");
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _listening;
        await Task.WhenAll(_conversations.Keys);
        _listener.Dispose();
        foreach (var message in Taken)
        {
            message.Dispose();
        }

        _stopping.Dispose();
    }
}
