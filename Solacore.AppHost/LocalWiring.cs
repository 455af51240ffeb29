using Microsoft.Extensions.DependencyInjection;

namespace Solacore.AppHost;

/// <summary>A developer's machine: Postgres and Redis as containers, and commands in the dashboard.</summary>
internal sealed class LocalWiring : IWiring
{
    private readonly IDistributedApplicationBuilder _builder;
    private readonly IResourceBuilder<PostgresDatabaseResource> _database;

    public LocalWiring(IDistributedApplicationBuilder builder)
    {
        _builder = builder;
        _database = builder.AddPostgres(SystemNames.Postgres)
            .WithPinnedDataVolume()
            .WithLifetime(ContainerLifetime.Persistent)
            .AddDatabase(SystemNames.Database);

        // No volume: whatever is in Redis may be lost at any time, and a developer should meet that early.
        Redis = builder.AddRedis(SystemNames.Redis);
    }

    public IResourceBuilder<IResourceWithConnectionString> Database => _database;

    public IResourceBuilder<IResourceWithConnectionString> Redis { get; }

    public void Complete(ServiceProjects services)
    {
        KeepToOwnDatabase(services.Migrations);
        KeepToOwnDatabase(services.Api);
        KeepToOwnDatabase(services.Worker);
        KeepToThisMachine(services.Api);
        KeepToThisMachine(services.Worker);

        services.Api.WithUrlForEndpoint(ServiceEndpoints.Client, url => url.DisplayText = "Solacore API");

        services.Worker.WithHttpCommand(
            "/admin/dead-jobs/replay",
            "Replay parked jobs",
            endpointName: ServiceEndpoints.Internal,
            commandName: "replay-parked-jobs",
            commandOptions: new HttpCommandOptions
            {
                Description = "Puts every parked job (dead letter) back into its queue.",
                IconName = "ArrowRepeatAll",
                IsHighlighted = true,

                // All has to be said, and the question mark of a query in the path would be escaped.
                PrepareRequest = context =>
                {
                    context.Request.RequestUri = new UriBuilder(context.Request.RequestUri!) { Query = "all=true" }.Uri;
                    return Task.CompletedTask;
                },
            });

        AddResetCommand(services);
    }

    /// <summary>
    /// The developer's shell is the programs' environment too: a <c>DATABASE_DIRECT_URL</c> in it must not lead migrations and
    /// locks to another database.
    /// </summary>
    private void KeepToOwnDatabase(IResourceBuilder<ProjectResource> program) => program
        .WithConnection(_database, SystemNames.DirectDatabase)
        .WithEnvironment(SettingNames.DatabasePooled, "false");

    /// <summary>
    /// Without a key the operator routes are open in debug mode: to this machine, not to its network. Addresses and a machine's name that the
    /// developer's shell or container exports do not count.
    /// </summary>
    private static void KeepToThisMachine(IResourceBuilder<ProjectResource> service)
    {
        service.WithEnvironment(SettingNames.Host, "127.0.0.1");
        foreach (var name in SystemNames.PlatformAddresses)
        {
            service.WithEnvironment(name, "");
        }
    }

    private void AddResetCommand(ServiceProjects services)
    {
        var reset = _builder.AddProject<Projects.Solacore_Worker>("reset-database", launchProfileName: null)
            .WithArgs(SystemNames.MigrateCommand, SystemNames.ResetOption)
            .WithConnection(_database)
            .WithEnvironment(SettingNames.Debug, "true")
            .WaitFor(_database)
            .WaitForCompletion(services.Migrations)
            .WithExplicitStart();
        KeepToOwnDatabase(reset);

        _database.WithCommand(
            "reset-database",
            "Reset database",
            context => context.Services.GetRequiredService<ResourceCommandService>()
                .ExecuteCommandAsync(reset.Resource, KnownResourceCommands.StartCommand, context.CancellationToken),
            new CommandOptions
            {
                Description = "Drops everything in the database, migrates it again and seeds it. The log is that of reset-database.",
                ConfirmationMessage = "All users, sessions and jobs of this database will be gone. Continue?",
                IconName = "DatabaseWarning",
            });
    }
}
