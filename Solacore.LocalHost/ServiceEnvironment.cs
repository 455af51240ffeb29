namespace Solacore.LocalHost;

/// <summary>The settings of the services, from the strongest source to the weakest: the environment, <c>.env</c>, what suits a developer.</summary>
internal sealed class ServiceEnvironment(IReadOnlyDictionary<string, string> environmentFile)
{
    private static readonly string[] Secrets = ["JWT_SECRET", "STRIPE_WEBHOOK_SECRET", "REVENUECAT_WEBHOOK_SECRET"];

    private static readonly Dictionary<string, string> DeveloperDefaults = new(StringComparer.Ordinal)
    {
        ["DEBUG"] = "true",
        // Names that a signed test event can refer to.
        ["STRIPE_PRICE_STANDARD"] = "price_standard",
        ["STRIPE_PRICE_PRO"] = "price_pro",
    };

    /// <summary>Servers of our own are used, whatever the environment says about others.</summary>
    private static readonly string[] Overruled = ["DATABASE_URL", "REDIS_URL", "RATE_LIMIT_REDIS_URL", "PORT", "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS"];

    public static ServiceEnvironment Read() => new(EnvironmentFile.Read(Path.Combine(BuildOutput.RepositoryRoot, ".env")));

    /// <summary>A setting of the environment or of <c>.env</c>.</summary>
    public string? Find(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : environmentFile.GetValueOrDefault(name);

    /// <summary>What a service gets on top of this process' own environment.</summary>
    public IReadOnlyDictionary<string, string?> For(
        string dataDirectory, string databaseConnection, string redisConnection, params IEnumerable<(string Name, string Value)> own)
    {
        var secrets = EnvironmentFile.ReadOrGenerate(Path.Combine(dataDirectory, "secrets.env"), Secrets);
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value) in DeveloperDefaults.Concat(secrets).Concat(environmentFile))
        {
            variables[name] = Find(name) ?? value;
        }

        foreach (var name in Overruled)
        {
            variables[name] = null;
        }

        variables[SystemNames.DatabaseConnection] = databaseConnection;
        variables[SystemNames.RedisConnection] = redisConnection;
        foreach (var (name, value) in own)
        {
            variables[name] = value;
        }

        return variables;
    }
}
