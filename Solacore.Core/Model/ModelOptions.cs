using Solacore.Core.Settings;

namespace Solacore.Core.Model;

/// <summary>A model provider and how to reach it.</summary>
/// <param name="Name">openai, openrouter or anthropic.</param>
/// <param name="BaseUrl">Address of a chat-completions API in OpenAI's form, without <c>/chat/completions</c>.</param>
public sealed record ModelProvider(string Name, string ApiKey, Uri BaseUrl)
{
    /// <summary>
    /// The most of its tokens to one of ours (see <see cref="TokenCount"/>): models of others split texts differently, Chinese above all.
    /// </summary>
    public double TokenMargin { get; init; } = 1.6;

    /// <summary>What a model thought becomes the reply when it said nothing.</summary>
    public bool ReasoningAsReply { get; init; }

    /// <summary>Sent with every request, by name.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    // A record prints its members; secrets must never reach a log line.
    public override string ToString() => nameof(ModelProvider);
}

/// <summary>One model of one provider.</summary>
/// <param name="Price">Null: unknown, and the model is not used; in production there is none such.</param>
public sealed record ModelRoute(ModelProvider Provider, string Model, ModelPrice? Price);

/// <summary>Which models speak, how long they may take and what they may cost.</summary>
public sealed record ModelOptions
{
    private static readonly string[] Providers = ["openai", "openrouter", "anthropic"];

    /// <summary>In the order in which they are tried, until one has said its first token. Empty: the offline coach speaks.</summary>
    public required IReadOnlyList<ModelRoute> Routes { get; init; }

    public required ModelBudgets Budgets { get; init; }

    /// <summary>Until the connection to the provider stands.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>From the first request to a model to its first token, repeated requests included.</summary>
    public required TimeSpan FirstTokenTimeout { get; init; }

    /// <summary>From one token to the next.</summary>
    public required TimeSpan BetweenTokensTimeout { get; init; }

    /// <summary>The whole reply, all models included.</summary>
    public required TimeSpan TotalTimeout { get; init; }

    /// <summary>The longest pause before a request is repeated, also when the provider asks for a longer one.</summary>
    public required TimeSpan LongestRetryPause { get; init; }

    public required int MaxOutputTokens { get; init; }

    /// <summary>Failures in a row after which a model is left alone.</summary>
    public required int BreakerFailures { get; init; }

    /// <summary>How long it is left alone before one request tries it again.</summary>
    public required TimeSpan BreakerPause { get; init; }

    /// <summary>A model reads the person's messages into the profile, beside the reply.</summary>
    public required bool ReadsProfile { get; init; }

    /// <summary>From the request for such a reading to its end.</summary>
    public required TimeSpan ProfileTimeout { get; init; }

    public static ModelOptions Read(SettingsReader reader)
    {
        var provider = reader.OneOf(SettingNames.LlmProvider, Providers[0], Providers);
        var prices = ModelPrices.Read(reader);
        var models = reader.List(SettingNames.LlmModel).Select(model => Named(model, provider)).ToList();
        if (models.Count == 0)
        {
            models.Add((provider, "gpt-4o-mini"));
        }

        var unpriced = models.Select(model => model.Name).Where(name => prices.Of(name) is null).ToList();
        if (unpriced.Count > 0)
        {
            reader.FailInProduction(
                SettingNames.LlmPrices,
                $"has no price for {string.Join(" and ", unpriced)}: add NAME=input/output in US dollars per million tokens");
        }

        var providers = models.Select(model => model.Provider).Distinct(StringComparer.Ordinal)
            .ToDictionary(name => name, name => ReadProvider(reader, name), StringComparer.Ordinal);
        return new ModelOptions
        {
            Routes = [.. models
                .Where(model => providers[model.Provider].ApiKey.Length > 0)
                .Select(model => new ModelRoute(providers[model.Provider], model.Name, prices.Of(model.Name)))],
            Budgets = ModelBudgets.Read(reader),
            ConnectTimeout = reader.Seconds("LLM_CONNECT_TIMEOUT", 5, 0.1, 60),
            FirstTokenTimeout = reader.Seconds("LLM_FIRST_TOKEN_TIMEOUT", 15, 0.1, 120),
            BetweenTokensTimeout = reader.Seconds("LLM_TOKEN_TIMEOUT", 15, 0.1, 120),

            // The end of a reply has to be stored within the three minutes that its job may take.
            TotalTimeout = reader.Seconds("LLM_TIMEOUT", 30, 1, 150),
            LongestRetryPause = reader.Seconds("LLM_RETRY_PAUSE", 5, 0, 60),
            MaxOutputTokens = reader.Int("LLM_MAX_TOKENS", 1024, 16, 32_768),
            BreakerFailures = reader.Int("LLM_BREAKER_FAILURES", 3, 1, 1_000),
            BreakerPause = reader.Seconds("LLM_BREAKER_PAUSE", 30, 0.1, 3_600),
            ReadsProfile = reader.Bool("LLM_PROFILE", true),
            ProfileTimeout = reader.Seconds("LLM_PROFILE_TIMEOUT", 10, 0.1, 60),
        };
    }

    /// <summary>A name may say where its model is to be had (<c>anthropic:claude-x</c>); others come from LLM_PROVIDER.</summary>
    private static (string Provider, string Name) Named(string model, string provider) =>
        Providers.FirstOrDefault(known => model.StartsWith(known + ":", StringComparison.Ordinal)) is { } named
            ? (named, model[(named.Length + 1)..])
            : (provider, model);

    private static ModelProvider ReadProvider(SettingsReader reader, string name)
    {
        ModelProvider At(string key, string usualUrl)
        {
            reader.RequiredInProduction(key, $"LLM_PROVIDER or LLM_MODEL names {name}, which needs its key");
            var isUrl = Uri.TryCreate(reader.Url(name.ToUpperInvariant() + "_BASE_URL", usualUrl), UriKind.Absolute, out var url);
            return new ModelProvider(name, reader.HeaderText(key), isUrl ? url! : new Uri(usualUrl));
        }

        return name switch
        {
            "anthropic" => At(SettingNames.AnthropicApiKey, "https://api.anthropic.com/v1"),
            "openrouter" => At(SettingNames.OpenRouterApiKey, "https://openrouter.ai/api/v1") with
            {
                ReasoningAsReply = reader.Bool("ENABLE_REASONING_OUTPUT", false) & reader.Bool("OPENROUTER_REASONING_FALLBACK", false),
                Headers = OpenRouterHeaders(reader.HeaderText("OPENROUTER_APP_NAME"), reader.HeaderText("OPENROUTER_REFERER")),
            },
            _ => At(SettingNames.OpenAiApiKey, "https://api.openai.com/v1") with { TokenMargin = 1.1 },
        };
    }

    /// <summary>OpenRouter shows these in its rankings (https://openrouter.ai/docs/app-attribution); they identify the app, not the person.</summary>
    private static Dictionary<string, string> OpenRouterHeaders(string title, string referer) =>
        new[] { ("X-Title", title), ("HTTP-Referer", referer) }.Where(header => header.Item2.Length > 0).ToDictionary(StringComparer.Ordinal);
}
