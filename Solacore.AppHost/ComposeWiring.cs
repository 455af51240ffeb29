using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Aspire.Hosting.Docker.Resources.ServiceNodes;

namespace Solacore.AppHost;

/// <summary>
/// One server with a container engine: a docker-compose.yaml with everything in it. TLS is the business of the reverse
/// proxy in front of the api's port.
/// </summary>
internal sealed class ComposeWiring : IWiring
{
    private const string RestartAlways = "unless-stopped";

    public ComposeWiring(IDistributedApplicationBuilder builder)
    {
        builder.AddDockerComposeEnvironment("compose").WithDashboard(dashboard => dashboard.WithHostPort(18888));

        Database = builder.AddPostgres(SystemNames.Postgres)
            .WithPinnedDataVolume()
            .PublishAsDockerComposeService((_, service) =>
            {
                service.Restart = RestartAlways;
                service.Healthcheck = new Healthcheck
                {
                    Test = ["CMD-SHELL", "pg_isready --username postgres"],
                    Interval = "5s",
                    Timeout = "5s",
                    StartPeriod = "30s",
                    Retries = 12,
                };
            })
            .AddDatabase(SystemNames.Database);

        Redis = builder.AddRedis(SystemNames.Redis)
            .PublishAsDockerComposeService((_, service) => service.Restart = RestartAlways);
    }

    public IResourceBuilder<IResourceWithConnectionString> Database { get; }

    public IResourceBuilder<IResourceWithConnectionString> Redis { get; }

    public void Complete(ServiceProjects services)
    {
        services.Migrations.PublishAsDockerComposeService((_, service) =>
        {
            Harden(service);
            service.Restart = "on-failure";
            service.DependsOn[SystemNames.Postgres] = new ServiceDependency { Condition = "service_healthy" };
        });
        services.Api
            // A fixed port for the proxy; without it compose takes a random one on every start.
            .WithEndpoint(ServiceEndpoints.Client, endpoint => endpoint.Port = SystemNames.DefaultApiPort)
            .PublishAsDockerComposeService((_, service) => KeepRunning(service));
        services.Worker.PublishAsDockerComposeService((_, service) => KeepRunning(service));
    }

    private static void KeepRunning(Service service)
    {
        Harden(service);
        service.Restart = RestartAlways;
        service.StopGracePeriod = $"{ServiceEndpoints.SecondsToStop}s";
    }

    private static void Harden(Service service)
    {
        service.ReadOnly = true;
        service.Tmpfs = ["/tmp"];
        service.CapDrop = ["ALL"];
    }
}
