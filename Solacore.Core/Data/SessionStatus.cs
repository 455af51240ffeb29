namespace Solacore.Core.Data;

/// <summary>Where a session of any kind stands as a whole.</summary>
public enum SessionStatus
{
    Active,
    Completed,
    Abandoned,
}
