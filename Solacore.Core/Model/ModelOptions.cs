using Solacore.Core.Settings;

namespace Solacore.Core.Model;

/// <summary>Which models speak, and how long they may take.</summary>
public sealed record ModelOptions
{
    /// <summary>openai, openrouter or anthropic.</summary>
    public required string Provider { get; init; }

    /// <summary>Empty: the offline coach speaks.</summary>
    public required string ApiKey { get; init; }

    /// <summary>Address of a chat-completions API in OpenAI's form, without <c>/chat/completions</c>.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>In the order in which they are tried, until one has said its first token.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>From the request to the first token.</summary>
    public required TimeSpan FirstTokenTimeout { get; init; }

    /// <summary>From one token to the next.</summary>
    public required TimeSpan BetweenTokensTimeout { get; init; }

    /// <summary>The whole reply.</summary>
    public required TimeSpan TotalTimeout { get; init; }

    public required int MaxOutputTokens { get; init; }

    /// <summary>Sent to OpenRouter as <c>X-Title</c> and <c>HTTP-Referer</c>.</summary>
    public string AppName { get; init; } = "";
    public string Referer { get; init; } = "";

    public bool IsConfigured => ApiKey.Length > 0;

    public static ModelOptions Read(SettingsReader reader)
    {
        var provider = reader.OneOf("LLM_PROVIDER", "openai", "openai", "anthropic", "openrouter");
        var prefix = provider.ToUpperInvariant();
        var baseUrl = reader.Url(prefix + "_BASE_URL", provider switch
        {
            "anthropic" => "https://api.anthropic.com/v1",
            "openrouter" => "https://openrouter.ai/api/v1",
            _ => "https://api.openai.com/v1",
        });
        var models = reader.List("LLM_MODEL");
        return new ModelOptions
        {
            Provider = provider,
            ApiKey = reader.RequiredInProduction(prefix + "_API_KEY", $"LLM_PROVIDER is {provider} and needs its key"),
            BaseUrl = Uri.TryCreate(baseUrl, UriKind.Absolute, out var uri) ? uri : new Uri("https://api.openai.com/v1"),
            Models = models.Count > 0 ? models : ["gpt-4o-mini"],
            FirstTokenTimeout = reader.Seconds("LLM_FIRST_TOKEN_TIMEOUT", 15, 0.1, 120),
            BetweenTokensTimeout = reader.Seconds("LLM_TOKEN_TIMEOUT", 15, 0.1, 120),
            TotalTimeout = reader.Seconds("LLM_TIMEOUT", 30, 1, 150),
            MaxOutputTokens = reader.Int("LLM_MAX_TOKENS", 1024, 16, 32_768),
            AppName = reader.Text("OPENROUTER_APP_NAME"),
            Referer = reader.Text("OPENROUTER_REFERER"),
        };
    }
}
