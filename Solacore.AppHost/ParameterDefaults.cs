namespace Solacore.AppHost;

/// <summary>
/// Parameters with a default that an operator can override (<c>Parameters__frontend_url</c>, or <c>--Parameters:frontend-url</c>
/// behind the command). A default that is given to <c>AddParameter</c> as a text would win over both.
/// </summary>
internal static class ParameterDefaults
{
    public static IResourceBuilder<ParameterResource> AddParameterWithDefault(this IDistributedApplicationBuilder builder, string name, string value) =>
        builder.AddParameter(name, () => Of(builder, name, value), publishValueAsDefault: true);

    /// <summary>What is configured, or the default. Variables of the environment cannot hold a hyphen.</summary>
    public static string Of(IDistributedApplicationBuilder builder, string name, string value) =>
        builder.Configuration[$"Parameters:{name}"] ?? builder.Configuration[$"Parameters:{name.Replace('-', '_')}"] ?? value;
}
