using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Solacore.Core.Turns;

namespace Solacore.Bench;

/// <summary>Pieces of text that tell their place and when they were said, as many gathered into one event as there were.</summary>
internal static class TimedPiece
{
    public static string Say(int number) => string.Create(CultureInfo.InvariantCulture, $"{number}:{Stopwatch.GetTimestamp()};");

    public static IEnumerable<(int Number, TimeSpan Delay)> Hear(string text) => text.Split(';', StringSplitOptions.RemoveEmptyEntries)
        .Select(piece => piece.Split(':'))
        .Select(parts => (int.Parse(parts[0], CultureInfo.InvariantCulture), Stopwatch.GetElapsedTime(long.Parse(parts[1], CultureInfo.InvariantCulture))));
}

/// <summary>One client that follows a reply, over as many connections as it takes.</summary>
/// <param name="http">Signed in.</param>
/// <param name="ask">What it asks for.</param>
internal sealed class StreamClient(HttpClient http, Func<HttpRequestMessage> ask) : IAsyncDisposable
{
    private CancellationTokenSource? _connection;
    private Task _reading = Task.CompletedTask;
    private string? _last;

    /// <summary>Pieces heard so far; the next one has this number.</summary>
    public int Heard { get; private set; }

    public int Events { get; private set; }

    /// <summary>When the first piece came, in ticks of <see cref="Stopwatch"/>.</summary>
    public long FirstHeardAt { get; private set; }

    /// <summary>The final event came.</summary>
    public bool IsDone { get; private set; }

    /// <summary>A piece came twice, or not at all.</summary>
    public bool HasGap { get; private set; }

    public ConcurrentQueue<TimeSpan> Delays { get; } = new();

    /// <summary>Returns when the api has let the client in, which then reads on by itself.</summary>
    public async Task ConnectAsync()
    {
        _connection = new CancellationTokenSource();
        using var request = ask();
        if (_last is not null)
        {
            request.Headers.Add("Last-Event-ID", _last);
        }

        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _connection.Token);
        response.EnsureSuccessStatusCode();
        _reading = ReadAsync(response, _connection.Token);
    }

    /// <summary>Reads until the server has ended the stream.</summary>
    public Task ReadToEndAsync() => _reading;

    /// <summary>Goes away without a word, as a phone in a tunnel.</summary>
    public async Task DropAsync()
    {
        if (_connection is { } connection)
        {
            await connection.CancelAsync();
            await _reading;
            connection.Dispose();
            _connection = null;
        }
    }

    private async Task ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using var owned = response;
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            var name = "";
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                switch (line)
                {
                    case ['i', 'd', ':', ' ', .. var id]:
                        _last = id;
                        break;
                    case ['e', 'v', 'e', 'n', 't', ':', ' ', .. var kind]:
                        name = kind;
                        IsDone |= name == TurnEvent.DoneName;
                        break;
                    case ['d', 'a', 't', 'a', ':', ' ', .. var data] when name == TurnEvent.TokenName:
                        Hear(JsonDocument.Parse(data).RootElement.GetProperty("content").GetString()!);
                        break;
                }
            }
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // Dropped.
        }
    }

    private void Hear(string text)
    {
        if (Events++ == 0)
        {
            FirstHeardAt = Stopwatch.GetTimestamp();
        }

        foreach (var (number, delay) in TimedPiece.Hear(text))
        {
            HasGap |= number != Heard;
            Heard = number + 1;
            Delays.Enqueue(delay);
        }
    }

    public async ValueTask DisposeAsync() => await DropAsync();
}

/// <summary>Workers' writers for many turns, all at the pace of a fast model.</summary>
internal sealed class Speakers : IAsyncDisposable
{
    private readonly List<TurnStreamWriter> _writers;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _speaking;

    public Speakers(IEnumerable<TurnStreamWriter> writers, int perSecond)
    {
        _writers = [.. writers];
        _speaking = Task.Run(() => Beat.RunAsync(perSecond, Speak, _stopping.Token), CancellationToken.None);
    }

    /// <summary>Pieces that each of them has said; the end of speaking is told by <see cref="StopAsync"/>.</summary>
    public int Said { get; private set; }

    /// <summary>Everybody finishes the piece of this moment.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _speaking;
    }

    private void Speak(int slice)
    {
        for (var n = slice; n < _writers.Count; n += Beat.Slices)
        {
            _writers[n].Write(TimedPiece.Say(Said));
        }

        if (slice == Beat.Slices - 1)
        {
            Said++;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var writer in _writers)
        {
            await writer.DisposeAsync();
        }

        _stopping.Dispose();
    }
}
