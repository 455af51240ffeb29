using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Solacore.Api.Http.Errors;
using Solacore.Core;

namespace Solacore.Api.Http.Requests;

/// <summary>A JSON object in the body, read as <typeparamref name="T"/>. <see cref="Value"/> is whole when the handler runs.</summary>
internal sealed class Body<T>(T value) : IEndpointParameterMetadataProvider where T : class
{
    public T Value { get; } = value;

    public static ValueTask<Body<T>?> BindAsync(HttpContext context, ParameterInfo _) =>
        ValueTask.FromResult<Body<T>?>(new Body<T>(BodyReader.Read<T>(context, isRequired: true)!));

    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new BodyMetadata(typeof(T), RequestSchema<T>.Members, IsRequired: true));
}

/// <summary>Like <see cref="Body{T}"/> for endpoints that existing clients call without any body; then the value is null.</summary>
internal sealed class OptionalBody<T>(T? value) : IEndpointParameterMetadataProvider where T : class
{
    public T? Value { get; } = value;

    public static ValueTask<OptionalBody<T>?> BindAsync(HttpContext context, ParameterInfo _) =>
        ValueTask.FromResult<OptionalBody<T>?>(new OptionalBody<T>(BodyReader.Read<T>(context, isRequired: false)));

    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new BodyMetadata(typeof(T), RequestSchema<T>.Members, IsRequired: false));
}

/// <summary>Query parameters, read as <typeparamref name="T"/>; of a repeated one the last counts.</summary>
internal sealed class Query<T>(T value) : IEndpointParameterMetadataProvider where T : class
{
    public T Value { get; } = value;

    public static ValueTask<Query<T>?> BindAsync(HttpContext context, ParameterInfo _)
    {
        var query = context.Request.Query;
        var value = RequestSchema<T>.Read(
            name => RawValue.Of(query[name] is [.., var last] ? last : null), Part.Query, () => null, RequestProblems.Of(context));
        return ValueTask.FromResult<Query<T>?>(new Query<T>(value!));
    }

    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        foreach (var member in RequestSchema<T>.Members)
        {
            builder.Metadata.Add(new ParameterMetadata(Part.Query, member.Name, member.ValueType, member.IsRequired, member.Rules));
        }
    }
}

/// <summary>
/// A UUID in the path. The name of the parameter is the name in the route: <c>sessionId</c> reads <c>{session_id}</c>.
/// </summary>
internal readonly record struct PathId(Guid Value) : IEndpointParameterMetadataProvider
{
    public static implicit operator Guid(PathId id) => id.Value;

    public static ValueTask<PathId> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var name = NameOf(parameter);
        var text = (string?)context.Request.RouteValues[name] ?? "";
        if (LenientUuid.TryParse(text, out var id))
        {
            return ValueTask.FromResult(new PathId(id));
        }

        RequestProblems.Of(context).Add(LenientUuid.Explain(text), [Part.Path, name], RawValue.Of(text).Echo());
        return ValueTask.FromResult(default(PathId));
    }

    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new ParameterMetadata(Part.Path, NameOf(parameter), typeof(Guid), IsRequired: true, []));

    private static string NameOf(ParameterInfo parameter) => JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter.Name!);
}

/// <summary>The required header <c>X-Device-Fingerprint</c>, 1 to 255 characters.</summary>
internal readonly record struct DeviceFingerprint(string Value) : IEndpointParameterMetadataProvider
{
    public const string Header = "X-Device-Fingerprint";

    public static readonly LengthAttribute Bounds = new(1, 255);

    public static ValueTask<DeviceFingerprint> BindAsync(HttpContext context, ParameterInfo _)
    {
        string? text = context.Request.Headers[Header];
        if ((text is null ? Problem.Missing : Bounds.Check(text)) is { } problem)
        {
            RequestProblems.Of(context).Add(problem, [Part.Header, Header], input: null);
        }

        return ValueTask.FromResult(new DeviceFingerprint(text ?? ""));
    }

    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new ParameterMetadata(Part.Header, Header, typeof(string), IsRequired: true, [Bounds]));
}

