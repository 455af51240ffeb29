namespace Solacore.AppHost;

/// <summary>
/// The settings that a deployment gives to the services, as parameters named after their variables: <c>JWT_SECRET</c> is
/// the parameter <c>jwt-secret</c>.
/// </summary>
/// <param name="Parameters">Parameters by the name of the environment variable.</param>
internal sealed record ServiceSettings(IReadOnlyDictionary<string, IResourceBuilder<ParameterResource>> Parameters)
{
    /// <summary>Never has a value in the model: asked for on publishing, empty or generated for a developer.</summary>
    private static readonly string[] Secrets =
    [
        SettingNames.JwtSecret,
        SettingNames.StripeSecretKey,
        SettingNames.StripeWebhookSecret,
        SettingNames.RevenueCatWebhookSecret,
        SettingNames.RevenueCatApiKey,
        SettingNames.OpenAiApiKey,
        SettingNames.AnthropicApiKey,
        SettingNames.OpenRouterApiKey,
        SettingNames.GoogleClientSecret,
        SettingNames.SmtpPassword,
        SettingNames.ExpoAccessToken,
        SettingNames.SentryDsn,
    ];

    /// <summary>Specific to one installation and not secret: asked for on publishing, empty for a developer.</summary>
    private static readonly string[] Identifiers =
    [
        SettingNames.GoogleClientId,
        SettingNames.AppleClientId,
        SettingNames.StripePriceStandard,
        SettingNames.StripePricePro,
    ];

    /// <summary>What production uses unless the installation says otherwise. A developer gets the defaults of the code.</summary>
    private static readonly (string Name, string Published)[] Defaults =
    [
        (SettingNames.FrontendUrl, "https://solacore.app"),
        (SettingNames.ApiUrl, "https://api.solacore.app"),
        (SettingNames.CookieDomain, ".solacore.app"),
        (SettingNames.StripeSuccessUrl, "https://solacore.app/settings?checkout=success"),
        (SettingNames.StripeCancelUrl, "https://solacore.app/paywall"),
        (SettingNames.LlmProvider, "openai"),
        (SettingNames.LlmModel, "gpt-4o-mini"),
        (SettingNames.LlmPrices, "gpt-4o-mini=0.15/0.60"),
        (SettingNames.SmtpEnabled, "false"),
        (SettingNames.SmtpUser, "apikey"),
        (SettingNames.PushEnabled, "true"),
    ];

    /// <summary>What another installation may want otherwise. Empty unless given, which leaves the default of the code.</summary>
    private static readonly string[] Optional =
    [
        SettingNames.CorsAllowedOrigins,
        SettingNames.TrustedProxies,
        SettingNames.SupportEmail,
        SettingNames.AppLink,
        SettingNames.AppleAppIds,
        SettingNames.AndroidPackage,
        SettingNames.AndroidCertFingerprints,
        SettingNames.LlmBudgetSession,
        SettingNames.LlmBudgetDay,
        SettingNames.LlmBudgetPeriod,
        SettingNames.SmtpHost,
        SettingNames.SmtpPort,
        SettingNames.SmtpFrom,
        SettingNames.SmtpFromName,
    ];

    public IEnumerable<KeyValuePair<string, IResourceBuilder<ParameterResource>>> Secret =>
        Parameters.Where(setting => setting.Value.Resource.Secret);

    public static ServiceSettings AddTo(IDistributedApplicationBuilder builder)
    {
        var parameters = new Dictionary<string, IResourceBuilder<ParameterResource>>(StringComparer.Ordinal);
        var add = builder.ExecutionContext.IsRunMode
            ? AddLocal
            : (Func<IDistributedApplicationBuilder, string, bool, IResourceBuilder<ParameterResource>>)AddRequired;

        foreach (var name in Secrets)
        {
            parameters.Add(name, add(builder, name, true));
        }

        foreach (var name in Identifiers)
        {
            parameters.Add(name, add(builder, name, false));
        }

        if (builder.ExecutionContext.IsPublishMode)
        {
            AskOnlyThroughTheCli(builder);
            // Nobody else has to know it. Locally there is none, which leaves the operator routes open.
            parameters.Add(SettingNames.OperatorKey, builder.AddParameter(ParameterName(SettingNames.OperatorKey), Generated(), secret: true));
            foreach (var (name, published) in Defaults.Concat(Optional.Select(optional => (optional, ""))))
            {
                parameters.Add(name, builder.AddParameterWithDefault(ParameterName(name), published));
            }
        }

        return new ServiceSettings(parameters);
    }

    /// <summary>
    /// The CLI asks for values that are missing and tells where it listens for them. Without it nobody can answer, and
    /// publishing would wait for ever; this way it names them in its log and leaves them open.
    /// </summary>
    private static void AskOnlyThroughTheCli(IDistributedApplicationBuilder builder)
    {
        if (builder.Configuration["ASPIRE_BACKCHANNEL_PATH"] is null)
        {
            builder.Configuration["ASPIRE_INTERACTIVITY_ENABLED"] = "false";
        }
    }

    private static GenerateParameterDefault Generated() => new() { MinLength = 48, Special = false };

    private static string ParameterName(string setting) => setting.ToLowerInvariant().Replace('_', '-');

    private static IResourceBuilder<ParameterResource> AddRequired(IDistributedApplicationBuilder builder, string setting, bool secret) =>
        builder.AddParameter(ParameterName(setting), secret);

    /// <summary>
    /// F5 never asks: a value comes from the user secrets (<c>Parameters:openai-api-key</c>) or from a variable of the
    /// developer's shell (<c>OPENAI_API_KEY</c>), and is empty otherwise. Only the signing secret has to be something, and
    /// to stay the same, or every restart would sign everybody out.
    /// </summary>
    private static IResourceBuilder<ParameterResource> AddLocal(IDistributedApplicationBuilder builder, string setting, bool secret)
    {
        var parameter = ParameterName(setting);
        return setting == SettingNames.JwtSecret
            ? builder.AddParameter(parameter, Generated(), secret: true, persist: true)
            : builder.AddParameter(parameter, () => builder.Configuration[$"Parameters:{parameter}"] ?? builder.Configuration[setting] ?? "", secret: secret);
    }
}

internal static class ServiceSettingsExtensions
{
    public static ServiceSettings AddServiceSettings(this IDistributedApplicationBuilder builder) => ServiceSettings.AddTo(builder);

    public static IResourceBuilder<ProjectResource> WithServiceSettings(this IResourceBuilder<ProjectResource> service, ServiceSettings settings)
    {
        foreach (var (name, parameter) in settings.Parameters)
        {
            service.WithEnvironment(name, parameter);
        }

        // DEBUG lifts the checks that ask for the empty settings above.
        return service.WithEnvironment(SettingNames.Debug, service.ApplicationBuilder.ExecutionContext.IsRunMode ? "true" : "false");
    }
}
