using System.Text.Json;

namespace Solacore.Core.Jobs;

/// <summary>How payloads are written, so that every writer and reader agrees.</summary>
public static class JobPayload
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <exception cref="PermanentJobException">It is empty, or not of this form.</exception>
    internal static TPayload Read<TPayload>(string payload)
    {
        try
        {
            return JsonSerializer.Deserialize<TPayload>(payload, Json) ?? throw new PermanentJobException("The payload is empty.");
        }
        catch (JsonException)
        {
            throw new PermanentJobException("The payload cannot be read.");
        }
    }
}
