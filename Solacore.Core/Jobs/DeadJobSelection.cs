namespace Solacore.Core.Jobs;

/// <summary>Which dead letters are meant; what is null does not restrict.</summary>
/// <param name="Ids">These.</param>
/// <param name="Kind">Of this kind of work.</param>
/// <param name="From">That died at this time or later.</param>
/// <param name="To">That died before this time.</param>
public sealed record DeadJobSelection(IReadOnlyList<long>? Ids = null, string? Kind = null, DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    public static readonly DeadJobSelection All = new();
}
