using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using ChatClient = OpenAI.Chat.ChatClient;

namespace Solacore.Core.Model;

/// <summary>
/// Reads streamed chat completions from their wire format (https://platform.openai.com/docs/api-reference/chat/streaming), where
/// the SDK's typed stream costs several times as much for each piece, overlooks that a provider gives up in the middle, and
/// knows no reasoning. The request is the SDK's, with its key, its headers and its errors; everything that is not streamed
/// is left to <paramref name="inner"/>.
/// </summary>
/// <param name="inner">The client of the same model.</param>
/// <param name="completions">Asks the model.</param>
/// <param name="model">Its name.</param>
internal sealed class StreamedCompletions(IChatClient inner, ChatClient completions, string model) : DelegatingChatClient(inner)
{
    private static ReadOnlySpan<byte> EndOfStream => "[DONE]"u8;

    /// <summary>What is yielded is to be read before the next is asked for: pieces of text come in one and the same update.</summary>
    /// <exception cref="ClientResultException">The provider answered with an error, or was not reached.</exception>
    /// <exception cref="IOException">The connection broke, or the provider gave up in the middle.</exception>
    /// <exception cref="JsonException">What came is no chunk of a completion.</exception>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new CompletionRequest(
            [.. messages.Select(message => new CompletionMessage(message.Role.Value, message.Text))],
            options?.MaxOutputTokens,
            Stream: true,
            new CompletionStreamOptions(IncludeUsage: true),
            model);
        using var body = BinaryContent.Create(BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(request, CompletionJson.Plain.CompletionRequest)));
        var result = await completions.CompleteChatAsync(body, new RequestOptions { BufferResponse = false, CancellationToken = cancellationToken });
        using var response = result.GetRawResponse();
        var chunks = SseParser.Create(
            response.ContentStream ?? Stream.Null,
            static (_, data) => data.SequenceEqual(EndOfStream) ? null : JsonSerializer.Deserialize(data, CompletionJson.Plain.CompletionChunk));
        var isWhole = false;

        // One for all pieces of text: the telemetry keeps every update to the end of the call.
        var words = new TextContent("");
        var piece = new ChatResponseUpdate(ChatRole.Assistant, [words]);
        await foreach (var item in chunks.EnumerateAsync(cancellationToken))
        {
            if (item.Data is not { } chunk)
            {
                yield break;
            }

            if (chunk.HasError || chunk.FinishReason == "error")
            {
                // Its text may quote the person.
                throw new IOException("The provider gave up in the middle of a reply.");
            }

            isWhole |= !string.IsNullOrWhiteSpace(chunk.FinishReason);

            if (chunk.IsTextAlone)
            {
                words.Text = chunk.Text;
                piece.ResponseId ??= chunk.Id;
                piece.ModelId ??= chunk.Model;
                yield return piece;
            }
            else
            {
                yield return ToUpdate(chunk);
            }
        }

        if (!isWhole)
        {
            throw new IOException("The provider's stream stopped before its end.");
        }
    }

    private static ChatResponseUpdate ToUpdate(CompletionChunk chunk)
    {
        var update = new ChatResponseUpdate
        {
            Role = ChatRole.Assistant,
            ModelId = chunk.Model,
            ResponseId = chunk.Id,
            FinishReason = string.IsNullOrWhiteSpace(chunk.FinishReason) ? null : new ChatFinishReason(chunk.FinishReason),
        };
        if (chunk.Reasoning is { Length: > 0 } thought)
        {
            update.Contents.Add(new TextReasoningContent(thought));
        }

        if (chunk.Text is { Length: > 0 } text)
        {
            update.Contents.Add(new TextContent(text));
        }

        if (chunk.Usage is { } usage)
        {
            update.Contents.Add(new UsageContent(new UsageDetails
            {
                InputTokenCount = usage.PromptTokens,
                OutputTokenCount = usage.CompletionTokens,
                TotalTokenCount = usage.TotalTokens,
            }));
        }

        return update;
    }
}

internal sealed record CompletionRequest(
    IReadOnlyList<CompletionMessage> Messages, int? MaxCompletionTokens, bool Stream, CompletionStreamOptions StreamOptions, string Model);

internal sealed record CompletionMessage(string Role, string Content);

internal sealed record CompletionStreamOptions(bool IncludeUsage);

[JsonSerializable(typeof(CompletionRequest))]
[JsonSerializable(typeof(CompletionChunk))]
internal sealed partial class CompletionJson : JsonSerializerContext
{
    public static readonly CompletionJson Plain = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = PlainJsonEncoder.Instance,
    });
}
