using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Solacore.Core.Accounts;
using Solacore.Core.Settings;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;

namespace Solacore.Tests.Api.Documents;

/// <summary>
/// Every operation of the document is called on the running system, and every answer, good or bad, has to be one that
/// the document describes. Operations come from the document and the document from the route table, so a new one
/// fails here until it is called.
/// </summary>
public sealed class DocumentTruthTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    // Operations whose good answer takes a provider that is not there.
    private static readonly HashSet<string> OnlyRefused = new(StringComparer.Ordinal)
    {
        "POST /auth/oauth/google", "POST /auth/oauth/google/code", "POST /auth/oauth/apple", "POST /auth/google", "POST /auth/apple",
        "POST /subscriptions/checkout", "GET /subscriptions/portal",
    };

    [Fact]
    public async Task every_answer_of_every_operation_is_as_documented()
    {
        var redis = await SharedServers.Redis;
        await using var system = await RunningSystem.StartAsync(
            database.ConnectionString,
            redis.ConnectionString,
            settings: new Dictionary<string, string?>
            {
                ["BETA_MODE"] = "true",
                ["APPLE_APP_IDS"] = "ABCDE12345.app.solacore",
                ["ANDROID_PACKAGE"] = "app.solacore",
                ["ANDROID_CERT_FINGERPRINTS"] = string.Join(':', Enumerable.Repeat("AB", 32)),
            });
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = system.Apis[0].Address };
        var text = await client.GetStringAsync("/openapi.json");
        var document = JsonDocument.Parse(text).RootElement;
        var calls = new Calls(client, document);

        await UseEverythingAsync(calls);

        var operations = calls.Operations.Select(operation => operation.Name).ToList();
        Assert.True(calls.Problems.Count == 0, string.Join('\n', calls.Problems));
        await using var host = await ApiHost.StartAsync(database);
        Assert.Equal(operations, Routes(host));

        // Other tests take the host for the api.
        Assert.Equal(text, (await host.Client.FetchAsync("/openapi.json")).Body);
        Assert.All(calls.Operations, operation => Assert.DoesNotContain(
            operation.Description.TryGetProperty("security", out var security) ? security.EnumerateArray().ToList() : [], way => !way.EnumerateObject().Any()));
        Assert.Empty(operations.Except(calls.Seen.Select(seen => seen.Operation)));
        Assert.Empty(operations.Except(OnlyRefused).Except(calls.Seen.Where(seen => seen.Status < 300).Select(seen => seen.Operation)));
    }

    /// <summary>What the route table says the document has to hold.</summary>
    private static List<string> Routes(ApiHost host)
    {
        var routes = from route in host.Routes
                     where route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not { ExcludeFromDescription: true }
                     from method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
                     select $"{method} /{route.RoutePattern.RawText!.Trim('/')}";
        return [.. routes.Order(StringComparer.Ordinal)];
    }

    private async Task UseEverythingAsync(Calls calls)
    {
        await UsePagesAsync(calls);
        await UseAccountsAsync(calls);
        await UseSolveAsync(calls);
        await UseLearnAsync(calls);
        await UseBillingAsync(calls);
        await calls.GetAsync("/account/export");
        await calls.SendAsync("DELETE", "/account");
        await calls.SendAsync("DELETE", "/account");
    }

    private static async Task UsePagesAsync(Calls calls)
    {
        foreach (var path in new[]
        {
            "/privacy", "/terms", "/support", "/account-deletion", "/reset-password", "/subscriptions/success", "/subscriptions/cancel",
            "/.well-known/apple-app-site-association", "/.well-known/assetlinks.json", "/auth/csrf", "/auth/config/features", "/config/features",
            "/api/v1/templates", "/api/v1/templates?limit=0", "/api/v1/templates/" + Guid.NewGuid(), "/api/v1/templates/x",
        })
        {
            await calls.GetAsync(path);
        }

        var unsubscribe = $"/unsubscribe?token={new UnsubscribeTokens(Accounts()).TokenOf(Guid.NewGuid())}";
        await calls.GetAsync(unsubscribe);
        await calls.SendAsync("POST", unsubscribe);
        await calls.SendAsync("POST", unsubscribe.Replace("?", "/undo?", StringComparison.Ordinal));
        await calls.SendAsync("POST", "/unsubscribe?token=x");
        await calls.SendAsync("POST", "/unsubscribe/undo?token=x");
        await calls.GetAsync("/unsubscribe?lang=" + new string('x', 1000));
        var templates = await calls.GetAsync("/api/v1/templates?limit=1");
        await calls.GetAsync($"/api/v1/templates/{templates.GetProperty("templates")[0].GetProperty("id").GetString()}");
    }

    private async Task UseAccountsAsync(Calls calls)
    {
        var ann = $$"""{"email":"ann@example.com","password":"Pass1234","device_fingerprint":"{{calls.Fingerprint}}"}""";
        await calls.SendAsync("POST", "/auth/register", ann);
        await calls.SendAsync("POST", "/auth/register", ann);
        await calls.SendAsync("POST", "/auth/register", "{}");
        await calls.SendAsync("POST", "/auth/register", "{");
        await calls.SendAsync("POST", "/auth/login", ann.Replace("Pass1234", "Wrong1234", StringComparison.Ordinal));
        await calls.SendAsync("POST", "/auth/beta-login");
        await calls.SendAsync("POST", "/auth/refresh");
        await calls.SendAsync("POST", "/auth/forgot-password", """{"email":"ann@example.com"}""");
        await calls.SendAsync("POST", "/auth/reset-password", """{"token":"x","new_password":"Pass1234"}""");
        await calls.SendAsync("POST", "/auth/reset-password", $$"""{"token":"{{await ResetTokenAsync()}}","new_password":"Pass1234"}""");
        foreach (var path in new[] { "/auth/oauth/google", "/auth/oauth/apple", "/auth/google", "/auth/apple" })
        {
            await calls.SendAsync("POST", path, """{"id_token":"x","device_fingerprint":"x"}""");
        }

        await calls.SendAsync("POST", "/auth/oauth/google/code?code=x");
        await calls.SendAsync("POST", "/auth/oauth/google/code");
        await calls.GetAsync("/auth/me");
        await calls.SendAsync("POST", "/auth/logout");
        var other = await calls.SendAsync("POST", "/auth/login", ann.Replace(calls.Fingerprint, "another", StringComparison.Ordinal));
        calls.SignIn(other);
        await calls.SendAsync("POST", "/auth/refresh", $$"""{"refresh_token":"{{other.GetProperty("refresh_token").GetString()}}"}""");
        await calls.SendAsync("POST", "/auth/logout");
        await calls.GetAsync("/auth/me");
        calls.SignIn(await calls.SendAsync("POST", "/auth/login", ann));
        await calls.GetAsync("/auth/me");
        var devices = await calls.GetAsync("/auth/devices");
        foreach (var device in devices.EnumerateArray().Reverse().Select(device => device.GetProperty("id").GetString()))
        {
            await calls.SendAsync("DELETE", "/auth/devices/" + device);
        }

        await calls.SendAsync("DELETE", "/auth/devices/" + Guid.NewGuid());
        await calls.SendAsync("DELETE", "/auth/devices/x");
        await calls.SendAsync("PUT", "/devices/push-token", """{"token":"ExponentPushToken[abc]"}""");
        await calls.SendAsync("PUT", "/devices/push-token", """{"token":"x"}""");
        await calls.SendAsync("DELETE", "/devices/push-token");
        var second = await calls.SendAsync("POST", "/auth/login", ann);
        var logins = await calls.GetAsync("/auth/sessions");
        await calls.SendAsync("DELETE", "/auth/sessions/" + logins[0].GetProperty("id").GetString());
        await calls.SendAsync("DELETE", "/auth/sessions/" + Guid.NewGuid());
        calls.SignIn(second);
        await calls.SendAsync("DELETE", "/account", csrf: false);
    }

    /// <summary>What stands in the mail.</summary>
    private async Task<string> ResetTokenAsync() =>
        new ResetTokens(Accounts()).TokenOf(await database.ScalarAsync<Guid>("select id from password_reset_tokens"));

    private static AccountOptions Accounts() =>
        AccountOptions.Read(new SettingsReader(new ConfigurationManager { ["DEBUG"] = "true", ["JWT_SECRET"] = RunningSystem.JwtSecret }));

    private static async Task UseSolveAsync(Calls calls)
    {
        var session = (await calls.SendAsync("POST", "/sessions", "{}")).GetProperty("session_id").GetString();
        var path = "/sessions/" + session;
        await calls.SendAsync("POST", "/sessions", $$"""{"template_id":"{{Guid.NewGuid()}}"}""");
        await calls.SendAsync("POST", "/sessions", """{"template_id":"x"}""");
        await calls.GetAsync("/sessions");
        await calls.GetAsync("/sessions?status=unknown&limit=0");
        await calls.GetAsync(path);
        await calls.SendAsync("POST", path + "/messages", """{"content":"I keep putting off my thesis","step":"receive"}""");
        await calls.SendAsync("POST", path + "/messages", """{"content":"I want to die","step":"receive"}""");
        await calls.SendAsync("POST", path + "/messages", """{"content":""}""");
        var turn = calls.LastTurn;
        await calls.GetAsync($"{path}/turns/{turn}/events");
        await calls.GetAsync($"{path}/turns/{Guid.NewGuid()}/events");
        await calls.SendAsync("POST", $"{path}/turns/{turn}/cancel");
        await calls.SendAsync("POST", $"{path}/turns/{Guid.NewGuid()}/cancel");
        await calls.GetAsync(path);
        await calls.SendAsync("PATCH", path, """{"current_step":"commit"}""");
        await calls.SendAsync("PATCH", path, """{"first_step_action":"call","tags":["work"],"reminder_time":"2031-01-01T10:00:00.000Z"}""");
        await calls.GetAsync("/actions");
        await calls.SendAsync("PATCH", $"/actions/{session}/complete");
        await calls.SendAsync("PATCH", $"/actions/{session}/uncomplete");
        await calls.SendAsync("PATCH", $"/actions/{Guid.NewGuid()}/complete");
        await calls.GetAsync("/sessions");
        await calls.GetAsync("/stats/overview");
        await calls.GetAsync("/stats/export");
        await calls.GetAsync("/stats/export?format=csv");
        await calls.GetAsync("/sessions/all/export");
        await calls.GetAsync("/sessions/all/export?format=csv");
        await calls.GetAsync(path + "/export");
        await calls.GetAsync(path + "/export?format=json");
        await calls.SendAsync("PATCH", path, """{"status":"completed"}""");
        await calls.SendAsync("POST", path + "/messages", """{"content":"and now?","step":"commit"}""");
        var empty = (await calls.SendAsync("POST", "/sessions")).GetProperty("session_id").GetString();
        await calls.SendAsync("PATCH", $"/actions/{empty}/complete");
        await calls.SendAsync("DELETE", "/sessions/" + empty);
        await calls.SendAsync("DELETE", "/sessions/" + empty);
    }

    private static async Task UseLearnAsync(Calls calls)
    {
        var session = (await calls.SendAsync("POST", "/learn")).GetProperty("session_id").GetString();
        var path = "/learn/" + session;
        await calls.SendAsync("POST", "/learn?mode=unknown");
        await calls.GetAsync("/learn");
        await calls.GetAsync("/learn/tools");
        await calls.SendAsync("POST", path + "/messages", """{"content":"photosynthesis","step":"start"}""");
        await calls.SendAsync("POST", path + "/messages", """{"content":"photosynthesis"}""");
        var turn = calls.LastTurn;
        await calls.GetAsync($"{path}/turns/{turn}/events");
        await calls.SendAsync("POST", $"{path}/turns/{turn}/cancel");
        await calls.SendAsync("POST", path + "/path", """{"mode":"deep"}""");
        await calls.SendAsync("POST", path + "/path", """{"mode":"custom","selected_tools":[]}""");
        await calls.SendAsync("PATCH", path + "/current-tool", """{"tool":"feynman"}""");
        await calls.SendAsync("PATCH", path + "/current-tool", """{"tool":"hammer"}""");
        await calls.GetAsync(path + "/progress");
        await calls.SendAsync("PATCH", path, """{"current_step":"plan"}""");
        await calls.SendAsync("PATCH", path, """{"current_step":"nowhere"}""");
        await calls.GetAsync(path);
        await calls.GetAsync("/learn");
        await calls.SendAsync("DELETE", path);
        await calls.GetAsync(path);
    }

    private static async Task UseBillingAsync(Calls calls)
    {
        await calls.GetAsync("/subscriptions/current");
        await calls.GetAsync("/subscriptions/usage");
        if (calls.Operations.Any(operation => operation.Name == "POST /subscriptions/checkout"))
        {
            await calls.SendAsync("POST", "/subscriptions/checkout", """{"price_id":"nothing"}""");
            await calls.GetAsync("/subscriptions/portal");
        }

        await calls.SendAsync("POST", "/webhooks/stripe", "{}");
        await calls.SendAsync("POST", "/webhooks/revenuecat", "{}", authorization: "Bearer wrong");
        await calls.SendAsync("POST", "/webhooks/revenuecat", "[]", authorization: "Bearer " + RunningSystem.RevenueCatSecret);
        await calls.SendAsync("POST", "/webhooks/revenuecat", """{"event":{"id":"e1","type":"TEST"}}""", authorization: "Bearer " + RunningSystem.RevenueCatSecret);
        var body = """{"id":"evt_truth","type":"ping"}""";
        await calls.SendAsync("POST", "/webhooks/stripe", body, stripeSignature: StripeSender.Sign(Encoding.UTF8.GetBytes(body)));
    }

    /// <summary>Calls, and compares what comes back with what the document says of the operation.</summary>
    private sealed class Calls
    {
        private readonly HttpClient _client;
        private readonly SchemaCheck _check;
        private string? _token;

        public Calls(HttpClient client, JsonElement document)
        {
            _client = client;
            _check = new SchemaCheck(document);
            Operations =
            [
                .. document.GetProperty("paths").EnumerateObject()
                    .SelectMany(path => path.Value.EnumerateObject().Select(
                        operation => (Name: $"{operation.Name.ToUpperInvariant()} {path.Name}", Description: operation.Value)))
                    .OrderBy(operation => operation.Name, StringComparer.Ordinal),
            ];
        }

        public string Fingerprint { get; } = Guid.NewGuid().ToString();

        public IReadOnlyList<(string Name, JsonElement Description)> Operations { get; }

        public List<(string Operation, int Status)> Seen { get; } = [];

        public List<string> Problems { get; } = [];

        public string? LastTurn { get; private set; }

        public void SignIn(JsonElement answer) => _token = answer.GetProperty("access_token").GetString();

        public Task<JsonElement> GetAsync(string path) => SendAsync("GET", path);

        public async Task<JsonElement> SendAsync(
            string method, string path, string? body = null, bool csrf = true, string? authorization = null, string? stripeSignature = null)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Add("X-Device-Fingerprint", Fingerprint);
            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            if (csrf && _token is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
            }
            else if (csrf)
            {
                request.Headers.Add("Origin", "http://localhost:3000");
            }

            if (authorization is not null)
            {
                request.Headers.Authorization = AuthenticationHeaderValue.Parse(authorization);
            }

            if (stripeSignature is not null)
            {
                request.Headers.Add("Stripe-Signature", stripeSignature);
            }

            using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
            LastTurn = response.Headers.TryGetValues("X-Turn-ID", out var turns) ? turns.Single() : LastTurn;
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var name = $"{method} {Match(path.Split('?')[0])}";
            Seen.Add((name, (int)response.StatusCode));
            var isJson = response.Content.Headers.ContentType?.MediaType == "application/json";
            var json = isJson ? JsonDocument.Parse(text).RootElement : default;
            Problems.AddRange(Compare(name, response, json).Select(problem => $"{method} {path} answered {(int)response.StatusCode}: {problem}"));
            return json;
        }

        private IEnumerable<string> Compare(string name, HttpResponseMessage response, JsonElement json)
        {
            var description = Operations.Single(operation => operation.Name == name).Description;
            var status = ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (!description.GetProperty("responses").TryGetProperty(status, out var answer))
            {
                return ["the status is not documented"];
            }

            var mediaType = response.Content.Headers.ContentType?.MediaType;
            if (mediaType is null)
            {
                return answer.TryGetProperty("content", out _) ? ["the body is documented and missing"] : [];
            }

            return !answer.TryGetProperty("content", out var content) || !content.TryGetProperty(mediaType, out var media) ? [$"{mediaType} is not documented"]
                : json.ValueKind == JsonValueKind.Undefined ? []
                : _check.Problems(media.GetProperty("schema"), json);
        }

        /// <summary>The documented path with the most literal segments that fits.</summary>
        private string Match(string path)
        {
            var segments = path.Split('/');
            return Operations
                .Select(operation => operation.Name.Split(' ')[1])
                .Where(template => template.Split('/') is var parts && parts.Length == segments.Length
                    && parts.Zip(segments).All(pair => pair.First == pair.Second || pair.First.StartsWith('{')))
                .MinBy(template => template.Count(letter => letter == '{'))
                ?? throw new InvalidOperationException($"{path} is not documented.");
        }
    }
}
