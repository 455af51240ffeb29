using System.Globalization;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Solacore.Api.Http.Requests;

namespace Solacore.Api.Http.Errors;

/// <summary>
/// An error answer. Existing clients read different members, so each family is a superset that serves all of them
/// (contract/http-api.md section 5): <c>message</c> is always a text that can be shown.
/// </summary>
internal sealed class ApiError : IResult, IStatusCodeHttpResult
{
    private readonly (string Name, object? Value)[] _members;

    private ApiError(int status, params (string Name, object? Value)[] members)
    {
        Status = status;
        _members = members;
    }

    public int Status { get; }

    /// <summary>What went wrong, one of few words: what clients switch on, or <c>RATE_LIMITED</c>, where they get a sentence.</summary>
    public string Code
    {
        get => field ?? _members.Select(member => member.Name == "error" ? member.Value as string : null).First(code => code is not null)!;
        private init;
    }

    int? IStatusCodeHttpResult.StatusCode => Status;

    /// <summary>Sent as <c>Retry-After</c>, in whole seconds, when set.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    private bool NamesRequest { get; init; }

    /// <summary>
    /// The usual error: the code at the top and inside <c>detail</c>, where further members may stand beside it
    /// (families A and B).
    /// </summary>
    public static ApiError Rule(ErrorCode code, params (string Name, object? Value)[] details) => Rule(code.Status, code, details);

    /// <summary>The same where the status is not the code's usual one.</summary>
    public static ApiError Rule(int status, ErrorCode code, params (string Name, object? Value)[] details)
    {
        var detail = new Dictionary<string, object?>(StringComparer.Ordinal) { ["error"] = code.Name };
        foreach (var (name, value) in details)
        {
            detail[name] = value;
        }

        return new ApiError(status, ("error", code.Name), ("detail", detail), ("message", code.Message));
    }

    /// <summary>Like <see cref="Rule(ErrorCode, ValueTuple{string, object}[])"/> with <c>detail</c> as text: the web client's registration form calls string methods on it.</summary>
    public static ApiError Register(int status, ErrorCode code) =>
        new(status, ("error", code.Name), ("detail", code.Message), ("message", code.Message));

    /// <summary>The code without <c>detail</c>: CSRF and webhook signatures (family C).</summary>
    public static ApiError Bare(ErrorCode code) =>
        new(code.Status, ("error", code.Name), ("message", code.Message));

    /// <summary>Action rules, unknown routes and wrong methods: <c>detail</c> is a text (family D).</summary>
    public static ApiError Text(ErrorCode code) =>
        new(code.Status, ("detail", code.Message), ("error", code.Name), ("message", code.Message));

    /// <summary>422 with every problem of the request (family E).</summary>
    public static ApiError Validation(IReadOnlyList<ValidationEntry> entries) =>
        new(StatusCodes.Status422UnprocessableEntity,
            ("detail", entries), ("error", ErrorCode.ValidationError.Name), ("message", entries[0].Msg));

    /// <summary>429 of the limiter (family F); <paramref name="limit"/> reads like <c>5 per 1 minute</c>.</summary>
    public static ApiError RateLimited(string limit, TimeSpan? retryAfter = null)
    {
        var text = $"Rate limit exceeded: {limit}";
        const string message = "Too many requests. Please wait a moment and try again.";
        return new ApiError(StatusCodes.Status429TooManyRequests, ("error", text), ("detail", message), ("message", message))
        {
            Code = "RATE_LIMITED",
            RetryAfter = retryAfter,
        };
    }

    /// <summary>429 for the next attempt at something that has to wait so long after the one before.</summary>
    public static ApiError TooSoon(TimeSpan wait) =>
        RateLimited(string.Create(CultureInfo.InvariantCulture, $"1 per {Math.Ceiling(wait.TotalSeconds)} second"), wait);

    /// <summary>413: more than <c>MAX_BODY_BYTES</c>.</summary>
    public static ApiError TooLarge() => Rule(ErrorCode.PayloadTooLarge);

    /// <summary>500 without internals; the request id leads to the log (family G).</summary>
    public static ApiError Crash() => WithRequest(ErrorCode.InternalServerError);

    /// <summary>503 while a dependency is away; what was accepted before is kept.</summary>
    public static ApiError Unavailable() =>
        WithRequest(ErrorCode.ServiceUnavailable, TimeSpan.FromSeconds(5));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in _members)
        {
            body[name] = value;
        }

        if (NamesRequest)
        {
            body["request_id"] = httpContext.TraceIdentifier;
        }

        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Options);
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = ApiJson.ContentType;
        response.ContentLength = bytes.Length;
        if (RetryAfter is { } wait)
        {
            response.Headers[HeaderNames.RetryAfter] = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return response.Body.WriteAsync(bytes, httpContext.RequestAborted).AsTask();
    }

    private static ApiError WithRequest(ErrorCode code, TimeSpan? retryAfter = null) =>
        new(code.Status,
            ("error", code.Name),
            ("detail", new Dictionary<string, object?>(StringComparer.Ordinal) { ["error"] = code.Name }),
            ("message", code.Message))
        {
            NamesRequest = true,
            RetryAfter = retryAfter,
        };
}
