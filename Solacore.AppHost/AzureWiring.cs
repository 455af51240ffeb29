using Aspire.Hosting.Azure;
using Azure.Provisioning;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.KeyVault;
using Azure.Provisioning.PostgreSql;
using Azure.Provisioning.Primitives;

namespace Solacore.AppHost;

/// <summary>
/// Azure Container Apps with managed Postgres and Redis. Passwords and keys instead of Entra tokens, so that the services
/// stay the plain programs that run anywhere; all of them live in one Key Vault.
/// </summary>
internal sealed class AzureWiring : IWiring
{
    private const string PooledConnectionSecret = "connectionstrings--" + SystemNames.Database + "-pooled";

    /// <summary>Jobs that wait per worker before another worker is started.</summary>
    private const string ReadyJobsPerWorker = "50";

    /// <summary>
    /// The pooler, and what behind it no service can ask for on its connections: a frozen copy keeps no locks, and the log holds
    /// nothing of a refused row.
    /// </summary>
    private static readonly (string Id, string Name, string Value)[] ServerParameters =
    [
        ("pooler", "pgbouncer.enabled", "true"),
        ("idleTransactions", "idle_in_transaction_session_timeout", "15000"),
        ("logDetail", "log_error_verbosity", "terse"),
    ];

    private readonly IDistributedApplicationBuilder _builder;
    private readonly ServiceSettings _settings;
    private readonly IResourceBuilder<AzureKeyVaultResource> _vault;
    private readonly IResourceBuilder<ParameterResource> _postgresUser;
    private readonly IResourceBuilder<ParameterResource> _postgresPassword;
    private readonly IResourceBuilder<AzurePostgresFlexibleServerResource> _postgres;

    public AzureWiring(IDistributedApplicationBuilder builder, ServiceSettings settings)
    {
        _builder = builder;
        _settings = settings;

        AddRegion(builder);
        builder.AddAzureContainerAppEnvironment("solacore-environment");
        _vault = builder.AddAzureKeyVault("solacore-vault");

        _postgresUser = builder.AddParameterWithDefault("postgres-user", "solacore");
        _postgresPassword = builder.AddParameter(
            "postgres-password",
            // Without punctuation: the password becomes part of connection strings.
            new GenerateParameterDefault { MinLength = 32, Special = false, MinLower = 1, MinUpper = 1, MinNumeric = 1 },
            secret: true);

        _postgres = builder.AddAzurePostgresFlexibleServer(SystemNames.Postgres)
            .WithPasswordAuthentication(_vault, _postgresUser, _postgresPassword)
            .ConfigureInfrastructure(ConfigurePostgres);
        Database = _postgres.AddDatabase(SystemNames.Database);

        Redis = builder.AddAzureManagedRedis(SystemNames.Redis).WithAccessKeyAuthentication(_vault);
    }

    public IResourceBuilder<IResourceWithConnectionString> Database { get; }

    public IResourceBuilder<IResourceWithConnectionString> Redis { get; }

    public void Complete(ServiceProjects services)
    {
        // Container Apps knows no order of start: the job is started after each deployment (azure.yaml), and until it is
        // through, a new revision of the api is not ready and gets no traffic.
        services.Migrations.PublishAsAzureContainerAppJob();

        var secrets = _settings.Secret.Select(PutIntoVault).ToList();
        foreach (var service in (ReadOnlySpan<IResourceBuilder<ProjectResource>>)[services.Api, services.Worker])
        {
            foreach (var (setting, secret) in secrets)
            {
                service.WithEnvironment(setting, secret);
            }

            UsePooler(service);
        }

        PublishApi(services.Api);
        PublishWorker(services.Worker);
    }

