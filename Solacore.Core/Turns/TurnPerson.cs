using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Turns;

/// <summary>Whose turn is answered: what may be spent on them, and the names that no model may see.</summary>
public sealed record TurnPerson
{
    public required Guid UserId { get; init; }
    public required string Email { get; init; }

    /// <summary>Null without devices.</summary>
    public required string?[]? DeviceNames { get; init; }

    /// <summary>As stored; its plan may have ended since. Null without a row.</summary>
    public required Subscription? Plan { get; init; }

    /// <summary>
    /// To be joined to the query that reads a turn: the first token waits for each round trip. In a compiled query it is asked for
    /// once, when that is compiled, and becomes part of it: it may depend on nothing but the tables.
    /// </summary>
    internal static IQueryable<TurnPerson> All(SolacoreDb db) =>
        from user in db.Users
        join subscription in db.Subscriptions on user.Id equals subscription.UserId into subscriptions
        from subscription in subscriptions.DefaultIfEmpty()
        select new TurnPerson
        {
            UserId = user.Id,
            Email = user.Email,
            DeviceNames = db.Devices.Where(d => d.UserId == user.Id).GroupBy(d => d.UserId).Select(g => EF.Functions.ArrayAgg(g.Select(d => d.DeviceName))).FirstOrDefault(),
            Plan = subscription,
        };
}
