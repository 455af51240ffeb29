using System.Collections;

namespace Solacore.LocalHost;

/// <summary>
/// The settings of the services, from the strongest source to the weakest: the environment, <c>.env</c>, what suits a developer.
/// Names are those of the services in any case.
/// </summary>
internal sealed class ServiceEnvironment(IReadOnlyDictionary<string, string> environmentFile)
{
    private readonly Dictionary<string, string> _file = new(environmentFile.Where(setting => IsGiven(setting.Value)), StringComparer.OrdinalIgnoreCase);

    private static readonly string[] Secrets = [SettingNames.JwtSecret, SettingNames.StripeWebhookSecret, SettingNames.RevenueCatWebhookSecret];

    private static readonly Dictionary<string, string> DeveloperDefaults = new(StringComparer.Ordinal)
    {
        [SettingNames.Debug] = "true",
        // Without a key the operator routes are open in debug mode: to this machine, not to its network.
        [SettingNames.Host] = "127.0.0.1",
        // Names that a signed test event can refer to.
        [SettingNames.StripePriceStandard] = "price_standard",
        [SettingNames.StripePricePro] = "price_pro",
    };

    /// <summary>
    /// Servers and ports of our own are used, whatever the environment says about others; with every way to name the database,
    /// because migrations take the direct one.
    /// </summary>
    private static readonly HashSet<string> Overruled = new(
        [
            "DATABASE_URL", "DATABASE_DIRECT_URL", SettingNames.DatabasePooled, SystemNames.DatabaseConnection, "ConnectionStrings__" + SystemNames.DirectDatabase,
            "REDIS_URL", "RATE_LIMIT_REDIS_URL", SystemNames.RedisConnection,
            SettingNames.Port, SystemNames.InternalPort, .. SystemNames.PlatformAddresses,
        ],
        StringComparer.OrdinalIgnoreCase);

    public static ServiceEnvironment Read() => new(EnvironmentFile.Read(Path.Combine(BuildOutput.RepositoryRoot, ".env")));

    /// <summary>A setting of the environment or of <c>.env</c>.</summary>
    public string? Find(string name) => FindInherited(name) ?? _file.GetValueOrDefault(name);

    private static string? FindInherited(string name) => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Where(variable => string.Equals((string)variable.Key, name, StringComparison.OrdinalIgnoreCase))
        .Select(variable => (string?)variable.Value)
        .FirstOrDefault(IsGiven);

    /// <summary>An empty value means "not given".</summary>
    private static bool IsGiven(string? value) => !string.IsNullOrWhiteSpace(value);

    /// <summary>What a service gets on top of this process' own environment.</summary>
    public IReadOnlyDictionary<string, string?> For(
        string dataDirectory, string databaseConnection, string redisConnection, params IEnumerable<(string Name, string Value)> own)
    {
        var secrets = EnvironmentFile.ReadOrGenerate(Path.Combine(dataDirectory, "secrets.env"), Secrets);
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in DeveloperDefaults.Concat(secrets).Concat(_file))
        {
            settings[name] = Find(name) ?? value;
        }

        // From here on each spelling by itself: what is overruled is removed in all of them.
        var variables = new Dictionary<string, string?>(settings, StringComparer.Ordinal);
        var inherited = Environment.GetEnvironmentVariables().Keys.Cast<string>();
        foreach (var name in inherited.Concat(variables.Keys).Where(Overruled.Contains).ToList())
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
