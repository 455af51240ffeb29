using System.Text.Json;
using System.Text.Unicode;
using Solacore.Api.Http.Errors;

namespace Solacore.Api.Http.Requests;

/// <summary>Says that an endpoint reads a JSON body, and which record it becomes.</summary>
internal sealed record BodyMetadata(Type Type, IReadOnlyList<RequestMember> Members, bool IsRequired);

/// <summary>The body of the current request: nothing, a JSON value, or, present without one, something that is not JSON.</summary>
internal sealed record RequestBody(JsonElement? Json, bool IsPresent);

/// <summary>
/// Reads the body of endpoints that take one and refuses broken JSON before anybody is asked who they are: that is the
/// order existing clients see.
/// </summary>
internal static class BodySyntax
{
    // Names, values and brackets. Each takes twelve bytes of memory, the smallest two in the body; our clients send some dozens.
    private const int MaxTokens = 10_000;

    private static readonly RequestBody NoBody = new(null, IsPresent: false);
    private static readonly RequestBody NotJson = new(null, IsPresent: true);

    public static IApplicationBuilder UseBodySyntax(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<BodyMetadata>() is not null)
        {
            var limit = context.RequestServices.GetRequiredService<EdgeOptions>().MaxBodyBytes;
            if (await LimitedBody.ReadAsync(context.Request, limit, context.RequestAborted) is not { } bytes)
            {
                await ApiError.TooLarge().ExecuteAsync(context);
                return;
            }

            var (body, refusal) = Parse(bytes, context.Request);
            if (refusal is not null)
            {
                await refusal.ExecuteAsync(context);
                return;
            }

            context.Features.Set(body);
        }

        await next(context);
    });

    private static (RequestBody? Body, ApiError? Refusal) Parse(ReadOnlyMemory<byte> bytes, HttpRequest request)
    {
        if (bytes.IsEmpty)
        {
            return (NoBody, null);
        }

        if (!IsJson(request.ContentType))
        {
            return (NotJson, null);
        }

        if (bytes.Span.StartsWith("\uFEFF"u8))
        {
            bytes = bytes["\uFEFF"u8.Length..];
        }

        if (!Utf8.IsValid(bytes.Span))
        {
            return (null, Invalid(0, "the body is not UTF-8"));
        }

        try
        {
            if (HoldsTooMuch(bytes.Span))
            {
                return (null, ApiError.TooLarge());
            }

            // Lives as long as the request: a copy of a large one would be several times as large.
            var document = JsonDocument.Parse(bytes);
            request.HttpContext.Response.RegisterForDispose(document);

            // JSON null is no body, as for the original.
            return document.RootElement.ValueKind == JsonValueKind.Null
                ? (NoBody, null)
                : (new RequestBody(document.RootElement, IsPresent: true), null);
        }
        catch (JsonException e)
        {
            return (null, Invalid(PositionOf(e, bytes.Span), "the text is not JSON or nested too deeply"));
        }
    }

    /// <exception cref="JsonException">What came so far is not JSON.</exception>
    private static bool HoldsTooMuch(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        var tokens = 0;
        while (reader.Read())
        {
            if (++tokens > MaxTokens)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Without a content type the body counts as JSON, as for the original.</summary>
    private static bool IsJson(string? contentType)
    {
        var mediaType = (contentType ?? "").Split(';')[0].Trim();
        return mediaType.Length == 0
            || mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (mediaType.StartsWith("application/", StringComparison.OrdinalIgnoreCase)
                && mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
    }

    private static ApiError Invalid(long position, string error) => ApiError.Validation(
    [
        new ValidationEntry(
            "json_invalid",
            [Part.Body, position],
            "JSON decode error",
            new object(),
            new Dictionary<string, object>(StringComparer.Ordinal) { ["error"] = error }),
    ]);

    private static long PositionOf(JsonException exception, ReadOnlySpan<byte> bytes)
    {
        long start = 0;
        for (var line = exception.LineNumber ?? 0; line > 0; line--)
        {
            start += bytes[(int)start..].IndexOf((byte)'\n') + 1;
        }

        return start + (exception.BytePositionInLine ?? 0);
    }
}
