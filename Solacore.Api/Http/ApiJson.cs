using System.Text.Json;
using System.Text.Json.Serialization;
using Solacore.Core;

namespace Solacore.Api.Http;

/// <summary>JSON as the clients know it: snake_case, compact, UTF-8 unescaped, nulls present, timestamps in UTC.</summary>
internal static class ApiJson
{
    public const string ContentType = "application/json";

    public static JsonSerializerOptions Options { get; } = Create();

    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;

        // The answers are JSON on their own, never part of a page, so HTML-sensitive characters need no escaping.
        options.Encoder = PlainJsonEncoder.Instance;
        options.Converters.Add(new TimestampConverter());
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        Configure(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class TimestampConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset().ToUniversalTime();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToWire());
    }
}
