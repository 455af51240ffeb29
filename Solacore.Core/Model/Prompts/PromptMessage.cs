using Solacore.Core.Data;
using Solacore.Core.Safety;

namespace Solacore.Core.Model.Prompts;

/// <summary>One message to a model, free of any provider's types.</summary>
public sealed record PromptMessage(MessageRole Role, string Text)
{
    /// <summary>The message without the account's names. Little may be left of it then, and providers refuse empty ones.</summary>
    public PromptMessage Without(AccountNames names) => this with { Text = names.Hide(Text) is { Length: > 0 } left ? left : "…" };
}
