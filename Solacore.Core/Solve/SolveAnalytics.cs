using Solacore.Core.Data;
using Solacore.Core.Telemetry;

namespace Solacore.Core.Solve;

/// <summary>The events of a solve session's way through its steps; see <see cref="Analytics"/>.</summary>
internal static class SolveAnalytics
{
    public static AnalyticsEvent SessionStarted(Guid sessionId, Guid userId, Guid? deviceId, DateTimeOffset now) =>
        Analytics.Event(Analytics.SessionStartedType, sessionId, new { user_id = userId, device_id = deviceId }, now);

    public static AnalyticsEvent StepCompleted(Guid sessionId, SolveStep from, SolveStep to, DateTimeOffset now) =>
        Analytics.Event(Analytics.StepCompletedType, sessionId, new { from_step = from.Name(), to_step = to.Name() }, now);

    public static AnalyticsEvent LastStepCompleted(Guid sessionId, SolveStep step, DateTimeOffset now) =>
        Analytics.Event(Analytics.StepCompletedType, sessionId, new { step = step.Name() }, now);

    public static AnalyticsEvent SessionCompleted(Guid sessionId, SolveStep final, DateTimeOffset now) =>
        Analytics.Event(Analytics.SessionCompletedType, sessionId, new { final_step = final.Name() }, now);
}
