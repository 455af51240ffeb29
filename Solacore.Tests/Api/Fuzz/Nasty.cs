using System.Globalization;
using System.Text;

namespace Solacore.Tests.Api.Fuzz;

/// <summary>Values that have broken parsers, databases and log files before, and random ones.</summary>
internal static class Nasty
{
    private static readonly string[] Texts =
    [
        "", " ", "0", "-1", "null", "true", "NaN", "Infinity", "1e400", "9999999999999999999999", "2147483648", "\0", "a\0b", "\\", "\"", "'", "'; drop table users; --",
        "../../etc/passwd", "%00", "%s%n", "${jndi:ldap://127.0.0.1/x}", "{{7*7}}", "<script>", "\u202Ereversed", "\uFEFF", "\u2028", "\r\nSet-Cookie: a=b", "e\u0301",
        "👩‍👩‍👧‍👦", "\U000E0001", "ﷺ", "İ", "ß", "۱۲۳", "active", "completed", "archived", "receive", "commit", "quick", "custom", "json", "csv", "markdown", "all",
        "2026-11-23T10:00:00.000Z", "9999-12-31T23:59:59.9999999-14:00", "0001-01-01T00:00:00+14:00", "2026-02-30", "-62135596801", "253402300800", "1e308", "urn:uuid:",
        "00000000-0000-0000-0000-000000000000", "{0862e424-f951-4b98-9fbb-731ea233cdc1}", "someone@example.com", "a@b", "@", "a@[127.0.0.1]", "ü@exämple.com", "a@xn--.com",
        "Bearer ", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA", "t=1,v1=00", "t=99999999999999999999,v1=zz",
    ];

    // As JSON, because C# strings of these cannot be sent as UTF-8.
    private static readonly string[] Json =
    [
        "null", "true", "0", "-0", "1e400", "-1e-400", "123456789012345678901234567890", "0.1", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\\ufffe\"", "[]", "{}", "[[[[]]]]",
        "[null]", "{\"a\":{\"a\":{}}}", "[\"x\",1,null,{}]", "\"\"",
    ];

    public static string Text(Random random) => random.Next(12) switch
    {
        0 => new string((char)random.Next(0x20, 0x7F), random.Next(1, 5000)),
        1 => Characters(random, random.Next(1, 300)),
        2 => random.NextInt64().ToString(CultureInfo.InvariantCulture),
        3 => Guid.NewGuid().ToString(random.Next(2) == 0 ? "d" : "n"),
        _ => Texts[random.Next(Texts.Length)],
    };

    /// <summary>What a header may hold on the wire: no control characters, else the client refuses to send it.</summary>
    public static string HeaderText(Random random)
    {
        var text = Text(random);
        return string.Concat(text.Where(c => c is >= ' ' and < '\u007F')) is { Length: > 0 } kept ? kept : "x";
    }

    /// <summary>A JSON value, whole but of any shape.</summary>
    public static string JsonValue(Random random, int depth = 0) => random.Next(depth > 6 ? 8 : 11) switch
    {
        < 4 => Quote(Text(random)),
        < 8 => Json[random.Next(Json.Length)],
        8 => $"[{string.Join(',', Enumerable.Range(0, random.Next(6)).Select(_ => JsonValue(random, depth + 1)))}]",
        _ => JsonObject(random, [], depth + 1),
    };

    /// <summary>An object with some of the names that somebody might read, and some that nobody does.</summary>
    public static string JsonObject(Random random, IReadOnlyList<string> names, int depth = 0)
    {
        var members = names.Where(_ => random.Next(5) > 0).Select(name => $"{Quote(name)}:{JsonValue(random, depth)}")
            .Concat(Enumerable.Range(0, random.Next(3)).Select(_ => $"{Quote(Text(random))}:{JsonValue(random, depth + 1)}"));
        return $"{{{string.Join(',', members)}}}";
    }

    public static byte[] Bytes(Random random, int longest)
    {
        var bytes = new byte[random.Next(longest)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Whole JSON with a few bytes changed, lost or doubled.</summary>
    public static byte[] Broken(Random random, string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json).ToList();
        for (var i = random.Next(1, 4); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(3))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes.Insert(at, bytes[at]);
                    break;
            }
        }

        return [.. bytes];
    }

    private static string Characters(Random random, int count)
    {
        var text = new StringBuilder(count);
        for (var i = 0; i < count; i++)
        {
            // All of Unicode but the surrogates, which are no characters.
            var code = random.Next(0x110000 - 0x800);
            text.Append(char.ConvertFromUtf32(code < 0xD800 ? code : code + 0x800));
        }

        return text.ToString();
    }

    private static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
