using System.Text.Json;
using System.Text.Json.Serialization;
using Solacore.Core.Turns;

namespace Solacore.Core.Solve;

/// <summary>The data of a solve turn's <c>done</c> event (contract 12.4).</summary>
/// <param name="NextStep">The step the session is in now.</param>
/// <param name="PrimaryAgent">Who spoke; left out in plain mode.</param>
/// <param name="EmotionDetected">Of the raw text.</param>
/// <param name="Confidence">0 to 1, two decimals.</param>
/// <param name="Cancelled">True when the person stopped the reply; left out otherwise.</param>
public sealed record SolveDone(
    string NextStep,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? PrimaryAgent,
    string EmotionDetected,
    double Confidence,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Cancelled = null)
{
    /// <summary>
    /// Data of the <c>error</c> event instead. Phones wait for <c>emotion_detected</c> and would spin for ever without it; the
    /// browser and the original's tests read <c>error</c> alone.
    /// </summary>
    public const string FailedData = """{"error":"STREAM_ERROR","emotion_detected":"neutral"}""";

    public string ToJson() => JsonSerializer.Serialize(this, SolveDoneJson.Compact.SolveDone);
}

[JsonSerializable(typeof(SolveDone))]
internal sealed partial class SolveDoneJson : JsonSerializerContext
{
    public static readonly SolveDoneJson Compact = new(TurnJson.NewOptions());
}
