using System.Text.Json;
using Solacore.Core.Data;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Safety;

namespace Solacore.Core.Learn;

/// <summary>The messages for a model that answers in a learn session.</summary>
public static class LearnPrompt
{
    /// <summary>Stored messages that the model sees before the one that is answered (contract/domain.md 10).</summary>
    public const int MaxRecentMessages = 6;

    private const int Version = 1;

    /// <param name="names">What the account tells of the person; left out wherever they or earlier replies say it.</param>
    public static IReadOnlyList<PromptMessage> Compose(LearnBrief brief, AccountNames names)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["language"] = PromptText.Language(brief.Locale),
            // Quoted as JSON, so that a topic is something to read and cannot end the line that names it.
            ["topic"] = JsonSerializer.Serialize(names.Hide(brief.Topic ?? "not named yet"), PromptText.Json),
        };
        var method = PromptFile.Load("learn." + (brief.Tool ?? brief.Step.Name()), Version);
        return
        [
            new PromptMessage(MessageRole.System, PromptFile.Load("learn.common", Version).Fill(values) + "\n\n" + method.Fill(values)),
            .. brief.Recent.TakeLast(MaxRecentMessages).Where(message => message.Text.Length > 0).Select(message => message.Without(names)),
            new PromptMessage(MessageRole.User, brief.UserText).Without(names),
        ];
    }
}
