using System.Text.Json;
using System.Text.Json.Serialization;

namespace Solacore.Core.Model;

/// <summary>What counts of one chunk of a streamed completion; of several choices the first.</summary>
/// <remarks>
/// Read token by token: the serializer's way through the nested objects would be a third of all that a worker allocates for
/// a piece of a reply.
/// </remarks>
[JsonConverter(typeof(Reader))]
internal sealed class CompletionChunk
{
    public string? Id { get; private set; }

    public string? Model { get; private set; }

    public string? Text { get; private set; }

    /// <summary>What the model thought before it spoke; OpenRouter's.</summary>
    public string? Reasoning { get; private set; }

    public string? FinishReason { get; private set; }

    /// <summary>In the last chunk alone.</summary>
    public CompletionUsage? Usage { get; private set; }

    /// <summary>From OpenRouter, which has begun to answer when its provider fails (https://openrouter.ai/docs/api-reference/errors).</summary>
    public bool HasError { get; private set; }

    /// <summary>There is text and nothing else, as in nearly all chunks.</summary>
    public bool IsTextAlone =>
        !string.IsNullOrEmpty(Text) && string.IsNullOrEmpty(Reasoning) && string.IsNullOrEmpty(FinishReason) && Usage is null;

    public sealed class Reader : JsonConverter<CompletionChunk>
    {
        public override CompletionChunk Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            Expect(reader.TokenType, JsonTokenType.StartObject);
            var chunk = new CompletionChunk();
            while (NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("id"u8))
                {
                    chunk.Id = String(ref reader);
                }
                else if (reader.ValueTextEquals("model"u8))
                {
                    chunk.Model = String(ref reader);
                }
                else if (reader.ValueTextEquals("choices"u8))
                {
                    ReadChoices(ref reader, chunk);
                }
                else if (reader.ValueTextEquals("usage"u8))
                {
                    chunk.Usage = ReadUsage(ref reader);
                }
                else if (reader.ValueTextEquals("error"u8))
                {
                    reader.Read();
                    chunk.HasError = reader.TokenType != JsonTokenType.Null;
                    reader.Skip();
                }
                else
                {
                    reader.Skip();
                }
            }

            return chunk;
        }

        /// <exception cref="NotSupportedException">Chunks are only read.</exception>
        public override void Write(Utf8JsonWriter writer, CompletionChunk value, JsonSerializerOptions options) => throw new NotSupportedException();

        private static void ReadChoices(ref Utf8JsonReader reader, CompletionChunk chunk)
        {
            if (!Opens(ref reader, JsonTokenType.StartArray))
            {
                return;
            }

            for (var isFirst = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; isFirst = false)
            {
                if (isFirst && reader.TokenType != JsonTokenType.Null)
                {
                    ReadChoice(ref reader, chunk);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        private static void ReadChoice(ref Utf8JsonReader reader, CompletionChunk chunk)
        {
            Expect(reader.TokenType, JsonTokenType.StartObject);
            while (NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("delta"u8))
                {
                    ReadDelta(ref reader, chunk);
                }
                else if (reader.ValueTextEquals("finish_reason"u8))
                {
                    chunk.FinishReason = String(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        private static void ReadDelta(ref Utf8JsonReader reader, CompletionChunk chunk)
        {
            if (!Opens(ref reader, JsonTokenType.StartObject))
            {
                return;
            }

            while (NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("content"u8))
                {
                    chunk.Text = String(ref reader);
                }
                else if (reader.ValueTextEquals("reasoning"u8))
                {
                    chunk.Reasoning = String(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        private static CompletionUsage? ReadUsage(ref Utf8JsonReader reader)
        {
            if (!Opens(ref reader, JsonTokenType.StartObject))
            {
                return null;
            }

            long? prompt = null, completion = null, total = null;
            while (NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("prompt_tokens"u8))
                {
                    prompt = Number(ref reader);
                }
                else if (reader.ValueTextEquals("completion_tokens"u8))
                {
                    completion = Number(ref reader);
                }
                else if (reader.ValueTextEquals("total_tokens"u8))
                {
                    total = Number(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }

            return new CompletionUsage(prompt, completion, total);
        }

        private static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

        /// <summary>Goes on to the property's value; false when it is null.</summary>
        private static bool Opens(ref Utf8JsonReader reader, JsonTokenType type)
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
            {
                return false;
            }

            Expect(reader.TokenType, type);
            return true;
        }

        private static string? String(ref Utf8JsonReader reader) => Opens(ref reader, JsonTokenType.String) ? reader.GetString() : null;

        /// <summary>Null for anything but a whole number: the reply is worth more than what it is said to have used.</summary>
        private static long? Number(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.Number)
            {
                return reader.TryGetInt64(out var number) ? number : null;
            }

            reader.Skip();
            return null;
        }

        private static void Expect(JsonTokenType found, JsonTokenType type)
        {
            if (found != type)
            {
                throw new JsonException();
            }
        }
    }
}

internal sealed record CompletionUsage(long? PromptTokens, long? CompletionTokens, long? TotalTokens);
