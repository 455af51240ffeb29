using System.Text.Json;
using Solacore.Core.Model;

namespace Solacore.Tests.Model;

/// <summary>Chunks of streamed completions as providers send them, and what is none.</summary>
public sealed class CompletionChunkTests
{
    [Fact]
    public void a_piece_of_text_is_read_past_all_that_does_not_count()
    {
        var chunk = Read("""
            {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m","service_tier":{"a":[1,{"content":"no"}]},
             "choices":[{"index":0,"logprobs":null,"delta":{"role":"assistant","tool_calls":[{"content":"no"}],"content":"Hé \u4f60\ud83d\ude00"},"finish_reason":null},
                        {"index":1,"delta":{"content":"other"},"finish_reason":"length"}],
             "usage":null,"error":null}
            """);

        Assert.Equal(("c-1", "m", "Hé 你😀"), (chunk.Id, chunk.Model, chunk.Text));
        Assert.True(chunk.IsTextAlone);
        Assert.False(chunk.HasError);
    }

    [Fact]
    public void the_end_brings_its_reason_and_the_tokens()
    {
        var chunk = Read("""{"choices":[{"delta":{"content":"."},"finish_reason":"stop"}],"usage":{"prompt_tokens":400,"details":{"total_tokens":1},"completion_tokens":30,"total_tokens":null}}""");

        Assert.Equal((".", "stop", new CompletionUsage(400, 30, null)), (chunk.Text, chunk.FinishReason, chunk.Usage));
        Assert.False(chunk.IsTextAlone);
    }

    [Fact]
    public void tokens_that_are_no_whole_numbers_are_not_told() => Assert.Equal(
        new CompletionUsage(null, null, 3),
        Read("""{"choices":[],"usage":{"prompt_tokens":1.5,"completion_tokens":"many","total_tokens":3}}""").Usage);

    [Theory]
    [InlineData("""{"choices":[{"delta":{"content":"a","reasoning":"why"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}],"usage":{}}""")]
    [InlineData("""{"choices":[{"delta":{"content":""}}]}""")]
    [InlineData("""{"choices":[{"delta":null}]}""")]
    [InlineData("""{"choices":[null]}""")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":null}""")]
    [InlineData("""{}""")]
    public void other_chunks_are_no_text_alone(string json) => Assert.False(Read(json).IsTextAlone);

    [Theory]
    [InlineData("""{"error":{"code":502,"message":"gone"},"choices":[]}""")]
    [InlineData("""{"error":"gone"}""")]
    public void a_provider_may_give_up_in_the_middle(string json) => Assert.True(Read(json).HasError);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("17")]
    [InlineData("{")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}]} {}""")]
    [InlineData("""{"choices":{}}""")]
    [InlineData("""{"choices":["a"]}""")]
    [InlineData("""{"choices":[{"delta":"a"}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":7}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"\ud83d"}}]}""")]
    [InlineData("""{"model":[]}""")]
    public void what_is_no_chunk_is_refused(string json) => Assert.ThrowsAny<JsonException>(() => Read(json));

    private static CompletionChunk Read(string json) => JsonSerializer.Deserialize(json, CompletionJson.Plain.CompletionChunk)!;
}
