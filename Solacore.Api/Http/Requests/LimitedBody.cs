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
    // others like them and waits for one: so the memory of the process does not grow with their number.
    private const int LargestUnshared = 64 * 1024;
    private static readonly SemaphoreSlim Large = new(2);

    /// <summary>The whole body, until the answer is sent, or null when it is longer than <paramref name="limit"/> bytes.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        // What somebody announces takes no memory; only what came does, and not more than the limit.
        using var buffer = new MemoryStream(Piece);
        var piece = new byte[Piece];
        while (await request.Body.ReadAsync(piece, cancellationToken) is > 0 and var length)
        {
            if (buffer.Length + length > limit)
            {
                await request.Body.CopyToAsync(Stream.Null, cancellationToken);
                return null;
            }

            if (buffer.Length <= LargestUnshared && buffer.Length + length > LargestUnshared)
            {
                await Large.WaitAsync(cancellationToken);
                request.HttpContext.Response.RegisterForDispose(new Place());
                buffer.Capacity = limit;
            }

            buffer.Write(piece, 0, length);
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    private sealed class Place : IDisposable
    {
        public void Dispose() => Large.Release();
    }
}
