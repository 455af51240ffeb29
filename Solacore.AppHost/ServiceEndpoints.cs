namespace Solacore.AppHost;

/// <summary>
/// What goes into and out of a service: its connections, and its two doors, one for clients, one for metrics, health
/// details and operators.
/// </summary>
internal static class ServiceEndpoints
{
    public const string Client = "http";
    public const string Internal = "internal";

    public const string LivePath = "/health/live";
    public const string ReadyPath = "/health/ready";

    /// <summary>Longer than a service needs to drain, hand over and end running replies; after it, it is killed.</summary>
    public const int SecondsToStop = 60;

    /// <summary>
    /// The public door. Locally it is always the port that the README names; the service behind it listens on any free
    /// one, so that several copies can share the door. In a container it is the same fixed port every time.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithClientEndpoint(this IResourceBuilder<ProjectResource> service)
    {
        var local = service.ApplicationBuilder.ExecutionContext.IsRunMode;
        return service
            .WithHttpEndpoint(
                port: local ? SystemNames.DefaultApiPort : null,
                targetPort: local ? null : SystemNames.DefaultApiPort,
                name: Client,
                env: SettingNames.Port)
            .WithExternalHttpEndpoints();
    }

    /// <summary>The door for operators; call it after <see cref="WithClientEndpoint"/>, which opens all doors there are.</summary>
    public static IResourceBuilder<ProjectResource> WithInternalEndpoint(this IResourceBuilder<ProjectResource> service)
    {
        var local = service.ApplicationBuilder.ExecutionContext.IsRunMode;
        return service
            .WithHttpEndpoint(
                targetPort: local ? null : SystemNames.DefaultInternalPort,
                name: Internal,
                env: SystemNames.InternalPort)
            // The services listen on exactly these two variables; a list of addresses beside them would be ignored with a warning.
            .WithEndpointsInEnvironment(_ => false);
    }

    /// <summary>
    /// Hands over the connection string alone: the services read nothing else, and every further variable would be one
    /// more copy of the password.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithConnection(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString> store, string? name = null) =>
        service.WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.ConnectionString).WithReference(store, name);

    /// <summary>
    /// Live and ready, as probes of the platform and as health in the dashboard (a probe brings its health check along).
    /// Others wait for the service until both answer 200.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithHealth(this IResourceBuilder<ProjectResource> service, string endpoint)
    {
#pragma warning disable ASPIREPROBES001 // Experimental, and the only way to hand probes to Container Apps through the model.
        return service
            .WithHttpProbe(
                ProbeType.Liveness, LivePath, initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 5, endpointName: endpoint)
            .WithHttpProbe(
                ProbeType.Readiness, ReadyPath, initialDelaySeconds: 2, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3, endpointName: endpoint);
#pragma warning restore ASPIREPROBES001
    }
}
