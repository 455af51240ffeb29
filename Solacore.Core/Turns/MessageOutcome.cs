namespace Solacore.Core.Turns;

/// <summary>What became of a message.</summary>
public abstract record MessageOutcome
{
    private protected MessageOutcome()
    {
    }

    /// <summary>There is no such session of this person.</summary>
    public sealed record SessionNotFound : MessageOutcome;

    /// <summary>The session is over and takes no messages.</summary>
    public sealed record SessionCompleted : MessageOutcome;

    /// <summary>Another turn of this session has not ended.</summary>
    public sealed record SessionBusy : MessageOutcome;

    /// <summary>Somebody needs a hotline instead of a coach; nothing was stored of what they wrote.</summary>
    public sealed record Crisis(string Locale) : MessageOutcome;

    /// <summary>Committed; the viewer is listening.</summary>
    public sealed record Accepted(TurnViewer Viewer) : MessageOutcome;

    /// <summary>A repeat of an earlier POST: its turn, from the beginning.</summary>
    public sealed record Repeated(Guid Turn) : MessageOutcome;
}