    private static void AddRegion(IDistributedApplicationBuilder builder)
    {
        var region = builder.AddParameterWithDefault("region", "eastus2");
#pragma warning disable ASPIREAZURE001 // Experimental, and the only way to make the region a parameter of the model.
        builder.AddAzureEnvironment().WithLocation(region);
#pragma warning restore ASPIREAZURE001

        // What is published names the parameter; a deployment by the CLI asks the configuration.
        builder.Configuration["Azure:Location"] ??= ParameterDefaults.Of(builder, "region", "eastus2");
    }

    private (string Setting, IAzureKeyVaultSecretReference Secret) PutIntoVault(
        KeyValuePair<string, IResourceBuilder<ParameterResource>> setting)
    {
        var name = setting.Value.Resource.Name;
        _vault.AddSecret("vault-" + name, name, setting.Value);
        return (setting.Key, _vault.GetSecret(name));
    }

    /// <summary>
    /// The services talk through the pooler; LISTEN and session locks, which a transaction-mode pooler cannot carry, get
    /// the direct connection.
    /// </summary>
    private void UsePooler(IResourceBuilder<ProjectResource> service)
    {
        var pooled = _vault.GetSecret(PooledConnectionSecret);
        // Written by the module of the server, so that module has to come first.
        pooled.SecretOwner = _postgres.Resource;
        service
            .WithConnection(Database, SystemNames.DirectDatabase)
            .WithEnvironment(SystemNames.DatabaseConnection, pooled)
            .WithEnvironment(SettingNames.DatabasePooled, "true");
    }

    private void ConfigurePostgres(AzureResourceInfrastructure infrastructure)
    {
        var resources = infrastructure.GetProvisionableResources().ToList();
        var server = resources.OfType<PostgreSqlFlexibleServer>().Single();
        server.Version = new StringLiteralExpression(PostgresContainer.Version);
        // The built-in pooler does not exist in the burstable tier.
        server.Sku = new PostgreSqlFlexibleServerSku
        {
            Name = "Standard_D2ds_v5",
            Tier = PostgreSqlFlexibleServerSkuTier.GeneralPurpose,
        };
        server.Backup = new PostgreSqlFlexibleServerBackupProperties
        {
            BackupRetentionDays = 7,
            GeoRedundantBackup = PostgreSqlFlexibleServerGeoRedundantBackupEnum.Disabled,
        };
        SetGrowingStorage(server, sizeInGB: 32);

        // One after the other: the server refuses a second change while one is going on.
        ProvisionableResource before = resources.OfType<PostgreSqlFlexibleServerDatabase>().Single();
        foreach (var (id, name, value) in ServerParameters)
        {
            var parameter = new PostgreSqlFlexibleServerConfiguration(id) { Parent = server, Name = name, Value = value, Source = "user-override" };
            parameter.DependsOn.Add(before);
            infrastructure.Add(parameter);
            before = parameter;
        }

        var user = _postgresUser.AsProvisioningParameter(infrastructure, "administratorLogin");
        var password = _postgresPassword.AsProvisioningParameter(infrastructure, "administratorLoginPassword");
        infrastructure.Add(new KeyVaultSecret("pooledConnectionString")
        {
            Parent = resources.OfType<KeyVaultService>().Single(),
            Name = PooledConnectionSecret,
            Properties = new SecretProperties
            {
                // The pooler hands a connection on after each transaction, so there is no session to reset.
                Value = BicepFunction.Interpolate(
                    $"Host={server.FullyQualifiedDomainName};Port=6432;Username={user};Password={password};Database={SystemNames.Database};SSL Mode=Require;No Reset On Close=true"),
            },
        });
    }

    /// <summary>
    /// Written by its names in ARM: the type of the package has the size alone, and a property of the same branch has to
    /// come from the same place.
    /// </summary>
    private static void SetGrowingStorage(PostgreSqlFlexibleServer server, int sizeInGB)
    {
        server.ProvisionableProperties.Remove("Storage");
        SetByArmName(server, "StorageSizeInGB", ["properties", "storage", "storageSizeGB"], new BicepValue<int>(sizeInGB));
        SetByArmName(server, "StorageAutoGrow", ["properties", "storage", "autoGrow"], new BicepValue<string>("Enabled"));
    }

