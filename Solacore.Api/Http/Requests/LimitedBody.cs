namespace Solacore.Api.Http.Requests;

/// <summary>Reads bodies up to <c>MAX_BODY_BYTES</c>.</summary>
internal static class LimitedBody
{
    /// <summary>
    /// Up to here, in bytes, a body that is too large is read to its end and thrown away, so that its sender sees the
    /// refusal and no broken connection. Beyond, the server closes.
    /// </summary>
    public const int LargestRead = 64 * 1024 * 1024;

    private const int Piece = 4 * 1024;

    // No client of ours sends more in JSON. Whoever does, before anybody is asked who they are, shares two places with
    // others like them and waits for one: so the memory of the process does not grow with their number. Events of the
    // stores may well be larger, and wait for no stranger at another door.
    private const int LargestUnshared = 64 * 1024;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);
    private static readonly Door Everybody = new(TimeSpan.FromSeconds(60));
    private static readonly Door ProvenEvents = new(TimeSpan.FromSeconds(60));

    // Only the whole of such an event proves that it comes from the store, so that strangers get places too. This is plenty for
    // the store.
    private static readonly Door UnprovenEvents = new(TimeSpan.FromSeconds(10));

    /// <summary>The whole body, until the answer is sent, or null when it is longer than <paramref name="limit"/> bytes.</summary>
    /// <exception cref="BadHttpRequestException">408: a large body waited or took too long.</exception>
    public static Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken) =>
        ReadAsync(request, limit, Everybody, cancellationToken);

    /// <summary>As <see cref="ReadAsync(HttpRequest, int, CancellationToken)"/>, for an event that only its body proves.</summary>
    public static Task<ReadOnlyMemory<byte>?> ReadUnprovenEventAsync(HttpRequest request, int limit, CancellationToken cancellationToken) =>
        ReadAsync(request, limit, UnprovenEvents, cancellationToken);

    /// <summary>As <see cref="ReadAsync(HttpRequest, int, CancellationToken)"/>, for an event whose sender has proven who they are.</summary>
    public static Task<ReadOnlyMemory<byte>?> ReadProvenEventAsync(HttpRequest request, int limit, CancellationToken cancellationToken) =>
        ReadAsync(request, limit, ProvenEvents, cancellationToken);

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, int limit, Door door, CancellationToken cancellationToken)
    {
        // What somebody announces takes no memory; only what came does, and not more than the limit.
        using var buffer = new MemoryStream(Piece);
        if (await FillAsync(buffer, request.Body, Math.Min(limit, LargestUnshared), cancellationToken)
            || await FillSharedAsync(buffer, request, limit, door, cancellationToken))
        {
            return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        }

        return null;
    }

    private static async Task<bool> FillSharedAsync(
        MemoryStream buffer, HttpRequest request, int limit, Door door, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(LongestWait, request.HttpContext.RequestServices.GetRequiredService<TimeProvider>());
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            await door.Places.WaitAsync(linked.Token);
            request.HttpContext.Response.RegisterForDispose(new Place(door.Places));
            late.CancelAfter(door.LongestStay);
            buffer.Capacity = limit + Piece;
            if (await FillAsync(buffer, request.Body, limit, linked.Token))
            {
                return true;
            }

            await request.Body.CopyToAsync(Stream.Null, linked.Token);
            return false;
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new BadHttpRequestException("A large body took too long.", StatusCodes.Status408RequestTimeout, e);
        }
    }

    /// <returns>False as soon as more than <paramref name="most"/> bytes are there, though not by more than a piece.</returns>
    private static async Task<bool> FillAsync(MemoryStream buffer, Stream body, int most, CancellationToken cancellationToken)
    {
        var piece = new byte[Piece];
        while (buffer.Length <= most)
        {
            if (await body.ReadAsync(piece, cancellationToken) is not (> 0 and var length))
            {
                return true;
            }

            buffer.Write(piece, 0, length);
        }

        return false;
    }

    /// <param name="LongestStay">For the rest of a body that has its place, so that nobody keeps one by sending slowly.</param>
    private sealed record Door(TimeSpan LongestStay)
    {
        public SemaphoreSlim Places { get; } = new(2);
    }

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }
}
