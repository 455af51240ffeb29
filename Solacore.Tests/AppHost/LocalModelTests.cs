using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Solacore.Tests.AppHost;

public sealed class LocalModelTests : IAsyncLifetime
{
    private IDistributedApplicationTestingBuilder _model = null!;

    public async ValueTask InitializeAsync() => _model = await SystemModel.LocalAsync();

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    [Fact]
    public void four_programs_come_from_two_projects()
    {
        var programs = _model.Resources.OfType<ProjectResource>()
            .Select(program => (program.Name, Path.GetFileNameWithoutExtension(program.GetProjectMetadata().ProjectPath)))
            .Order();

        Assert.Equal(
            [
                ("api", "Solacore.Api"),
                ("migrations", "Solacore.Worker"),
                ("reset-database", "Solacore.Worker"),
                ("worker", "Solacore.Worker"),
            ],
            programs);
    }

    [Theory]
    [InlineData("api")]
    [InlineData("worker")]
    public void a_service_starts_after_the_migrations_are_through(string service) =>
        Assert.Equal(
            ["WaitForCompletion migrations", "WaitUntilHealthy redis"],
            _model.Resource<ProjectResource>(service).Waits());

    [Fact]
    public void the_migrations_wait_for_the_database() =>
        Assert.Equal(["WaitUntilHealthy postgres", "WaitUntilHealthy solacore"], _model.Resource<ProjectResource>("migrations").Waits());

    [Theory]
    [InlineData("migrations")]
    [InlineData("reset-database")]
    public async Task a_database_of_the_developers_shell_is_not_touched(string program)
    {
        var environment = await _model.Resource<ProjectResource>(program).PublishedEnvironmentAsync();

        Assert.Equal("{solacore.connectionString}", environment["ConnectionStrings__solacore-direct"]);
        Assert.Equal("false", environment["DATABASE_POOLED"]);
    }

    [Theory]
    [InlineData("api")]
    [InlineData("worker")]
    public async Task a_service_listens_on_this_machine_alone_whatever_the_developers_shell_says(string service)
    {
        var environment = await _model.Resource<ProjectResource>(service).PublishedEnvironmentAsync();

        Assert.Equal(("127.0.0.1", "", ""), (environment["HOST"], environment["ASPNETCORE_HTTP_PORTS"], environment["URLS"]));
    }

    [Fact]
    public void the_data_lies_on_a_volume_under_a_fixed_version()
    {
        var postgres = _model.Resource<PostgresServerResource>("postgres");

        Assert.Equal("17", postgres.Annotations.OfType<ContainerImageAnnotation>().Last().Tag);
        var volume = Assert.Single(postgres.Annotations.OfType<ContainerMountAnnotation>());
        // The place of the data up to version 17; another one here means that the tag was set after the volume.
        Assert.Equal(("solacore-postgres-17", "/var/lib/postgresql/data"), (volume.Source, volume.Target));
        Assert.Equal(ContainerLifetime.Persistent, postgres.Annotations.OfType<ContainerLifetimeAnnotation>().Single().Lifetime);
    }

    [Fact]
    public void the_api_is_where_the_readme_says_and_the_rest_is_anywhere()
    {
        var doors = _model.Resources.OfType<ProjectResource>()
            .SelectMany(program => program.Annotations.OfType<EndpointAnnotation>()
                .Select(door => (program.Name, door.Name, door.Port, door.Protocol, door.IsExternal)))
            .Order();

        Assert.Equal(
            [
                ("api", "http", 8000, ProtocolType.Tcp, true),
                ("api", "internal", null, ProtocolType.Tcp, false),
                ("worker", "internal", null, ProtocolType.Tcp, false),
            ],
            doors);
    }

    [Theory]
    [InlineData("api", "http")]
    [InlineData("worker", "internal")]
    public void health_is_asked_behind_the_door_that_answers(string service, string door)
    {
        var program = _model.Resource<ProjectResource>(service);

#pragma warning disable ASPIREPROBES001 // Experimental, as in the AppHost.
        var probes = program.Annotations.OfType<EndpointProbeAnnotation>()
            .Select(probe => (probe.Type, probe.Path, probe.EndpointReference.EndpointName));
        Assert.Equal([(ProbeType.Liveness, "/health/live", door), (ProbeType.Readiness, "/health/ready", door)], probes);
#pragma warning restore ASPIREPROBES001
        // What the dashboard shows, and what others wait for.
        Assert.Equal(2, program.Annotations.OfType<HealthCheckAnnotation>().Count());
    }

    [Fact]
    public async Task a_developer_is_asked_for_nothing()
    {
        foreach (var parameter in _model.Resources.OfType<ParameterResource>().Where(parameter => parameter.Default is null))
        {
            Assert.NotNull(await parameter.GetValueAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void the_dashboard_offers_replay_and_reset()
    {
        var replay = Command(_model.Resource<ProjectResource>("worker"), "replay-parked-jobs");
        var reset = Command(_model.Resource<PostgresDatabaseResource>("solacore"), "reset-database");

        Assert.Equal(("Replay parked jobs", null), (replay.DisplayName, replay.ConfirmationMessage));
        Assert.Equal("Reset database", reset.DisplayName);
        Assert.NotNull(reset.ConfirmationMessage);
        Assert.Single(_model.Resource<ProjectResource>("reset-database").Annotations.OfType<ExplicitStartupAnnotation>());
    }

    private static ResourceCommandAnnotation Command(IResource resource, string name) =>
        resource.Annotations.OfType<ResourceCommandAnnotation>().Single(command => command.Name == name);
}
