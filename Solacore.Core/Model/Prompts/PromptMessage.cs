using Solacore.Core.Safety;

namespace Solacore.Core.Model.Prompts;

/// <summary>Who says a message to the model.</summary>
public enum PromptRole
{
    System,
    User,
    Assistant,
}

/// <summary>One message to a model, free of any provider's types.</summary>
public sealed record PromptMessage(PromptRole Role, string Text)
{
    /// <summary>A message of the conversation so far.</summary>
    /// <param name="role"><c>user</c>; anything else is the assistant's.</param>
    public static PromptMessage Said(string role, string text) => new(role == "user" ? PromptRole.User : PromptRole.Assistant, text);

    /// <summary>The message without the account's names. Little may be left of it then, and providers refuse empty ones.</summary>
    public PromptMessage Without(AccountNames names) => this with { Text = names.Hide(Text) is { Length: > 0 } left ? left : "…" };
}
