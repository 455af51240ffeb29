using System.Text;

namespace Solacore.Tests.Billing;

/// <summary>Bodies that no store sends and that an authentic sender could.</summary>
internal static class OddEvents
{
    public static IEnumerable<byte[]> All()
    {
        string[] texts =
        [
            "{}",
            """{"id":{},"type":[],"created":"x","data":7}""",
            """{"id":"\ud800","type":"\udc00","data":{"object":{"customer":"\ud800"}}}""",
            """{"id":"nul\u0000","type":"a\u0000b","app_user_id":"\u0000","data":{"object":{"customer":"c\u0000"}}}""",
            """{"\ud800":1,"id":"odd_key","type":"INITIAL_PURCHASE","entitlements":{"\ud800":1}}""",
            """{"id":"dup_a","id":"dup_b","type":"x","type":"invoice.paid","data":{"object":{"customer":1}},"data":{"object":[]}}""",
            """{"id":1e999,"type":"invoice.paid","created":1e999,"event_timestamp_ms":-1,"data":{"object":{"customer":"cus_odd","lines":{"data":[{"period":{"start":1e300,"end":{}}}]}}}}""",
            """{"id":"odd_event","event":null,"type":"EXPIRATION"}""",
            $$"""{"id":"cut_character","type":"x{{string.Concat(Enumerable.Repeat("🦔", 60))}}"}""",
            $$"""{"id":"{{new string('x', 5000)}}","type":"{{new string('y', 5000)}}","app_user_id":"{{new string('z', 5000)}}","data":{"object":{"customer":"{{new string('c', 5000)}}"} } }""",
            $$"""{"id":"deep","data":{{string.Concat(Enumerable.Repeat("[", 10_000))}}{{string.Concat(Enumerable.Repeat("]", 10_000))}}}""",
            $$"""{"id":"flat","data":{{string.Concat(Enumerable.Repeat("[", 90))}}{{string.Concat(Enumerable.Repeat("]", 90))}}}""",
            $$"""{"id":"big","type":"big","pad":"{{new string('p', 9_000_000)}}"}""",
            $$"""{"id":"too_big","type":"big","pad":"{{new string('p', 11_000_000)}}"}""",
        ];
        var random = new Random(5);
        return texts.Select(Encoding.UTF8.GetBytes)
            .Concat(Enumerable.Range(0, 100).Select(_ => Mutate(Encoding.UTF8.GetBytes(texts[6]), random)));
    }

    /// <summary>The body with a few bytes replaced.</summary>
    public static byte[] Mutate(byte[] body, Random random)
    {
        var mutated = body.ToArray();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
        }

        return mutated;
    }
}
