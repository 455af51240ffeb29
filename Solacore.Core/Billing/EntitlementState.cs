using System.Text.Json;
using System.Text.Json.Serialization;

namespace Solacore.Core.Billing;

/// <summary>Where a subscription stands in the eyes of its store.</summary>
public enum Standing
{
    /// <summary>Paid, or in a trial.</summary>
    Active,

    /// <summary>A payment failed and the store keeps trying.</summary>
    PastDue,

    /// <summary>Stripe gave up on the payment and left the subscription open.</summary>
    Unpaid,

    /// <summary>Put on hold; gives nothing until it is resumed.</summary>
    Paused,

    /// <summary>The first payment is still owed.</summary>
    Incomplete,

    /// <summary>Ran out. A store may revive it by a renewal.</summary>
    Expired,

    /// <summary>The money of the period went back.</summary>
    Refunded,
}

/// <summary>A standing with the end of its grace, where the store named one.</summary>
public sealed record StandingStatement(Standing Standing, DateTimeOffset? GraceEnd = null);

/// <summary>Whether the subscription will end on its own, and when, if not at the end of its period.</summary>
public sealed record Cancellation(bool Wanted, DateTimeOffset? At = null);

/// <summary>
/// Everything that events said about one subscription, kept so that the order of their arrival cannot matter.
/// One event is a small state too; applying it is <see cref="Join"/>, which is commutative, associative and
/// idempotent: any order and any duplication of the same events ends in the same state.
/// </summary>
public sealed record EntitlementState
{
    public static readonly EntitlementState Nothing = new();

    /// <summary>
    /// The user whom the latest event about the subscription names. Whose it is by now, the transfers since then tell: they name no
    /// subscription.
    /// </summary>
    public Register<Guid>? Owner { get; init; }

    /// <summary>
    /// To whom the store moved all that the user had at that time, oldest first; a null value says: to nobody here. All of them are
    /// kept, because the one before may be told after the one that follows it. Known of a user, not of a subscription.
    /// </summary>
    public IReadOnlyList<Register<Guid?>>? Transfers { get; init; }

    /// <summary>The transfer that brought it to its user; null when they bought it.</summary>
    public Stamp? ReceivedAt { get; init; }

    /// <summary>The store moved the subscription on to nobody here. Follows from the transfers, and is settled with each of them.</summary>
    public bool IsTakenAway { get; init; }

    /// <summary>Tier by the subscription's own price or entitlements.</summary>
    public Register<Tier>? StatedTier { get; init; }

    /// <summary>
    /// Tier by the price on a paid invoice. Counts only while nothing better is known, because an old invoice that
    /// is paid late names a price that may have been left since.
    /// </summary>
    public PeriodRegister<Tier>? InvoicedTier { get; init; }

    public PeriodRegister<StandingStatement>? Standing { get; init; }

    public PeriodRegister<DateTimeOffset>? PeriodStart { get; init; }

    /// <summary>End of the period; a null value says that the provider named none.</summary>
    public PeriodRegister<DateTimeOffset?>? PeriodEnd { get; init; }

    public Register<Cancellation>? Cancellation { get; init; }

    /// <summary>Something was paid, or a trial began, at least once.</summary>
    public bool Activated { get; init; }

    /// <summary>When Stripe first told of a payment or a trial, by its clock.</summary>
    public DateTimeOffset? ActivatedAt { get; init; }

    /// <summary>The store deleted the subscription; nothing revives it.</summary>
    public bool Deleted { get; init; }

    /// <summary>Start of the latest period that was paid.</summary>
    public DateTimeOffset? PaidPeriodStart { get; init; }

    /// <summary>Start of the latest period whose session count was set to zero for its payment.</summary>
    public DateTimeOffset? UsageResetFor { get; init; }

    /// <summary>
    /// Time of the latest charge that was given back in full; where its invoice is known, the start of the period that it paid.
    /// </summary>
    public DateTimeOffset? RefundedChargeAt { get; init; }

    /// <summary>The same of the latest charge whose money a bank took back, whatever became of the dispute.</summary>
    public DateTimeOffset? DisputedChargeAt { get; init; }

    /// <summary>The same of the latest charge whose dispute was won: the money is here again.</summary>
    public DateTimeOffset? WonChargeAt { get; init; }

    /// <summary>The latest statement on any subject.</summary>
    public Stamp LastStamp { get; init; } = Stamp.Adopted;