/// <summary>The header <c>X-Device-Fingerprint</c> where it may be missing; an unusable value counts as missing.</summary>
internal readonly record struct OptionalDeviceFingerprint(string? Value) : IEndpointParameterMetadataProvider
{
    public static ValueTask<OptionalDeviceFingerprint> BindAsync(HttpContext context, ParameterInfo _)
    {
        string? text = context.Request.Headers[DeviceFingerprint.Header];
        return ValueTask.FromResult(new OptionalDeviceFingerprint(
            text is not null && DeviceFingerprint.Bounds.Check(text) is null ? text : null));
    }

    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new ParameterMetadata(Part.Header, DeviceFingerprint.Header, typeof(string), IsRequired: false, []));
}

/// <summary>
/// The header <c>Idempotency-Key</c>, at most 255 characters: a message with the key of an earlier one gets the reply to that one.
/// Null without one.
/// </summary>
internal readonly record struct IdempotencyKey(string? Value) : IEndpointParameterMetadataProvider
{
    private const string Header = "Idempotency-Key";

    private static readonly LengthAttribute Bounds = new(0, 255);

    public static ValueTask<IdempotencyKey> BindAsync(HttpContext context, ParameterInfo _)
    {
        var text = context.Request.Headers[Header].ToString();
        if (Bounds.Check(text) is { } problem)
        {
            RequestProblems.Of(context).Add(problem, [Part.Header, Header], input: null);
        }

        return ValueTask.FromResult(new IdempotencyKey(text.Length > 0 ? text : null));
    }

    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new ParameterMetadata(Part.Header, Header, typeof(string), IsRequired: false, [Bounds]));
}

/// <summary>A parameter outside the body, for the OpenAPI document.</summary>
internal sealed record ParameterMetadata(string Part, string Name, Type Type, bool IsRequired, IReadOnlyList<RuleAttribute> Rules);

/// <summary><c>limit</c> and <c>offset</c> of a list.</summary>
internal sealed record Page([Range(1, 100)] int Limit = 20, [Range(0)] int Offset = 0);

/// <summary>Answers 422 with all collected problems before limit and handler run.</summary>
internal static class Validation
{
    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Features.Get<RequestProblems>() is { IsEmpty: false } problems
            ? ApiError.Validation(problems.Entries)
            : await next(context);
}

internal static class BodyReader
{
    private static readonly Problem NoObject =
        new("model_attributes_type", "Input should be a valid dictionary or object to extract fields from");

    public static T? Read<T>(HttpContext context, bool isRequired) where T : class
    {
        var problems = RequestProblems.Of(context);
        var body = context.Features.Get<RequestBody>()
            ?? throw new InvalidOperationException("The endpoint reads a body that nobody has parsed.");
        if (!body.IsPresent)
        {
            if (isRequired)
            {
                problems.Add(Problem.Missing, [Part.Body], input: null);
            }

            return null;
        }

        if (body.Json is not { ValueKind: JsonValueKind.Object } json)
        {
            problems.Add(NoObject, [Part.Body], input: null);
            return null;
        }

        return RequestSchema<T>.Read(
            name => json.TryFind(name, out var member) ? RawValue.Of(member) : RawValue.Absent,
            Part.Body,
            () => EchoOf<T>(json),
            problems);
    }

    // Only what the schema knows and does not call private: a misspelt "pasword" must not come back either.
    private static Dictionary<string, object?> EchoOf<T>(JsonElement json) where T : class
    {
        var echo = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var member in RequestSchema<T>.Members)
        {
            if (!member.IsPrivate && json.TryFind(member.Name, out var value))
            {
                echo[member.Name] = RawValue.Of(value).Echo();
            }
        }

        return echo;
    }
}
