using System.Globalization;
using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Aspire.Hosting.Docker.Resources.ServiceNodes;

namespace Solacore.AppHost;

/// <summary>
/// One server with a container engine: a docker-compose.yaml with everything in it. TLS is the business of the reverse
/// proxy in front of the api's port. All ports are this server's own: the api believes what that proxy forwards
/// (<c>ASPNETCORE_FORWARDEDHEADERS_ENABLED</c>, which Aspire sets), so nobody else may reach it.
/// </summary>
internal sealed class ComposeWiring : IWiring
{
    private const string RestartAlways = "unless-stopped";
    private const int DashboardPort = 18888;

    // Where the runbook and the scrape configuration expect them.
    private const int ApiInternalPort = 8001;
    private const int WorkerInternalPort = 8002;

    public ComposeWiring(IDistributedApplicationBuilder builder)
    {
        builder.AddDockerComposeEnvironment("compose").WithDashboard(dashboard => dashboard
            .PublishAsDockerComposeService((_, service) => service.Ports = [OfThisServer(DashboardPort, DashboardPort)]));

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
        services.Api.PublishAsDockerComposeService((_, service) => KeepRunning(
            service,
            OfThisServer(SystemNames.DefaultApiPort, SystemNames.DefaultApiPort),
            OfThisServer(ApiInternalPort, SystemNames.DefaultInternalPort)));
        services.Worker.PublishAsDockerComposeService((_, service) => KeepRunning(
            service,
            OfThisServer(WorkerInternalPort, SystemNames.DefaultInternalPort)));
    }

    private static string OfThisServer(int port, int containerPort) =>
        string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}:{containerPort}");

    private static void KeepRunning(Service service, params string[] ports)
    {
        Harden(service);
        service.Ports = [.. ports];
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
