using System.Diagnostics.CodeAnalysis;

namespace Solacore.Core.Data;

/// <summary>Where a session of any kind stands as a whole.</summary>
public enum SessionStatus
{
    Active,
    Completed,
    Abandoned,
}

/// <summary>How it is written on the wire and in the database. Reading is exact: case matters.</summary>
public static class SessionStatusWire
{
    public static string ToWire(this SessionStatus status) => status switch
    {
        SessionStatus.Active => "active",
        SessionStatus.Completed => "completed",
        SessionStatus.Abandoned => "abandoned",
    };

    public static bool TryParse([NotNullWhen(true)] string? text, out SessionStatus status)
    {
        (var known, status) = text switch
        {
            "active" => (true, SessionStatus.Active),
            "completed" => (true, SessionStatus.Completed),
            "abandoned" => (true, SessionStatus.Abandoned),
            _ => (false, default),
        };
        return known;
    }
}
