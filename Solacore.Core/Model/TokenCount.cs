using System.Text;
using Microsoft.ML.Tokenizers;
using Solacore.Core.Model.Prompts;

namespace Solacore.Core.Model;

/// <summary>
/// Tokens of a text, as OpenAI's models count them (o200k_base). The table takes a moment to load; until then the bytes
/// are counted: every token covers at least one byte, so an estimate is never too low.
/// </summary>
public static class TokenCount
{
    /// <summary>Marks around each message, and the start of the reply.</summary>
    private const int PerMessage = 4;
    private const int PerPrompt = 8;

    /// <summary>Ten times the longest context that any model has.</summary>
    private const int MostOfACall = 20_000_000;

    private static readonly Lazy<Task<TiktokenTokenizer>> Table = new(() => Task.Run(() => TiktokenTokenizer.CreateForEncoding("o200k_base"), CancellationToken.None));

    /// <summary>Begins to load the table.</summary>
    public static void Prepare() => _ = Table.Value;

    public static int Of(string text) => Table.Value is { IsCompletedSuccessfully: true } table
        ? table.GetAwaiter().GetResult().CountTokens(text)
        : Encoding.UTF8.GetByteCount(text);

    /// <summary>What a provider told of a call; null when no call can have used so many.</summary>
    public static int? AsTold(long? tokens) => tokens is >= 0 and <= MostOfACall ? (int)tokens : null;

    public static int Of(IReadOnlyList<PromptMessage> prompt) => prompt.Sum(message => Of(message.Text) + PerMessage) + PerPrompt;

    /// <summary>The most that a provider may count.</summary>
    public static int AtMost(IReadOnlyList<PromptMessage> prompt, ModelProvider provider) => (int)Math.Ceiling(Of(prompt) * provider.TokenMargin);
}
