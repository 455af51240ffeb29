namespace Solacore.Api.Http.Requests;

/// <summary>Reads bodies up to <c>MAX_BODY_BYTES</c>.</summary>
internal static class LimitedBody
{
    /// <summary>
    /// Up to here, in bytes, a body that is too large is read to its end and thrown away, so that its sender sees the
    /// refusal and no broken connection. Beyond, the server closes.
    /// </summary>
    public const int LargestRead = 64 * 1024 * 1024;

    private const int InitialBuffer = 4 * 1024;

    /// <summary>The whole body, or null when it is longer than <paramref name="limit"/> bytes.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            await request.Body.CopyToAsync(Stream.Null, cancellationToken);
            return null;
        }

        using var buffer = new MemoryStream((int)(request.ContentLength ?? InitialBuffer));
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.Length > limit ? null : buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
