using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;
using Solacore.Tests.ServiceDefaults;

namespace Solacore.Tests.Api.Auth;

/// <summary>
/// All ways of signing in, well and badly, on real processes; then every log line, span, metric and error body is
/// searched for what a person gave or got.
/// </summary>
public sealed class EmissionTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string Password = "Priv4teSentence";
    private const string OtherPassword = "An0therSentence";
    private const string WrongPassword = "Gu3ssedSentence";
    private const string Email = "very.private.person@example.com";
    private const string Fingerprint = "fingerprint-of-the-private-phone";
    private const string OtherFingerprint = "fingerprint-of-the-private-tablet";

    private readonly List<string> _secrets =
        [Password, OtherPassword, WrongPassword, "very.private.person", Fingerprint, OtherFingerprint, "forged-reset-token", "made-up-code", "secret-nonce"];

    private readonly List<string> _errorBodies = [];
    private HttpClient _client = null!;

    [Fact]
    public async Task nothing_that_signs_a_person_in_is_emitted()
    {
        var redis = await SharedServers.Redis;
        await using var collector = await Ingest.StartAsync();
        await using var provider = await IdentityProviderStandIn.StartAsync();
        var settings = new Dictionary<string, string?>(provider.Settings)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        };
        await using var system = await RunningSystem.StartAsync(database.ConnectionString, redis.ConnectionString, settings: settings);
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = system.Apis[0].Address };
        _client = client;

        await UsePasswordsAsync();
        await UseProvidersAsync(provider);
        await UseResetsAsync();
        await UseDevicesAsync();
        await Eventually.BeTrueAsync("the reset mail was handled", async () => await database.ScalarAsync<long>("select count(*) from jobs where kind = 'mail.send'") == 0);
        await system.Apis[0].Process.StopAsync(TestContext.Current.CancellationToken);
        await system.Workers[0].StopAsync(TestContext.Current.CancellationToken);

        var emitted = string.Join('\n', [.. system.Log, collector.Everything, .. _errorBodies]);
        Assert.All(["/v1/traces", "/v1/metrics", "/v1/logs", "/auth/login", "/auth/reset-password", "INVALID_CREDENTIALS"], word => Assert.Contains(word, emitted, StringComparison.Ordinal));
        Assert.True(_errorBodies.Count > 20);
        Assert.True(_secrets.Count > 30);
        Assert.All(_secrets, secret => Assert.DoesNotContain(secret, emitted, StringComparison.OrdinalIgnoreCase));
    }

    private async Task UsePasswordsAsync()
    {
        await SendAsync("POST", "/auth/register", Credentials(Password));
        await SendAsync("POST", "/auth/register", Credentials(Password));
        await SendAsync("POST", "/auth/register", Credentials(Password.ToLowerInvariant()));
        await SendAsync("POST", "/auth/register", $$"""{"email":"{{Email}}@","password":"{{Password}}","device_fingerprint":["{{Fingerprint}}"]}""");
        await SendAsync("POST", "/auth/register", $$"""{"e-mail":"{{Email}}","passwort":"{{Password}}","device_fingerprint":"{{Fingerprint}}{{Fingerprint.PadRight(300)}}"}""");
        await SendAsync("POST", "/auth/login", Credentials(Password)[..^1]);
        await SendAsync("POST", "/auth/login", Credentials(Password), contentType: "text/plain");
        await SendAsync("POST", "/auth/login", Credentials(WrongPassword));
        await SendAsync("POST", "/auth/login", Credentials(Password, OtherFingerprint));
        await SendAsync("POST", $"/auth/login?password={Password}&email={Email}", Credentials(WrongPassword));
        var signedIn = await SendAsync("POST", "/auth/login", Credentials(Password));
        var (access, refresh) = (signedIn.GetProperty("access_token").GetString()!, signedIn.GetProperty("refresh_token").GetString()!);
        await SendAsync("GET", "/auth/me", token: access);
        await SendAsync("GET", $"/auth/me?access_token={access}", token: access + "x");
        await SendAsync("GET", $"/nowhere?token={access}&email={Email}");
        await SendAsync("POST", "/auth/refresh", $$"""{"refresh_token":"{{refresh}}x"}""");
        await SendAsync("POST", "/auth/refresh", $$"""{"refresh_token":"{{refresh}}"}""");
        await SendAsync("POST", "/auth/refresh", $$"""{"refresh_tokens":"{{refresh}}"}""");
        await SendAsync("GET", "/auth/me", cookie: $"access_token={access}x; refresh_token={refresh}");
        await SendAsync("POST", "/auth/logout", cookie: $"access_token={access}; csrf_token=a; csrf_token_http=b");
        await SendAsync("POST", "/auth/logout", token: access);
        await SendAsync("POST", "/auth/logout", token: access);
    }

    private async Task UseProvidersAsync(IdentityProviderStandIn provider)
    {
        foreach (var (path, token) in new[]
        {
            ("/auth/oauth/google", Secret(provider.GoogleToken("private-subject", Email))),
            ("/auth/oauth/google", Secret(provider.GoogleToken("private-subject", Email, ("aud", "other")))),
            ("/auth/oauth/google", Secret(provider.GoogleToken("private-subject", Email, ("email_verified", false)))),
            ("/auth/oauth/apple", Secret(provider.AppleToken("private-subject-2", email: null))),
            ("/auth/oauth/apple", "made-up-code"),
        })
        {
            await SendAsync("POST", path, $$"""{"id_token":"{{token}}","device_fingerprint":"{{Fingerprint}}","nonce":null}""");
        }

        await SendAsync("POST", "/auth/oauth/google", $$"""{"id_token":"{{Secret(provider.GoogleToken("s", Email))}}","device_fingerprint":"{{Fingerprint}}","nonce":"secret-nonce"}""");
        await SendAsync("POST", "/auth/oauth/google/code?code=" + Secret(provider.CodeFor(Secret(provider.GoogleToken("private-subject", Email)))) + $"&device_fingerprint={Fingerprint}");
        await SendAsync("POST", $"/auth/oauth/google/code?code=made-up-code&device_fingerprint={Fingerprint}");
    }

    private async Task UseResetsAsync()
    {
        await SendAsync("POST", "/auth/forgot-password", $$"""{"email":"{{Email}}"}""");
        await SendAsync("POST", "/auth/forgot-password", $$"""{"email":"{{Email}} {{Email}}"}""");
        await SendAsync("POST", "/auth/reset-password", $$"""{"token":"forged-reset-token","new_password":"{{OtherPassword}}"}""");
        await SendAsync("POST", "/auth/reset-password", $$"""{"token":"forged-reset-token","new_password":"{{OtherPassword.ToLowerInvariant()}}"}""");
        await SendAsync("GET", "/reset-password?token=forged-reset-token");
        await SendAsync("GET", "/unsubscribe?token=forged-reset-token");
        await SendAsync("POST", "/unsubscribe?token=forged-reset-token");
        await SendAsync("POST", "/unsubscribe/undo?token=forged-reset-token");
    }

    private async Task UseDevicesAsync()
    {
        var current = await SendAsync("POST", "/auth/register", Credentials(OtherPassword, OtherFingerprint).Replace("very.private", "also.very.private", StringComparison.Ordinal));
        var access = current.GetProperty("access_token").GetString()!;
        var device = (await SendAsync("GET", "/auth/devices", token: access))[0].GetProperty("id").GetString();
        await SendAsync("DELETE", "/auth/devices/" + device, token: access);
        await SendAsync("POST", "/sessions", "{}", token: access);
        await SendAsync("GET", "/account/export", token: access);
        await SendAsync("DELETE", "/account", token: access);
        await SendAsync("DELETE", "/account", token: access);
    }

    private static string Credentials(string password, string fingerprint = Fingerprint) =>
        JsonSerializer.Serialize(new { email = Email, password, device_fingerprint = fingerprint, device_name = "Phone" });

    private string Secret(string value)
    {
        _secrets.Add(value);
        return value;
    }

    private async Task<JsonElement> SendAsync(
        string method, string path, string? body = null, string? token = null, string? cookie = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("X-Device-Fingerprint", Fingerprint);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(contentType));
        request.Headers.TryAddWithoutValidation("Authorization", token is null ? null : "Bearer " + token);
        request.Headers.TryAddWithoutValidation("Cookie", cookie);
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        if (response.Headers.TryGetValues("Set-Cookie", out var cookies))
        {
            _secrets.AddRange(cookies.Select(set => set.Split('=', ';')[1]).Where(value => value.Length > 0));
        }

        if (!response.IsSuccessStatusCode)
        {
            _errorBodies.Add(text);
        }

        return response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonDocument.Parse(text).RootElement : default;
    }
}
