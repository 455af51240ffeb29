using System.Text.Json.Serialization;

namespace Solacore.Core.Billing;

/// <summary>
/// When a provider said something. Orders any two stored events the same way whenever they are applied.
/// </summary>
/// <param name="Time">The provider's own clock. Stripe's ticks in seconds, so several events of one checkout share it.</param>
/// <param name="Rank">Orders the kinds of event that a provider sends within one tick of its clock.</param>
/// <param name="ReceivedAt">First arrival of the event: the best guess for two of the same kind within one tick.</param>
/// <param name="EventId">Decides what is left, so that the order is total.</param>
public readonly record struct Stamp(DateTimeOffset Time, int Rank, DateTimeOffset ReceivedAt, string EventId) : IComparable<Stamp>
{
    /// <summary>Older than everything a provider says: marks what was in the database before its first event.</summary>
    public static readonly Stamp Adopted = new(DateTimeOffset.MinValue, 0, DateTimeOffset.MinValue, "");

    public int CompareTo(Stamp other)
    {
        var order = Time.CompareTo(other.Time);
        if (order == 0)
        {
            order = Rank.CompareTo(other.Rank);
        }

        if (order == 0)
        {
            order = ReceivedAt.CompareTo(other.ReceivedAt);
        }

        return order != 0 ? order : string.CompareOrdinal(EventId, other.EventId);
    }

    public static bool operator <(Stamp left, Stamp right) => left.CompareTo(right) < 0;
    public static bool operator >(Stamp left, Stamp right) => left.CompareTo(right) > 0;
    public static bool operator <=(Stamp left, Stamp right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Stamp left, Stamp right) => left.CompareTo(right) >= 0;
}

/// <summary>The last thing a provider said on one subject.</summary>
/// <param name="Value">What was said.</param>
/// <param name="Stamp">When it was said.</param>
public sealed record Register<T>(T Value, Stamp Stamp);

/// <summary>
/// The last thing a provider said on a subject that belongs to a billing period. A statement about a later period
/// wins over one about an earlier period whenever it was made: paying last month's invoice late does not settle
/// this month's. Statements that name no period are kept apart and compared by their time alone. Two slots, each
/// with a total order, because one slot with "by period if both have one, else by time" would not be transitive,
/// and the result would depend on the order of arrival.
/// </summary>
/// <param name="Period">Start of the period that <paramref name="Dated"/> speaks about.</param>
/// <param name="Dated">The latest statement about the latest period.</param>
/// <param name="Undated">The latest statement that names no period.</param>
public sealed record PeriodRegister<T>(DateTimeOffset? Period, Register<T>? Dated, Register<T>? Undated)
{
    /// <summary>The statement that holds now.</summary>
    [JsonIgnore]
    public Register<T>? Current => Registers.Join(Dated, Undated);
}

/// <summary>Joins of registers: commutative, associative and idempotent.</summary>
public static class Registers
{
    /// <summary>A statement about the period that starts at <paramref name="period"/>, or about none.</summary>
    public static PeriodRegister<T> About<T>(DateTimeOffset? period, T value, Stamp stamp)
    {
        var statement = new Register<T>(value, stamp);
        return period is null ? new(null, null, statement) : new(period, statement, null);
    }

    /// <summary>The later of two statements.</summary>
    public static Register<T>? Join<T>(Register<T>? left, Register<T>? right)
    {
        if (left is null || right is null)
        {
            return left ?? right;
        }

        return left.Stamp >= right.Stamp ? left : right;
    }

    /// <summary>
    /// The later statements of both. RevenueCat's events tell milliseconds and its API whole seconds, so that periods of one second
    /// are one period.
    /// </summary>
    public static PeriodRegister<T>? Join<T>(PeriodRegister<T>? left, PeriodRegister<T>? right) =>
        Join(left, right, Nullable.Compare(left?.Period?.ToUnixTimeSeconds(), right?.Period?.ToUnixTimeSeconds()));

    /// <summary>
    /// The latest start; of the two forms of one, that with the milliseconds: usage is counted under it, and must not begin anew
    /// with the other.
    /// </summary>
    public static PeriodRegister<DateTimeOffset>? JoinStarts(PeriodRegister<DateTimeOffset>? left, PeriodRegister<DateTimeOffset>? right) =>
        Join(left, right, Nullable.Compare(left?.Period, right?.Period));

    private static PeriodRegister<T>? Join<T>(PeriodRegister<T>? left, PeriodRegister<T>? right, int order)
    {
        if (left is null || right is null)
        {
            return left ?? right;
        }

        var undated = Join(left.Undated, right.Undated);
        return order switch
        {
            0 => new(left.Period > right.Period ? left.Period : right.Period, Join(left.Dated, right.Dated), undated),
            > 0 => new(left.Period, left.Dated, undated),
            < 0 => new(right.Period, right.Dated, undated),
        };
    }

    /// <summary>The statement among those before <paramref name="time"/>, or among the later ones.</summary>
    public static (Register<T>? Earlier, Register<T>? Later) SplitAt<T>(Register<T>? register, Stamp time) =>
        register?.Stamp < time ? (register, null) : (null, register);

    /// <summary>The statements before <paramref name="time"/>, and the later ones.</summary>
    public static (PeriodRegister<T>? Earlier, PeriodRegister<T>? Later) SplitAt<T>(PeriodRegister<T>? register, Stamp time)
    {
        var dated = SplitAt(register?.Dated, time);
        var undated = SplitAt(register?.Undated, time);
        return (Of(dated.Earlier, undated.Earlier), Of(dated.Later, undated.Later));

        PeriodRegister<T>? Of(Register<T>? about, Register<T>? general) =>
            about is null && general is null ? null : new(about is null ? null : register?.Period, about, general);
    }
}
