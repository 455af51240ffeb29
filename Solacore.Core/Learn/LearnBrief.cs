using Solacore.Core.Model.Prompts;

namespace Solacore.Core.Learn;

/// <summary>Everything that the next reply of a learn session is made from, for the offline coach and the model alike.</summary>
public sealed record LearnBrief
{
    public required LearnStep Step { get; init; }

    /// <summary>Set: this tool's method alone; null: the methods of the step.</summary>
    public string? Tool { get; init; }

    /// <summary>What is being learnt; null when no message has named it.</summary>
    public string? Topic { get; init; }

    /// <summary>The whole message whose beginning the topic is; null when none is.</summary>
    public string? TopicText { get; init; }

    /// <summary>The message that is answered, cleaned, on one line.</summary>
    public required string UserText { get; init; }

    /// <summary><c>en</c>, <c>es</c> or <c>zh</c>.</summary>
    public required string Locale { get; init; }

    /// <summary>Earlier replies of this session with the same step and tool: each round goes further.</summary>
    public int Round { get; init; }

    /// <summary>Earlier messages, oldest first, cleaned.</summary>
    public IReadOnlyList<PromptMessage> Recent { get; init; } = [];
}
