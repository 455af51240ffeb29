using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Solacore.Core.Turns;

/// <summary>
/// Place of an event in its turn: the worker's attempt and a number that rises by one within it. It is the id of the
/// Redis stream entry and of the server-sent event alike, so a stream can go on at any api.
/// </summary>
/// <param name="Attempt">From 1.</param>
/// <param name="Sequence">From 1 within the attempt.</param>
public readonly record struct TurnEventId(int Attempt, int Sequence) : IComparable<TurnEventId>
{
    /// <summary>Before everything.</summary>
    public static readonly TurnEventId Start;

    /// <summary>
    /// The places of an end that the database tells, behind all that the stream can hold: of the new beginning, of the text and
    /// of the final event.
    /// </summary>
    public static (TurnEventId Reset, TurnEventId Text, TurnEventId Final) Told(int attempt) =>
        (new(attempt, int.MaxValue - 2), new(attempt, int.MaxValue - 1), new(attempt, int.MaxValue));

    public int CompareTo(TurnEventId other) =>
        Attempt != other.Attempt ? Attempt.CompareTo(other.Attempt) : Sequence.CompareTo(other.Sequence);

    /// <summary>True when <paramref name="other"/> follows without a gap.</summary>
    public bool IsDirectlyBefore(TurnEventId other) =>
        other.Attempt == Attempt ? other.Sequence == Sequence + 1 : other.Attempt > Attempt && other.Sequence == 1;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Attempt}-{Sequence}");

    /// <summary>Reads <c>attempt-sequence</c>; anything else is refused.</summary>
    public static bool TryParse(string? text, out TurnEventId id)
    {
        id = default;
        if (text?.Split('-') is [var attempt, var sequence]
            && int.TryParse(attempt, NumberStyles.None, CultureInfo.InvariantCulture, out var a)
            && int.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var s))
        {
            id = new TurnEventId(a, s);
            return true;
        }

        return false;
    }

    public static bool operator <(TurnEventId left, TurnEventId right) => left.CompareTo(right) < 0;

    public static bool operator <=(TurnEventId left, TurnEventId right) => left.CompareTo(right) <= 0;

    public static bool operator >(TurnEventId left, TurnEventId right) => left.CompareTo(right) > 0;

    public static bool operator >=(TurnEventId left, TurnEventId right) => left.CompareTo(right) >= 0;
}

/// <summary>One event of a turn as it goes to the client.</summary>
/// <param name="Id">Its place.</param>
/// <param name="Name">token, reset, done or error.</param>
/// <param name="Data">One line of JSON.</param>
public sealed record TurnEvent(TurnEventId Id, string Name, string Data)
{
    public const string TokenName = "token";
    public const string ResetName = "reset";
    public const string DoneName = "done";
    public const string ErrorName = "error";

    /// <summary>
    /// Data of <c>done</c> when the session was deleted while its reply waited or was under way. It has no state to tell, and
    /// nobody knows its kind any more: the members of both.
    /// </summary>
    public const string DeletedData =
        """{"message_id":null,"next_step":null,"emotion_detected":"neutral","step_completed":false,"session_completed":false,"cancelled":true}""";

    /// <summary>Sent while nothing else is, so that proxies keep the connection.</summary>
    public static readonly TurnEvent Heartbeat = new(TurnEventId.Start, "", "");

    /// <summary>True for the one event after which nothing comes.</summary>
    public bool IsFinal => Name is DoneName or ErrorName;

    public static string TokenData(string content) => JsonSerializer.Serialize(new TokenContent(content), TurnJson.Compact.TokenContent);

    /// <summary>A new attempt has begun: what was shown of the reply so far is void.</summary>
    public static string ResetData(int attempt) => string.Create(CultureInfo.InvariantCulture, $$"""{"attempt":{{attempt}}}""");
}

/// <summary>The data of a <c>token</c> event: a piece of the reply.</summary>
public sealed record TokenContent(string Content);

[JsonSerializable(typeof(TokenContent))]
internal sealed partial class TurnJson : JsonSerializerContext
{
    /// <summary>Replies are mostly not ASCII: written as they are, not as \uXXXX at a multiple of the size.</summary>
    public static readonly TurnJson Compact = new(NewOptions());

    /// <summary>For one context: options belong to the context that they are given to.</summary>
    public static JsonSerializerOptions NewOptions() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = PlainJsonEncoder.Instance,
    };
}
