using Solacore.Core.Data;

namespace Solacore.Core.Model.Prompts;

/// <summary>What was said last in a session, oldest first, as a query can bring it: a role and a text for each message.</summary>
internal sealed class RecentMessages
{
    public required MessageRole[] Roles { get; init; }
    public required string[] Texts { get; init; }

    /// <param name="clean">What each text goes through before a model may see it.</param>
    public IReadOnlyList<PromptMessage> ToPrompt(Func<string, string> clean) => [.. Roles.Zip(Texts, (role, text) => new PromptMessage(role, clean(text)))];
}
