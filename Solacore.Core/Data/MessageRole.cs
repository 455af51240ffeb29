namespace Solacore.Core.Data;

/// <summary>Who says a message, in a conversation and to a model.</summary>
public enum MessageRole
{
    /// <summary>The person.</summary>
    User,

    /// <summary>The coach.</summary>
    Assistant,

    /// <summary>Nobody in the conversation: what the coach is told about it.</summary>
    System,
}
