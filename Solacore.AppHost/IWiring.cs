namespace Solacore.AppHost;

/// <summary>Where the system comes to run: which stores it gets, and what that place adds to the services.</summary>
internal interface IWiring
{
    /// <summary>The database, reached without a pooler in between: migrations take session locks.</summary>
    IResourceBuilder<IResourceWithConnectionString> Database { get; }

    IResourceBuilder<IResourceWithConnectionString> Redis { get; }

    /// <summary>Adds to the services what only this place knows: scaling, restarts, commands for a developer.</summary>
    void Complete(ServiceProjects services);
}

/// <summary>The three programs of the system; migrations and worker are one project with different arguments.</summary>
internal sealed record ServiceProjects(
    IResourceBuilder<ProjectResource> Migrations,
    IResourceBuilder<ProjectResource> Api,
    IResourceBuilder<ProjectResource> Worker);

internal enum DeploymentTarget
{
    /// <summary>F5, <c>dotnet run</c>, <c>aspire run</c>: containers for the stores, projects as processes.</summary>
    Local,

    /// <summary>Azure Container Apps and managed stores; the default of everything that publishes.</summary>
    Azure,

    /// <summary>One server with a container engine; chosen with <c>--target compose</c>.</summary>
    Compose,
}

internal static class DeploymentTargets
{
    extension(IDistributedApplicationBuilder builder)
    {
        /// <summary>
        /// Decided by how the AppHost was started and, when it publishes, by the setting <c>target</c>. A model may hold
        /// one compute environment only, so the two publish targets exclude each other.
        /// </summary>
        /// <exception cref="InvalidOperationException">The setting names neither <c>azure</c> nor <c>compose</c>.</exception>
        public DeploymentTarget Target => builder.ExecutionContext.IsRunMode
            ? DeploymentTarget.Local
            : builder.Configuration["target"]?.ToUpperInvariant() switch
            {
                null or "" or "AZURE" => DeploymentTarget.Azure,
                "COMPOSE" => DeploymentTarget.Compose,
                _ => throw new InvalidOperationException($"The publish target is 'azure' or 'compose', not '{builder.Configuration["target"]}'."),
            };
    }
}
