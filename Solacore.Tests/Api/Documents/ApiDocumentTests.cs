using System.Text.Json;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api.Documents;

public sealed class ApiDocumentTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task the_document_is_openapi_3_1_and_names_both_ways_to_sign_in()
    {
        await using var host = await EdgeHost.StartAsync(new Dictionary<string, string?> { ["APP_VERSION"] = "1.2.3" });

        var answer = await host.Client.FetchAsync("/openapi.json");
        var root = answer.Json;

        Assert.Equal("application/json", answer.Header("Content-Type"));
        Assert.StartsWith("3.1", root.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            ("Solacore API", "1.2.3"),
            (root.GetProperty("info").GetProperty("title").GetString(), root.GetProperty("info").GetProperty("x-api-version").GetString()));
        var schemes = root.GetProperty("components").GetProperty("securitySchemes");
        Assert.Equal(
            ("http", "bearer", "JWT"),
            (Text(schemes, "BearerAuth", "type"), Text(schemes, "BearerAuth", "scheme"), Text(schemes, "BearerAuth", "bearerFormat")));
        Assert.Equal(
            ("apiKey", "cookie", "access_token"),
            (Text(schemes, "CookieAuth", "type"), Text(schemes, "CookieAuth", "in"), Text(schemes, "CookieAuth", "name")));
    }

    [Fact]
    public async Task an_operation_is_described_by_what_reads_and_refuses_it()
    {
        await using var host = await EdgeHost.StartAsync();

        var root = (await host.Client.FetchAsync("/openapi.json")).Json;
        var post = root.GetProperty("paths").GetProperty("/things").GetProperty("post");
        var patch = root.GetProperty("paths").GetProperty("/things/{thing_id}").GetProperty("patch");

        Assert.Equal(["200", "401", "403", "413", "422", "429", "500", "503"], post.GetProperty("responses").EnumerateObject().Select(answer => answer.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            """[{"name":"X-Device-Fingerprint","in":"header","required":true,"schema":{"maxLength":255,"minLength":1,"type":"string"}}]""",
            Compact(post.GetProperty("parameters")));
        Assert.Equal(
            """[{"name":"thing_id","in":"path","required":true,"schema":{"type":"string","format":"uuid"}}]""",
            Compact(patch.GetProperty("parameters")));
        Assert.Equal(
            """{"required":["name","mode"],"type":"object","properties":{"name":{"maxLength":10,"minLength":1,"type":"string"},"mode":{"enum":["quick","deep","custom"],"type":"string"},"template_id":{"type":["null","string"],"format":"uuid"},"tags":{"maxItems":2,"type":["null","array"],"items":{"type":"string"}},"is_open":{"type":"boolean"},"size":{"type":"integer"}}}""",
            Compact(post.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema")));
    }

    [Theory]
    [InlineData("post", "/sessions", """[{"BearerAuth":[]},{"CookieAuth":[],"CsrfToken":[]}]""")]
    [InlineData("get", "/sessions", """[{"BearerAuth":[]},{"CookieAuth":[]}]""")]
    [InlineData("post", "/sessions/{session_id}/messages", """[{"BearerAuth":[]},{"CookieAuth":[]}]""")]
    [InlineData("post", "/auth/login", null)]
    public async Task a_protected_operation_says_what_opens_it(string method, string path, string? security)
    {
        await using var host = await ApiHost.StartAsync(database);

        var operation = await OperationAsync(host, method, path);

        Assert.Equal(security, operation.TryGetProperty("security", out var required) ? Compact(required) : null);
    }

    [Theory]
    [InlineData("post", "/sessions/{session_id}/messages", "Idempotency-Key", false)]
    [InlineData("post", "/learn/{session_id}/messages", "Idempotency-Key", false)]
    [InlineData("get", "/sessions/{session_id}/turns/{turn_id}/events", "Last-Event-ID", false)]
    [InlineData("post", "/webhooks/stripe", "Stripe-Signature", true)]
    public async Task a_header_that_a_handler_reads_by_itself_is_described(string method, string path, string header, bool isRequired)
    {
        await using var host = await ApiHost.StartAsync(database);

        var described = (await OperationAsync(host, method, path)).GetProperty("parameters").EnumerateArray()
            .Single(parameter => parameter.GetProperty("name").GetString() == header);

        Assert.Equal(("header", isRequired), (described.GetProperty("in").GetString(), described.TryGetProperty("required", out var required) && required.GetBoolean()));
    }

    [Theory]
    [InlineData("/webhooks/stripe")]
    [InlineData("/webhooks/revenuecat")]
    public async Task the_event_of_a_store_is_described_as_a_body_that_no_rule_of_ours_refuses(string path)
    {
        await using var host = await ApiHost.StartAsync(database);

        var operation = await OperationAsync(host, "post", path);

        Assert.Equal("""{"type":"object"}""", Compact(operation.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema")));
        Assert.False(operation.GetProperty("responses").TryGetProperty("422", out _));
    }

    private static async Task<JsonElement> OperationAsync(ApiHost host, string method, string path) =>
        (await host.Client.FetchAsync("/openapi.json")).Json.GetProperty("paths").GetProperty(path).GetProperty(method);

    private static string? Text(JsonElement schemes, string scheme, string member) =>
        schemes.GetProperty(scheme).GetProperty(member).GetString();

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);
}
