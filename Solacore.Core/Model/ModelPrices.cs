using System.Globalization;
using Solacore.Core.Settings;

namespace Solacore.Core.Model;

/// <summary>What a model costs, in US dollars per million tokens. A price of one dollar is one micro-dollar per token.</summary>
public sealed record ModelPrice(decimal Input, decimal Output)
{
    /// <summary>In micro-dollars, rounded up: nothing that was used is free.</summary>
    public long Cost(int inputTokens, int outputTokens) => (long)Math.Ceiling((inputTokens * Input) + (outputTokens * Output));
}

/// <summary>The price table of the deployment. A model that is not in it is not used: nobody could tell what it costs.</summary>
public sealed record ModelPrices(IReadOnlyDictionary<string, ModelPrice> ByModel)
{
    /// <summary>What the providers' price lists said when this was written; the setting overrides and extends it.</summary>
    private static readonly Dictionary<string, ModelPrice> Known = new(StringComparer.Ordinal)
    {
        ["gpt-4o-mini"] = new ModelPrice(0.15m, 0.60m),
    };

    public ModelPrice? Of(string model) => ByModel.GetValueOrDefault(model);

    /// <summary>Reads entries such as <c>gpt-4o-mini=0.15/0.60</c>.</summary>
    public static ModelPrices Read(SettingsReader reader)
    {
        var prices = new Dictionary<string, ModelPrice>(Known, StringComparer.Ordinal);
        foreach (var entry in reader.List(SettingNames.LlmPrices))
        {
            var name = entry.LastIndexOf('=');
            var costs = entry[(name + 1)..].Split('/');
            if (name > 0 && costs.Length == 2 && Dollars(costs[0]) is { } input && Dollars(costs[1]) is { } output)
            {
                prices[entry[..name].Trim()] = new ModelPrice(input, output);
            }
            else
            {
                reader.Fail(SettingNames.LlmPrices, "has an entry that is not like gpt-4o-mini=0.15/0.60: model=input/output in US dollars per million tokens");
            }
        }

        return new ModelPrices(prices);
    }

    private static decimal? Dollars(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var dollars)
            ? dollars
            : null;
}
