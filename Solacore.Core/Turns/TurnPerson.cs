using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Safety;

namespace Solacore.Core.Turns;

/// <summary>Who writes a message and gets its reply.</summary>
public sealed record TurnPerson
{
    public required Guid UserId { get; init; }
    public required string Email { get; init; }

    /// <summary>Null until a client sets one.</summary>
    public required string? Locale { get; init; }

    /// <summary>Null without devices.</summary>
    public required string?[]? DeviceNames { get; init; }

    /// <summary>The names that no model may see.</summary>
    public AccountNames Names => AccountNames.Of(Email, DeviceNames ?? []);

    /// <summary>
    /// To be joined to the query that reads a turn or a session: the first token waits for each round trip. In a compiled query it is
    /// asked for once, when that is compiled, and becomes part of it: it may depend on nothing but the tables.
    /// </summary>
    internal static IQueryable<TurnPerson> All(SolacoreDb db) =>
        from user in db.Users
        select new TurnPerson
        {
            UserId = user.Id,
            Email = user.Email,
            Locale = user.Locale,
            DeviceNames = db.Devices.Where(d => d.UserId == user.Id).GroupBy(d => d.UserId).Select(g => EF.Functions.ArrayAgg(g.Select(d => d.DeviceName))).FirstOrDefault(),
        };
}
