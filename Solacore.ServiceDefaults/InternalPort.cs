using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Solacore.ServiceDefaults;

/// <summary>Listening for clients and, on a second port that no client reaches, for operators.</summary>
public static class InternalPortExtensions
{
    /// <summary>Listens for clients (<see cref="ListenAddresses.ForClients"/>) and on <c>INTERNAL_PORT</c> when it is set.</summary>
    /// <param name="report">Takes the name of a wrong setting and what is wrong with it; the default is used instead.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong and <paramref name="report"/> is null; the message names it.</exception>
    public static WebApplicationBuilder ListenForClients(this WebApplicationBuilder builder, Action<string, string>? report = null) =>
        builder.Listen(ListenAddresses.ForClients(builder.Configuration, report));

    /// <summary>Listens on <c>INTERNAL_PORT</c> alone: for a process that serves no clients.</summary>
    /// <inheritdoc cref="ListenForClients"/>
    public static WebApplicationBuilder ListenInternally(this WebApplicationBuilder builder, Action<string, string>? report = null) =>
        builder.Listen(ListenAddresses.InternalOnly(builder.Configuration, report));

    /// <summary>Runs until it is asked to stop, or not at all when a port is taken.</summary>
    /// <param name="errors">Takes the one line that says which.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunOnFreePortsAsync(this WebApplication app, TextWriter errors)
    {
        if (app.Services.GetRequiredService<ListenAddresses>().FindTaken() is var (setting, port))
        {
            await errors.WriteLineAsync($"{setting} {port} is taken by another program: stop it or choose another {setting}.");
            return 1;
        }

        await app.RunAsync();
        return 0;
    }

    /// <summary>
    /// A group whose endpoints exist on the internal port only; on every other port their paths are unknown (404),
    /// whatever the request says in its Host header. Without an internal port they exist nowhere.
    /// </summary>
    public static RouteGroupBuilder MapInternalGroup(this IEndpointRouteBuilder routes, string prefix = "") =>
        routes.MapGroup(prefix).WithMetadata(InternalOnly.Mark).ExcludeFromDescription();

    private static WebApplicationBuilder Listen(this WebApplicationBuilder builder, ListenAddresses addresses)
    {
        builder.WebHost.UseUrls([.. addresses.Urls]);
        // They are in the list now; left in place, the host warns at every start that the list overrides them.
        builder.WebHost.UseSetting(WebHostDefaults.HttpPortsKey, "").UseSetting(WebHostDefaults.HttpsPortsKey, "");
        builder.Services.AddSingleton(addresses);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, InternalPortPolicy>());
        return builder;
    }
}

/// <summary>Endpoint metadata: exists on the internal port only.</summary>
internal sealed class InternalOnly
{
    public static readonly InternalOnly Mark = new();

    public static bool Marks(Endpoint endpoint) => endpoint.Metadata.GetMetadata<InternalOnly>() is not null;
}

/// <summary>
/// Decides inside routing, by the port of the socket, which endpoints exist. A check in a filter or middleware
/// would come after routing and let the difference between 404, 405 and 401 tell that the path is there.
/// </summary>
internal sealed class InternalPortPolicy(ListenAddresses addresses) : MatcherPolicy, INodeBuilderPolicy
{
    private const int BeforeHttpMethods = -2000;

    public override int Order => BeforeHttpMethods;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(InternalOnly.Marks);

    public IReadOnlyList<PolicyNodeEdge> GetEdges(IReadOnlyList<Endpoint> endpoints)
    {
        var everywhere = endpoints.Where(endpoint => !InternalOnly.Marks(endpoint)).ToList();
        var onInternalPort = new PolicyNodeEdge(Port.Internal, endpoints);
        return everywhere.Count == 0 ? [onInternalPort] : [onInternalPort, new PolicyNodeEdge(Port.Other, everywhere)];
    }

    public PolicyJumpTable BuildJumpTable(int exitDestination, IReadOnlyList<PolicyJumpTableEdge> edges) => new JumpTable(
        addresses.InternalPort,
        DestinationOf(edges, Port.Internal) ?? exitDestination,
        DestinationOf(edges, Port.Other) ?? exitDestination);

    private static int? DestinationOf(IReadOnlyList<PolicyJumpTableEdge> edges, Port port) =>
        edges.Where(edge => port.Equals(edge.State)).Select(edge => (int?)edge.Destination).FirstOrDefault();

    private enum Port
    {
        Internal,
        Other,
    }

    private sealed class JumpTable(int? internalPort, int onInternalPort, int elsewhere) : PolicyJumpTable
    {
        public override int GetDestination(HttpContext httpContext) =>
            httpContext.Connection.LocalPort == internalPort ? onInternalPort : elsewhere;
    }
}
