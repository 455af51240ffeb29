using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Solacore.Tests.Api;

/// <summary>A response with its body as text.</summary>
internal sealed record Answer(HttpStatusCode Status, string Body, HttpResponseMessage Message)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Header(string name) =>
        Message.Headers.TryGetValues(name, out var values) || Message.Content.Headers.TryGetValues(name, out values)
            ? string.Join(", ", values)
            : null;
}

internal static class Requests
{
    public static Task<Answer> FetchAsync(this HttpClient client, string path, params (string Name, string Value)[] headers) =>
        client.SendAsync(HttpMethod.Get, path, content: null, headers);

    public static Task<Answer> PostAsync(this HttpClient client, string path, string? json, params (string Name, string Value)[] headers) =>
        client.SendAsync(HttpMethod.Post, path, json is null ? null : Json(json), headers);

    public static Task<Answer> PatchAsync(this HttpClient client, string path, string? json, params (string Name, string Value)[] headers) =>
        client.SendAsync(HttpMethod.Patch, path, json is null ? null : Json(json), headers);

    public static async Task<Answer> SendAsync(
        this HttpClient client, HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response);
    }

    /// <summary>As the clients send it: no charset.</summary>
    public static HttpContent Json(string json) => Bytes(Encoding.UTF8.GetBytes(json), "application/json");

    public static HttpContent Bytes(byte[] bytes, string? contentType)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        return content;
    }
}
