using Solacore.Api.Http.Errors;

namespace Solacore.Api.Http.Docs;

/// <summary>Errors that a handler answers by itself, for the document.</summary>
internal sealed record ErrorMetadata(int Status, IReadOnlyList<ErrorCode> Codes);

/// <summary>A header that a handler reads by itself, for the document; one that cannot be used is no 422.</summary>
internal sealed record HeaderMetadata(string Name, bool IsRequired, string Description);

/// <summary>A body whose form is a store's, for the document.</summary>
internal sealed record EventBodyMetadata(string Description);

/// <summary>
/// A good answer that is no JSON of one shape, for the document; the others come from the handlers' return types by themselves.
/// </summary>
internal sealed record TextMetadata(string Description, params IReadOnlyList<string> ContentTypes);

/// <summary>What the types of a handler do not tell.</summary>
internal static class Documented
{
    /// <summary>Names the codes with which the handler may answer a status.</summary>
    public static TBuilder Fails<TBuilder>(this TBuilder builder, params ErrorCode[] codes)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata([.. codes.GroupBy(code => code.Status, (status, group) => new ErrorMetadata(status, [.. group]))]);

    /// <summary>The same where the status is not the codes' usual one.</summary>
    public static TBuilder Fails<TBuilder>(this TBuilder builder, int status, params ErrorCode[] codes)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ErrorMetadata(status, codes));

    public static TBuilder ReadsHeader<TBuilder>(this TBuilder builder, string name, string description, bool isRequired = false)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new HeaderMetadata(name, isRequired, description));

    public static TBuilder ReadsEvent<TBuilder>(this TBuilder builder, string description)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new EventBodyMetadata(description));
}
