using Solacore;
using Solacore.AppHost;

var builder = DistributedApplication.CreateBuilder(args);

var settings = builder.AddServiceSettings();
IWiring wiring = builder.Target switch
{
    DeploymentTarget.Compose => new ComposeWiring(builder),
    DeploymentTarget.Azure => new AzureWiring(builder, settings),
    _ => new LocalWiring(builder),
};

var migrations = builder.AddProject<Projects.Solacore_Worker>(SystemNames.Migrations, launchProfileName: null)
    .WithArgs(SystemNames.MigrateCommand)
    .WithConnection(wiring.Database)
    .WaitFor(wiring.Database);

var api = builder.AddProject<Projects.Solacore_Api>(SystemNames.Api, launchProfileName: null)
    .WithConnection(wiring.Database)
    .WithConnection(wiring.Redis)
    .WithServiceSettings(settings)
    .WithClientEndpoint()
    .WithInternalEndpoint()
    .WithHealth(ServiceEndpoints.Client)
    .WaitFor(wiring.Redis)
    .WaitForCompletion(migrations);

var worker = builder.AddProject<Projects.Solacore_Worker>(SystemNames.Worker, launchProfileName: null)
    .WithConnection(wiring.Database)
    .WithConnection(wiring.Redis)
    .WithServiceSettings(settings)
    .WithInternalEndpoint()
    .WithHealth(ServiceEndpoints.Internal)
    .WaitFor(wiring.Redis)
    .WaitForCompletion(migrations);

wiring.Complete(new ServiceProjects(migrations, api, worker));

await builder.Build().RunAsync();
