using System.Globalization;
using Solacore.Core.Billing;
using Solacore.Core.Settings;

namespace Solacore.Core.Model;

/// <summary>The most that one tier may spend, in micro-dollars.</summary>
/// <param name="Session">In one session, for as long as it lives.</param>
/// <param name="Day">By one user on one UTC day.</param>
/// <param name="Period">By one user in one billing period; without one, in a calendar month (UTC).</param>
public sealed record ModelCaps(long Session, long Day, long Period);

/// <summary>What models may cost, by tier. Over it the offline coach answers: somebody in need always gets a reply.</summary>
public sealed record ModelBudgets(ModelCaps Free, ModelCaps Standard, ModelCaps Pro)
{
    private const decimal MicrosPerDollar = 1_000_000m;
    private const decimal MostDollars = 1_000_000m;

    public ModelCaps Of(Tier tier) => tier switch
    {
        Tier.Free => Free,
        Tier.Standard => Standard,
        Tier.Pro => Pro,
    };

    public static ModelBudgets Read(SettingsReader reader)
    {
        var session = ByTier(reader, SettingNames.LlmBudgetSession, 0.5m, 1m, 3m);
        var day = ByTier(reader, SettingNames.LlmBudgetDay, 1m, 3m, 10m);
        var period = ByTier(reader, SettingNames.LlmBudgetPeriod, 5m, 20m, 60m);
        ModelCaps Of(Tier tier) => new(session[tier], day[tier], period[tier]);
        return new ModelBudgets(Of(Tier.Free), Of(Tier.Standard), Of(Tier.Pro));
    }

    /// <summary>Reads <c>free=0.5,standard=1,pro=3</c> in US dollars; a tier that is not named keeps its default.</summary>
    private static Dictionary<Tier, long> ByTier(SettingsReader reader, string name, decimal free, decimal standard, decimal pro)
    {
        var caps = new Dictionary<Tier, long> { [Tier.Free] = Micros(free), [Tier.Standard] = Micros(standard), [Tier.Pro] = Micros(pro) };
        foreach (var entry in reader.List(name))
        {
            var parts = entry.Split('=', StringSplitOptions.TrimEntries);
            if (parts.Length == 2
                && caps.Keys.Where(tier => tier.Name() == parts[0]).ToList() is [var named]
                && decimal.TryParse(parts[1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var dollars)
                && dollars <= MostDollars)
            {
                caps[named] = Micros(dollars);
            }
            else
            {
                reader.Fail(name, "has an entry that is not like free=0.5: tier=US dollars, with the tiers free, standard and pro");
            }
        }

        return caps;
    }

    private static long Micros(decimal dollars) => (long)(dollars * MicrosPerDollar);
}