    /// <summary>Sets a property by its place in the template, whether or not the type of the package has it too.</summary>
    private static void SetByArmName(ProvisionableConstruct construct, string name, string[] path, IBicepValue value)
    {
        value.Self = new BicepValueReference(construct, name, path);
        construct.ProvisionableProperties[name] = value;
    }

    /// <summary>The platform kills a container 30 s after it was told to stop, which is in the middle of a drain.</summary>
    private static void GrantTimeToStop(ContainerAppTemplate template) =>
        SetByArmName(
            template,
            "TerminationGracePeriodSeconds",
            ["terminationGracePeriodSeconds"],
            new BicepValue<int>(ServiceEndpoints.SecondsToStop));

    private void PublishApi(IResourceBuilder<ProjectResource> api)
    {
        // Both empty on the first deployment: Azure takes a domain only when DNS points to the app, and issues the certificate
        // only for a domain that the app has.
        var domain = _builder.AddParameterWithDefault("custom-domain", "");
        var certificate = _builder.AddParameterWithDefault("certificate-name", "");
        var hasDomain = ParameterDefaults.Of(_builder, domain.Resource.Name, "").Length > 0;

        api.PublishAsAzureContainerApp((_, app) =>
        {
            if (hasDomain)
            {
                app.ConfigureCustomDomain(domain, certificate);
            }

            GrantTimeToStop(app.Template);
            app.Template.Containers[0].Value!.Resources = new AppContainerResources { Cpu = 0.5, Memory = "1Gi" };
            app.Template.Scale.MinReplicas = 1;
            app.Template.Scale.MaxReplicas = 10;
            app.Template.Scale.Rules =
            [
                new ContainerAppScaleRule
                {
                    Name = "requests",
                    // Mostly open streams that wait for a model, hence more of them than a busy page would allow.
                    Http = new ContainerAppHttpScaleRule { Metadata = { ["concurrentRequests"] = "100" } },
                },
            ];
        });
    }

    private void PublishWorker(IResourceBuilder<ProjectResource> worker) =>
        worker.PublishAsAzureContainerApp((infrastructure, app) =>
        {
            const string passwordSecret = "queue-depth-password";
            app.Configuration.Secrets.Add(new ContainerAppWritableSecret
            {
                Name = passwordSecret,
                Value = _postgresPassword.AsProvisioningParameter(infrastructure),
            });

            GrantTimeToStop(app.Template);
            app.Template.Containers[0].Value!.Resources = new AppContainerResources { Cpu = 0.5, Memory = "1Gi" };
            // One at least: recurring jobs and the wake-up on a new job need somebody who listens.
            app.Template.Scale.MinReplicas = 1;
            app.Template.Scale.MaxReplicas = 10;
            app.Template.Scale.Rules =
            [
                new ContainerAppScaleRule
                {
                    Name = "queue-depth",
                    // https://keda.sh/docs/latest/scalers/postgresql/
                    Custom = new ContainerAppCustomScaleRule
                    {
                        CustomScaleRuleType = "postgresql",
                        Metadata =
                        {
                            ["host"] = _postgres.Resource.HostName.AsProvisioningParameter(infrastructure, "postgresHost"),
                            ["port"] = "5432",
                            ["userName"] = _postgresUser.AsProvisioningParameter(infrastructure),
                            ["dbName"] = SystemNames.Database,
                            ["sslmode"] = "require",
                            ["query"] = SystemNames.ReadyJobsQuery,
                            ["targetQueryValue"] = ReadyJobsPerWorker,
                        },
                        Auth = [new ContainerAppScaleRuleAuth { SecretRef = passwordSecret, TriggerParameter = "password" }],
                    },
                },
            ];
        });
}
