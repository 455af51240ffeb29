using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Solacore.Core;
using Solacore.Core.Billing;
using Solacore.LocalHost;

namespace Solacore.Tests.Billing;

public sealed partial class EventReaderTests
{
    private static readonly DateTimeOffset ReceivedAt = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""["$RCAnonymousID:1"]""", "018f0000-0000-7000-8000-000000000002")]
    [InlineData("""["018f0000-0000-7000-8000-000000000001"]""", "018f0000-0000-7000-8000-000000000001")]
    public void a_transfer_is_about_whoever_it_names_first(string from, string customer)
    {
        var json = $$"""{"id":"t","type":"TRANSFER","transferred_from":{{from}},"transferred_to":["018f0000-0000-7000-8000-000000000002"]}""";

        Assert.Equal(customer, RevenueCatEventReader.ReadEnvelope(JsonSerializer.Deserialize<JsonElement>(json)).CustomerKey);
    }

    [Fact]
    public void an_operator_is_told_every_type_of_event_that_is_read_and_no_other()
    {
        var read = TypesIn("Solacore.Core", "Billing", "StripeEventReader.cs");

        Assert.True(read.Length >= 19);
        Assert.Equal(read, TypesIn("docs", "settings.md"));
    }

    [Fact]
    public void no_bytes_make_a_reader_throw()
    {
        var random = new Random(3);
        var life = new CustomerLife(Enumerable.Range(0, 40).Select(_ => random.Next(100_000)), subscriptionEvents: true);
        var real = life.Events.Select(e => Encoding.UTF8.GetBytes(e.Body.GetRawText())).ToList();
        foreach (var body in OddEvents.All().Concat(Enumerable.Range(0, 20_000).Select(i => OddEvents.Mutate(real[i % real.Count], random))))
        {
            using var document = LenientJson.ParseObject(body);
            if (document is null)
            {
                continue;
            }

            try
            {
                StripeEventReader.ReadEnvelope(document.RootElement);
                RevenueCatEventReader.ReadEnvelope(document.RootElement);
                EventIdentity.SortedHash(document.RootElement);
                StripeEventReader.Read(document.RootElement, CustomerLife.Catalog, "id", ReceivedAt);
                StripeEventReader.ChargeToAskFor(document.RootElement, ReceivedAt);
                RevenueCatEventReader.Read(document.RootElement, CustomerLife.Catalog, "id", ReceivedAt);
            }
            catch (Exception e)
            {
                Assert.Fail($"{Encoding.Latin1.GetString(body)[..Math.Min(body.Length, 400)]}: {e}");
            }
        }
    }

    [Theory]
    [InlineData("1700000000000", "2023-11-14T22:13:20Z")]
    [InlineData("1700000000", "2023-11-14T22:13:20Z")]
    [InlineData("\"1700000000000\"", "2023-11-14T22:13:20Z")]
    [InlineData("\"2023-11-14T22:13:20Z\"", "2023-11-14T22:13:20Z")]
    [InlineData("\"2023-11-14T23:13:20+01:00\"", "2023-11-14T22:13:20Z")]
    [InlineData("0", null)]
    [InlineData("\"\"", null)]
    [InlineData("\"soon\"", null)]
    [InlineData("-5", null)]
    [InlineData("1e300", null)]
    [InlineData("true", null)]
    [InlineData("{}", null)]
    public void times_are_read_in_every_form(string json, string? expected)
    {
        JsonElement? element = JsonSerializer.Deserialize<JsonElement>(json);
        Assert.Equal(expected is null ? null : DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), element.Time());
    }

    [Theory]
    [InlineData("""{"id":"a"}""", "a")]
    [InlineData("""{"event_id":"b"}""", "b")]
    [InlineData("""{"event":{"id":"c"}}""", "c")]
    [InlineData("""{"id":7}""", "7")]
    [InlineData("""{"id":""}""", null)]
    [InlineData("""{"id":null}""", null)]
    [InlineData("""{"id":"\ud800"}""", "sha256:…")]
    [InlineData("""{"id":"d","a member \ud800":1}""", "d")]
    [InlineData("""{"id":"old","id":"e","a member \ud800":1}""", "e")]
    public void an_event_has_one_id(string json, string? expected)
    {
        var id = RevenueCatEventReader.ReadEnvelope(JsonSerializer.Deserialize<JsonElement>(json)).EventId;
        Assert.Equal(expected?[..Math.Min(7, expected.Length)], id?[..Math.Min(7, id.Length)]);
    }

    [Fact]
    public void the_hash_of_a_store_event_does_not_depend_on_the_order_of_members() => Assert.Equal(
        EventIdentity.SortedHash(JsonSerializer.Deserialize<JsonElement>("""{"a":1,"b":{"c":[1,2],"d":null}}""")),
        EventIdentity.SortedHash(JsonSerializer.Deserialize<JsonElement>("""{ "b": {"d":null, "c":[1, 2]}, "a":1 }""")));

    private static string[] TypesIn(params string[] path) =>
        [.. StripeType().Matches(File.ReadAllText(Path.Combine([BuildOutput.RepositoryRoot, .. path]))).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal)];

    [GeneratedRegex("(?<=[\"`])(charge|checkout|customer|invoice)\\.[a-z._]+(?=[\"`])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StripeType();
}
