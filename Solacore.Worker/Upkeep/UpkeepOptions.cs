using Solacore.Core.Settings;

namespace Solacore.Worker.Upkeep;

/// <summary>How long things are kept that nobody needs for ever.</summary>
internal sealed record UpkeepOptions
{
    /// <summary>Logins, counted from their expiry.</summary>
    public required TimeSpan ActiveSessions { get; init; }

    /// <summary>Links to a new password, counted from their expiry.</summary>
    public required TimeSpan ResetTokens { get; init; }

    /// <summary>Webhook events that are done with, counted from their arrival; all others stay.</summary>
    public required TimeSpan WebhookEvents { get; init; }
    public required TimeSpan Analytics { get; init; }

    /// <summary>What became of notifications, counted from their sending.</summary>
    public required TimeSpan PushDeliveries { get; init; }

    /// <summary>A turn without an end that no job cares for is failed at this age.</summary>
    public required TimeSpan LostTurns { get; init; }

    /// <summary>
    /// <c>PURGE_ACTIVE_SESSIONS_DAYS</c> (7), <c>PURGE_RESET_TOKENS_DAYS</c> (1), <c>PURGE_WEBHOOK_EVENTS_DAYS</c> (90; at
    /// least 7, since providers repeat events for days), <c>PURGE_ANALYTICS_DAYS</c> (365),
    /// <c>PURGE_PUSH_DELIVERIES_DAYS</c> (30; at least 2, until every receipt is there), <c>LOST_TURN_MINUTES</c> (10).
    /// </summary>
    public static UpkeepOptions Read(SettingsReader reader)
    {
        return new UpkeepOptions
        {
            ActiveSessions = Days("PURGE_ACTIVE_SESSIONS_DAYS", 7),
            ResetTokens = Days("PURGE_RESET_TOKENS_DAYS", 1),
            WebhookEvents = Days("PURGE_WEBHOOK_EVENTS_DAYS", 90, min: 7),
            Analytics = Days("PURGE_ANALYTICS_DAYS", 365),
            PushDeliveries = Days("PURGE_PUSH_DELIVERIES_DAYS", 30, min: 2),
            LostTurns = TimeSpan.FromMinutes(reader.Int("LOST_TURN_MINUTES", 10, min: 1, max: 24 * 60)),
        };

        TimeSpan Days(string name, int days, int min = 0) => TimeSpan.FromDays(reader.Int(name, days, min, max: 36_500));
    }
}
