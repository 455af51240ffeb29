using System.Text.Json;
using Solacore.Core;

namespace Solacore.Tests.Api;

public sealed class PlainJsonTests
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = PlainJsonEncoder.Instance };

    [Theory]
    [InlineData("😀 é 中 𠀀 \u3000\u00a0\u2028\ufeff <b>&'</b> \u007f", "😀 é 中 𠀀 \u3000\u00a0\u2028\ufeff <b>&'</b> \u007f")]
    [InlineData("\"\\/\b\f\n\r\t\0\u001f", """\"\\/\b\f\n\r\t\u0000\u001f""")]
    [InlineData("😀\"😀", """😀\"😀""")]
    [InlineData("", "")]
    public void only_what_must_be_is_escaped(string text, string written)
    {
        var json = JsonSerializer.Serialize(text, Plain);

        Assert.Equal($"\"{written}\"", json);
        Assert.Equal(text, JsonSerializer.Deserialize<string>(json));
    }

    [Theory]
    [InlineData("\ud83d")]
    [InlineData("\ude00x")]
    [InlineData("😀\ud83d\ud83d😀")]
    public void half_a_pair_is_replaced(string text)
    {
        var read = JsonSerializer.Deserialize<string>(JsonSerializer.SerializeToUtf8Bytes(text, Plain))!;

        Assert.Equal(JsonSerializer.Deserialize<string>(JsonSerializer.Serialize(text)), read);
    }

    [Fact]
    public void every_character_comes_back()
    {
        for (var code = 0; code <= 0x10ffff; code += code is > 0x3000 and < 0x20000 ? 61 : 1)
        {
            if (code is < 0xd800 or > 0xdfff)
            {
                var text = "a" + char.ConvertFromUtf32(code) + "b";
                Assert.Equal(text, JsonSerializer.Deserialize<string>(JsonSerializer.Serialize(text, Plain)));
            }
        }
    }
}
