using System.Text.Json;
using Solacore.Core.Data;
using Solacore.Core.Safety;

namespace Solacore.Core.Telemetry;

/// <summary>The product's own events (contract/domain.md 13): facts about the way, never a word of what was said.</summary>
public static class Analytics
{
    public const string SessionStartedType = "session_started";
    public const string StepCompletedType = "step_completed";
    public const string SessionCompletedType = "session_completed";
    public const string CrisisDetectedType = "crisis_detected";
    public const string ReminderSentType = "reminder_sent";

    /// <summary>The class of the crisis stands for the phrase, which is nobody's to keep.</summary>
    /// <param name="sessionId">The solve session; null in learn.</param>
    public static AnalyticsEvent CrisisDetected(Guid? sessionId, CrisisMatch match, DateTimeOffset now) =>
        Event(CrisisDetectedType, sessionId, new { keyword = match.Kind.Name() }, now);

    /// <summary>The detector found nothing and the second opinion did.</summary>
    /// <param name="sessionId">The solve session; null in learn.</param>
    public static AnalyticsEvent CrisisSuspected(Guid? sessionId, DateTimeOffset now) =>
        Event(CrisisDetectedType, sessionId, new { keyword = "moderation" }, now);

    public static AnalyticsEvent StreamFailed(Guid? sessionId, string error, DateTimeOffset now) =>
        Event("stream_failed", sessionId, new { error }, now);

    public static AnalyticsEvent ReminderSent(Guid sessionId, string channel, DateTimeOffset due, DateTimeOffset now) =>
        Event(ReminderSentType, sessionId, new { channel, reminder_time = due }, now);

    public static AnalyticsEvent ReminderFailed(Guid sessionId, string channel, DateTimeOffset due, DateTimeOffset now) =>
        Event("reminder_failed", sessionId, new { channel, reminder_time = due }, now);

    internal static AnalyticsEvent Event<T>(string type, Guid? sessionId, T payload, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(),
        SessionId = sessionId,
        EventType = type,
        Payload = JsonSerializer.Serialize(payload),
        CreatedAt = now,
    };
}
