using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Solacore.Bench;

/// <summary>Somebody who is signed in.</summary>
internal sealed class BenchPerson : IDisposable
{
    private BenchPerson(HttpClient client, Guid id) => (Client, Id) = (client, id);

    public HttpClient Client { get; }

    public Guid Id { get; }

    public static async Task<BenchPerson> RegisterAsync(Uri api, string name = "bench")
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = api };
        client.DefaultRequestHeaders.Add("X-Device-Fingerprint", name);
        using var registered = await client.PostAsJsonAsync("/auth/register", new { email = name + "@example.com", password = "Pass1234", device_fingerprint = name });
        var answer = await registered.Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer.GetProperty("access_token").GetString());
        return new BenchPerson(client, answer.GetProperty("user_id").GetGuid());
    }

    public async Task<Guid> StartSessionAsync()
    {
        using var response = await Client.PostAsync("/sessions", content: null);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("session_id").GetGuid();
    }

    /// <summary>Says something in a session of its own and hears the reply to its end.</summary>
    public async Task TalkAsync(string traceParent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/sessions/{await StartSessionAsync()}/messages")
        {
            Content = JsonContent.Create(new { content = "I feel stuck", step = "receive" }),
            Headers = { { "traceparent", traceParent } },
        };
        using var response = await Client.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    public void Dispose() => Client.Dispose();
}
