namespace Solacore.Core.Billing;

/// <summary>The stretch of time over which solve sessions are counted.</summary>
/// <param name="Start">Key of the count, UTC.</param>
/// <param name="End">When the next one starts, where the store named it.</param>
/// <param name="IsLifetime">One period for the life of the account.</param>
public sealed record UsagePeriod(DateTimeOffset Start, DateTimeOffset? End, bool IsLifetime)
{
    /// <summary>
    /// The period that counts at <paramref name="now"/>: for free one for life, from midnight of the day on which the
    /// subscription row was made; for a paid tier the billing period, or the calendar month while the store has named none.
    /// </summary>
    public static UsagePeriod For(Tier tier, DateTimeOffset? periodStart, DateTimeOffset? periodEnd, DateTimeOffset createdAt, DateTimeOffset now)
    {
        if (tier == Tier.Free)
        {
            return new(Midnight(createdAt), periodEnd, IsLifetime: true);
        }

        var today = Midnight(now);
        return new(periodStart ?? today.AddDays(1 - today.Day), periodEnd, IsLifetime: false);
    }

    private static DateTimeOffset Midnight(DateTimeOffset time) => new(time.UtcDateTime.Date, TimeSpan.Zero);
}

/// <summary>When a client should offer a higher tier.</summary>
public enum UpgradeHint
{
    /// <summary>80 % or more is used.</summary>
    ApproachingLimit,

    /// <summary>Everything is used.</summary>
    LimitReached,
}

/// <summary>How many solve sessions a tier gives per usage period.</summary>
public static class QuotaRules
{
    /// <summary>Sessions per period; null for no limit.</summary>
    public static int? SessionLimit(Tier tier) => tier switch
    {
        Tier.Free => 10,
        Tier.Standard => 100,
        Tier.Pro => null,
    };

    /// <summary>Whole percent of the sessions that are used, 100 at most; null without a limit.</summary>
    public static int? Percent(int used, int? limit) => limit is { } sessions ? (int)Math.Min(100, used * 100L / sessions) : null;

    /// <summary>The hint for <paramref name="used"/> of <paramref name="limit"/> sessions; null while there is nothing to hint at.</summary>
    public static UpgradeHint? Hint(int used, int? limit) => Percent(used, limit) switch
    {
        >= 100 => UpgradeHint.LimitReached,
        >= 80 => UpgradeHint.ApproachingLimit,
        _ => null,
    };
}
