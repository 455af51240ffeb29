using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Solacore.Core.Billing;
using Solacore.Core.Data;

namespace Solacore.Core.Telemetry;

/// <summary>What happens in the product, counted where it is committed; see <see cref="CommittedFacts"/>.</summary>
public sealed partial class ProductMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _accounts;
    private readonly Counter<long> _started;
    private readonly Counter<long> _steps;
    private readonly Counter<long> _completed;
    private readonly Counter<long> _crises;
    private readonly Counter<long> _events;
    private readonly Histogram<double> _eventAge;
    private readonly Counter<long> _planChanges;

    public ProductMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Solacore.Product");
        _accounts = _meter.CreateCounter<long>("solacore.accounts.created", "{account}", "Sign-ups by the way of signing up.");
        _started = _meter.CreateCounter<long>("solacore.sessions.started", "{session}", "Sessions started.");
        _steps = _meter.CreateCounter<long>("solacore.sessions.steps_completed", "{step}", "Steps of solve sessions that were completed.");
        _completed = _meter.CreateCounter<long>("solacore.sessions.completed", "{session}", "Sessions completed, by the step in which they ended.");
        _crises = _meter.CreateCounter<long>("solacore.safety.crisis_answers", "{answer}", "Messages that were answered with helplines.");
        _events = _meter.CreateCounter<long>(
            "solacore.billing.events", "{event}", "Webhook events by what became of them: applied, ignored, waiting for their customer to be known.");
        _eventAge = _meter.CreateWaits("solacore.billing.event_age", "From the receipt of a webhook event to its end in the database.");
        _planChanges = _meter.CreateCounter<long>("solacore.billing.plan_changes", "{change}", "Changes of anybody's plan.");
    }

    public void AccountCreated(string provider) => _accounts.Add(1, Tag("provider", provider));

    public void SessionStarted(string kind) => _started.Add(1, Tag("kind", kind));

    public void StepCompleted(string step) => _steps.Add(1, Tag("step", step));

    public void SessionCompleted(string kind, string step) => _completed.Add(1, Tag("kind", kind), Tag("step", step));

    public void CrisisAnswered(string kind) => _crises.Add(1, Tag("kind", kind));

    public void EventSettled(BillingSource source, string type, WebhookEventState state, TimeSpan age)
    {
        _events.Add(1, Tag("source", source.Name()), Tag("type", TypeLabel(type)), Tag("state", state.Name()));
        _eventAge.Record(Math.Max(0, age.TotalSeconds), Tag("source", source.Name()));
    }

    public void PlanChanged(Tier from, Tier to) => _planChanges.Add(1, Tag("from", from.Name()), Tag("to", to.Name()));

    /// <summary>
    /// A label must not grow with what is sent. Stripe's types are dotted words and RevenueCat's are capitals; anything else
    /// is no type of theirs.
    /// </summary>
    internal static string TypeLabel(string type) => EventType().IsMatch(type) ? type : "other";

    [GeneratedRegex(@"^([a-z_]{1,30}(\.[a-z_]{1,30}){1,3}|[A-Z_]{1,40})\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EventType();

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    public void Dispose() => _meter.Dispose();
}
