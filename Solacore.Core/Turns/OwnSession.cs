namespace Solacore.Core.Turns;

/// <summary>What the taking in of a message has to know of a session and of the person whose it is.</summary>
/// <param name="Id">The session's.</param>
/// <param name="AnalyticsId">The session's id in what the product notes of itself; null for a kind that it does not name there.</param>
/// <param name="Locale">The session's own language, once somebody chose one.</param>
/// <param name="LastLocale">Of its last turn; null before the first.</param>
internal abstract record OwnSession(Guid Id, Guid? AnalyticsId, string? Locale, string? LastLocale, TurnPerson Person)
{
    /// <summary>Finds one row and holds the session until the transaction ends, if all that the storing of a message goes by is still as it was read.</summary>
    public abstract FormattableString LockIfUnchanged { get; }
}