    /// <summary>The same of the latest charge whose money went back and stayed there.</summary>
    [JsonIgnore]
    public DateTimeOffset? LostChargeAt => Later(RefundedChargeAt, DisputedChargeAt <= WonChargeAt ? null : DisputedChargeAt);

    /// <summary>The tier that this subscription gives while it is alive.</summary>
    [JsonIgnore]
    public Tier Tier => StatedTier?.Value ?? InvoicedTier?.Current?.Value ?? Tier.Free;

    /// <summary>Where it stands is known from before the first event alone.</summary>
    [JsonIgnore]
    public bool IsAdopted => Standing?.Current?.Stamp.Time == Stamp.Adopted.Time;

    /// <summary>What is known when all statements behind <paramref name="left"/> and <paramref name="right"/> are.</summary>
    public static EntitlementState Join(EntitlementState left, EntitlementState right) => new()
    {
        Owner = Registers.Join(left.Owner, right.Owner),
        Transfers = left.Transfers is null || right.Transfers is null
            ? left.Transfers ?? right.Transfers
            : [.. left.Transfers.UnionBy(right.Transfers, transfer => transfer.Stamp).OrderBy(transfer => transfer.Stamp)],
        ReceivedAt = Nullable.Compare(left.ReceivedAt, right.ReceivedAt) >= 0 ? left.ReceivedAt : right.ReceivedAt,
        IsTakenAway = left.IsTakenAway || right.IsTakenAway,
        StatedTier = Registers.Join(left.StatedTier, right.StatedTier),
        InvoicedTier = Registers.Join(left.InvoicedTier, right.InvoicedTier),
        Standing = Registers.Join(left.Standing, right.Standing),
        PeriodStart = Registers.JoinStarts(left.PeriodStart, right.PeriodStart),
        PeriodEnd = Registers.Join(left.PeriodEnd, right.PeriodEnd),
        Cancellation = Registers.Join(left.Cancellation, right.Cancellation),
        Activated = left.Activated || right.Activated,
        ActivatedAt = left.ActivatedAt < right.ActivatedAt ? left.ActivatedAt : right.ActivatedAt ?? left.ActivatedAt,
        Deleted = left.Deleted || right.Deleted,
        PaidPeriodStart = Later(left.PaidPeriodStart, right.PaidPeriodStart),
        UsageResetFor = Later(left.UsageResetFor, right.UsageResetFor),
        RefundedChargeAt = Later(left.RefundedChargeAt, right.RefundedChargeAt),
        DisputedChargeAt = Later(left.DisputedChargeAt, right.DisputedChargeAt),
        WonChargeAt = Later(left.WonChargeAt, right.WonChargeAt),
        LastStamp = left.LastStamp >= right.LastStamp ? left.LastStamp : right.LastStamp,
    };

    /// <summary>
    /// What was said before <paramref name="time"/>, null when that is nothing, and what remains: the later statements,
    /// and who the subscription belongs to.
    /// </summary>
    public (EntitlementState? Earlier, EntitlementState Later) SplitAt(Stamp time)
    {
        var tier = Registers.SplitAt(StatedTier, time);
        var standing = Registers.SplitAt(Standing, time);
        var start = Registers.SplitAt(PeriodStart, time);
        var end = Registers.SplitAt(PeriodEnd, time);
        var cancellation = Registers.SplitAt(Cancellation, time);
        if (tier.Earlier is null && standing.Earlier is null && start.Earlier is null && end.Earlier is null && cancellation.Earlier is null)
        {
            return (null, this);
        }

        var earlier = this with
        {
            Owner = null,
            Transfers = null,
            StatedTier = tier.Earlier,
            Standing = standing.Earlier,
            PeriodStart = start.Earlier,
            PeriodEnd = end.Earlier,
            Cancellation = cancellation.Earlier,
            LastStamp = LastStamp < time ? LastStamp : time,
        };
        var later = this with
        {
            StatedTier = tier.Later,
            Standing = standing.Later,
            PeriodStart = start.Later,
            PeriodEnd = end.Later,
            Cancellation = cancellation.Later,
            Activated = Activated && (tier.Later is not null || standing.Later is not null),
        };
        return (earlier, later);
    }

    /// <summary>As it is stored.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Default);

    /// <summary>The opposite of <see cref="ToJson"/>.</summary>
    public static EntitlementState Parse(string json) => JsonSerializer.Deserialize<EntitlementState>(json, JsonSerializerOptions.Default)!;

    private static DateTimeOffset? Later(DateTimeOffset? left, DateTimeOffset? right) =>
        Nullable.Compare(left, right) >= 0 ? left : right;
}
