using System.Text.Json;
using System.Text.Json.Serialization;
using Solacore.Core.Turns;

namespace Solacore.Core.Learn;

/// <summary>The data of a learn turn's <c>done</c> event (contract 13.7).</summary>
/// <param name="MessageId">The stored reply; null when the person stopped it.</param>
/// <param name="NextStep">The step after the message's own; null after the last one.</param>
/// <param name="StepCompleted">The reply was long enough to be a lesson: browsers then move to the next step.</param>
/// <param name="SessionCompleted">True when the session is over.</param>
/// <param name="Cancelled">True when the person stopped the reply; left out otherwise.</param>
public sealed record LearnDone(
    Guid? MessageId,
    string? NextStep,
    bool StepCompleted,
    bool SessionCompleted,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Cancelled = null)
{
    /// <summary>Data of the <c>error</c> event instead, which the original's tests pin letter by letter.</summary>
    public const string FailedData = """{"error":"STREAM_ERROR"}""";

    /// <summary>Data of a reply that the person stopped.</summary>
    public static readonly string CancelledData =
        new LearnDone(null, null, StepCompleted: false, SessionCompleted: false, Cancelled: true).ToJson();

    public string ToJson() => JsonSerializer.Serialize(this, LearnDoneJson.Compact.LearnDone);
}

[JsonSerializable(typeof(LearnDone))]
internal sealed partial class LearnDoneJson : JsonSerializerContext
{
    public static readonly LearnDoneJson Compact = new(TurnJson.NewOptions());
}
