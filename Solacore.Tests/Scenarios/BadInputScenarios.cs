using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Npgsql;
using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.LocalHost;

namespace Solacore.Tests.Scenarios;

/// <summary>Bad input gets the contract's answer and leaves nothing behind.</summary>
public sealed class BadInputScenarios(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task messages_that_cannot_be_taken_are_refused_and_leave_nothing()
    {
        var redis = await SharedServers.Redis;
        await using var system = await RunningSystem.StartAsync(database.ConnectionString, redis.ConnectionString);
        var api = system.Apis[0];
        using var ann = await Visitor.RegisterAsync(api);
        using var bob = await Visitor.RegisterAsync(api);
        var session = await ann.StartSessionAsync(api);
        var path = $"/sessions/{session}/messages";
        const string good = """{"content":"I feel stuck","step":"receive"}""";
        (string Case, string? Token, string Path, string Body, int Status, string Error)[] cases =
        [
            ("garbage body", ann.Token, path, "\u0001garbage", 422, "VALIDATION_ERROR"),
            ("broken JSON without a token", null, path, "{\"content\":", 422, "VALIDATION_ERROR"),
            ("no token", null, path, good, 401, "INVALID_TOKEN"),
            ("garbage token", "garbage", path, good, 401, "INVALID_TOKEN"),
            ("token of another secret", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0eXBlIjoiYWNjZXNzIn0.c2lnbmF0dXJl", path, good, 401, "INVALID_TOKEN"),
            ("another person's session", bob.Token, path, good, 404, "SESSION_NOT_FOUND"),
            ("unknown session", ann.Token, $"/sessions/{Guid.CreateVersion7()}/messages", good, 404, "SESSION_NOT_FOUND"),
            ("an id that is none", ann.Token, "/sessions/abc/messages", good, 422, "VALIDATION_ERROR"),
            ("no content", ann.Token, path, """{"step":"receive"}""", 422, "VALIDATION_ERROR"),
            ("blank content", ann.Token, path, """{"content":"  ","step":"receive"}""", 422, "VALIDATION_ERROR"),
            ("content too long", ann.Token, path, JsonSerializer.Serialize(new { content = new string('x', 4001), step = "receive" }), 422, "VALIDATION_ERROR"),
            ("white space without end", ann.Token, path, JsonSerializer.Serialize(new { content = "x" + new string(' ', 4001), step = "receive" }), 422, "VALIDATION_ERROR"),
            ("unknown step", ann.Token, path, """{"content":"x","step":"dance"}""", 422, "VALIDATION_ERROR"),
            ("a content that is no text", ann.Token, path, """{"content":{"a":1},"step":"receive"}""", 422, "VALIDATION_ERROR"),
            ("eleven megabytes", ann.Token, path, JsonSerializer.Serialize(new { content = new string('x', 11 * 1024 * 1024), step = "receive" }), 413, "PAYLOAD_TOO_LARGE"),
        ];
        using var client = new HttpClient();
        foreach (var (name, token, where, body, status, error) in cases)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api.Address, where))
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            if (token is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            using var response = await client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode == status, $"{name}: {response.StatusCode} {text}");
            Assert.Equal(error, JsonDocument.Parse(text).RootElement.GetProperty("error").GetString());
        }

        using (var keyed = await ann.SayAsync(api, session, "I feel stuck", idempotencyKey: new string('k', 256)))
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, keyed.Status);
        }

        Assert.Equal(0L, await database.ScalarAsync<long>("select (select count(*) from messages) + (select count(*) from turns) + (select count(*) from jobs where kind like '%.reply')"));
    }

    [Fact]
    public async Task without_its_database_the_api_accepts_nothing_and_says_when_to_come_back()
    {
        using var folder = new TemporaryFolder();
        await using var postgres = await PostgresServer.StartAsync(new PostgresOptions(folder.PathOf("postgres")));
        await postgres.CreateDatabaseAsync("solacore");
        var connection = postgres.ConnectionString("solacore");
        await RunningSystem.MigrateAsync(connection);
        var redis = await SharedServers.Redis;
        await using var system = await RunningSystem.StartAsync(connection, redis.ConnectionString);
        var api = system.Apis[0];
        using var ann = await Visitor.RegisterAsync(api);
        var session = await ann.StartSessionAsync(api);

        await postgres.KillAsync();

        using var refused = await ann.SayAsync(api, session, "I feel stuck");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        using var sender = new StripeSender();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await sender.DeliverAsync(api.Address, StripeSender.Checkout("evt_down", ann.Id, "cus_down")));
        using var client = new HttpClient();
        using var health = await Eventually.BeAsync(
            "unhealthy", () => client.GetAsync(new Uri(api.Address, "/health")), response => response.StatusCode == HttpStatusCode.ServiceUnavailable);
        Assert.Equal("""{"status":"unhealthy","version":"1.0.0","database":"disconnected"}""", await health.Content.ReadAsStringAsync());

        await postgres.RestartAsync();

        // The pool may still hold connections of before; a client comes back as it was told to.
        using var reply = await Eventually.BeAsync(
            "an accepted message", () => ann.SayAsync(api, session, "I feel stuck"), said => said.Status == HttpStatusCode.OK);
        Assert.Equal("done", (await reply.ToEndAsync())!.Name);
        Assert.Equal(HttpStatusCode.OK, await sender.DeliverAsync(api.Address, StripeSender.Checkout("evt_down", ann.Id, "cus_down")));
    }

    [Fact]
    public async Task a_database_that_can_only_be_read_counts_as_away_until_it_takes_writes_again()
    {
        using var folder = new TemporaryFolder();
        await using var postgres = await PostgresServer.StartAsync(new PostgresOptions(folder.PathOf("postgres")));
        await postgres.CreateDatabaseAsync("solacore");
        var connection = postgres.ConnectionString("solacore");
        await RunningSystem.MigrateAsync(connection);
        var redis = await SharedServers.Redis;
        await using var system = await RunningSystem.StartAsync(connection, redis.ConnectionString);
        var api = system.Apis[0];
        using var ann = await Visitor.RegisterAsync(api);
        var session = await ann.StartSessionAsync(api);
        using var sender = new StripeSender();
        using var client = new HttpClient();
        await using var operators = NpgsqlDataSource.Create(postgres.ConnectionString("postgres"));

        await ExecuteAsync("alter database solacore set default_transaction_read_only = on");
        await ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'solacore'");

        using var refused = await ann.SayAsync(api, session, "I feel stuck");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await sender.DeliverAsync(api.Address, StripeSender.Checkout("evt_read", ann.Id, "cus_read")));
        await ReadyAsync(HttpStatusCode.ServiceUnavailable);

        // Sessions keep the setting with which they began, so what is in the pool has to go.
        await ExecuteAsync("alter database solacore reset default_transaction_read_only");

        await ReadyAsync(HttpStatusCode.OK);
        using var reply = await Eventually.BeAsync(
            "an accepted message", () => ann.SayAsync(api, session, "I feel stuck"), said => said.Status == HttpStatusCode.OK);
        Assert.Equal("done", (await reply.ToEndAsync())!.Name);
        Assert.Equal(HttpStatusCode.OK, await sender.DeliverAsync(api.Address, StripeSender.Checkout("evt_read", ann.Id, "cus_read")));

        async Task ExecuteAsync(string sql)
        {
            await using var command = operators.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }

        Task ReadyAsync(HttpStatusCode status) => Eventually.BeTrueAsync($"ready is {status}", async () =>
        {
            using var answer = await client.GetAsync(new Uri(api.Address, "/health/ready"));
            return answer.StatusCode == status;
        });
    }
}
