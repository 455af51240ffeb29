using StackExchange.Redis;

namespace Solacore.Core.Turns;

/// <summary>Where a turn's events are in Redis, and how they are written there.</summary>
/// <remarks>
/// The stream <c>turn:{id}:ev</c> holds every event for whoever joins late; the channel <c>turn:{id}</c> brings each
/// event whole to those who listen, so the live path reads nothing back. The braces keep both in one cluster slot.
/// </remarks>
internal static class TurnStream
{
    /// <summary>A wish to stop, for whichever worker runs the turn; the payload is the turn's id.</summary>
    public static readonly RedisChannel Control = RedisChannel.Literal("turns:cancel");

    /// <summary>How long a stream outlives its last event, for clients that come back.</summary>
    public static readonly TimeSpan KeptAfterEnd = TimeSpan.FromMinutes(15);

    /// <summary>How long a stream lives whose worker never ended it.</summary>
    public static readonly TimeSpan KeptUnended = TimeSpan.FromHours(1);

    private static readonly RedisValue NameField = "e";
    private static readonly RedisValue DataField = "d";

    public static RedisKey Key(Guid turn) => $"turn:{{{turn:n}}}:ev";

    public static RedisChannel Channel(Guid turn) => RedisChannel.Literal($"turn:{{{turn:n}}}");

    public static NameValueEntry[] Fields(TurnEvent item) => [new(NameField, item.Name), new(DataField, item.Data)];

    public static RedisValue Message(TurnEvent item) => $"{item.Id}\n{item.Name}\n{item.Data}";

    /// <summary>Reads a channel message; null for anything that is not one of ours.</summary>
    public static TurnEvent? Parse(RedisValue message) =>
        ((string?)message)?.Split('\n', 3) is [var id, var name, var data] && TurnEventId.TryParse(id, out var parsed)
            ? new TurnEvent(parsed, name, data)
            : null;

    /// <summary>Whether an event is the last one of a stream that has ended.</summary>
    public static async Task<bool> IsLastAsync(IDatabase redis, Guid turn, TurnEventId id) =>
        await redis.StreamRangeAsync(Key(turn), count: 1, messageOrder: Order.Descending) is [var last] && last.Id == id.ToString();

    /// <summary>The stored events after a place, in order.</summary>
    public static async Task<IReadOnlyList<TurnEvent>> ReadAsync(IDatabase redis, Guid turn, TurnEventId after)
    {
        var entries = await redis.StreamRangeAsync(Key(turn), $"({after}");
        return [.. entries
            .Select(e => TurnEventId.TryParse(e.Id, out var id) ? new TurnEvent(id, (string)e[NameField]!, (string)e[DataField]!) : null)
            .OfType<TurnEvent>()];
    }
}
