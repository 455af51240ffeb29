using System.Globalization;
using System.Net;
using System.Text.Json;
using Npgsql;
using Solacore.Core.Turns;
using Solacore.Tests.Infrastructure;
using StackExchange.Redis;

namespace Solacore.Tests.Scenarios;

/// <summary>What the apps do with sessions besides talking, against real processes.</summary>
public sealed class SessionScenarios(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Theory]
    [InlineData("/sessions/{0}")]
    [InlineData("/account")]
    public async Task what_was_said_in_a_deleted_session_is_in_no_stream_any_more(string path)
    {
        var redis = await SharedServers.Redis;
        await using var streams = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await using var system = await RunningSystem.StartAsync(database.ConnectionString, redis.ConnectionString);
        var api = system.Apis[0];
        using var ann = await Visitor.RegisterAsync(api);
        var session = await ann.StartSessionAsync(api);
        using var reply = await ann.SayAsync(api, session, "I feel worried about my exam");
        await reply.ToEndAsync();
        Assert.True(await streams.GetDatabase().KeyExistsAsync(TurnStream.Key(reply.Turn)));

        Assert.Equal(HttpStatusCode.NoContent, await ann.SendAsync(api, HttpMethod.Delete, string.Format(CultureInfo.InvariantCulture, path, session)));

        Assert.False(await streams.GetDatabase().KeyExistsAsync(TurnStream.Key(reply.Turn)));
    }

    [Theory]
    [InlineData("/sessions/{0}", "solve")]
    [InlineData("/learn/{0}", "learn")]
    [InlineData("/account", "solve")]
    public async Task what_is_said_while_its_session_is_being_deleted_is_in_no_stream_either(string path, string kind)
    {
        var redis = await SharedServers.Redis;
        await using var streams = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await using var system = await RunningSystem.StartAsync(database.ConnectionString, redis.ConnectionString, workers: 0);
        var api = system.Apis[0];
        using var ann = await Visitor.RegisterAsync(api);
        var session = kind == "solve" ? await ann.StartSessionAsync(api) : await ann.StartLearningAsync(api);
        var turn = Guid.CreateVersion7();
        await streams.GetDatabase().StreamAddAsync(TurnStream.Key(turn), "text", "I hear you");

        // What a message leaves behind, held before its commit.
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var saying = await connection.BeginTransactionAsync();
        async Task DoAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = session }, new() { Value = turn }, new() { Value = ann.Id } } };
            await command.ExecuteNonQueryAsync();
        }

        await DoAsync($"select $2::uuid, $3::uuid from {kind}_sessions where id = $1 for no key update");
        var deleting = ann.SendAsync(api, HttpMethod.Delete, string.Format(CultureInfo.InvariantCulture, path, session));
        await Eventually.BeTrueAsync("the deletion waits", database.HasWaiterAsync);
        await DoAsync(
            $"""
            insert into turns (id, user_id, {kind}_session_id, status, attempt, user_message_id, locale, created_at, input_tokens, output_tokens)
            values ($2, $3, $1, 'queued', 0, gen_random_uuid(), 'en', now(), 0, 0)
            """);
        await saying.CommitAsync();

        Assert.Equal(HttpStatusCode.NoContent, await deleting);
        Assert.False(await streams.GetDatabase().KeyExistsAsync(TurnStream.Key(turn)));
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from turns where id = $1", turn));
    }

    [Fact]
    public async Task nothing_breaks_when_no_analytics_can_be_written()
    {
        await using var own = new TestDatabase();
        await own.InitializeAsync();
        await own.ExecuteAsync("alter table analytics_events add constraint none check (false)");
        await using var system = await RunningSystem.StartAsync(own.ConnectionString, (await SharedServers.Redis).ConnectionString);
        var api = system.Apis[0];
        using var ann = await Visitor.RegisterAsync(api);
        var session = await ann.StartSessionAsync(api);

        using var reply = await ann.SayAsync(api, session, "I feel worried about my exam");
        using var help = await ann.SayAsync(api, session, "I want to die");

        Assert.Equal(("done", "done"), ((await reply.ToEndAsync())!.Name, (await help.ToEndAsync())!.Name));
        Assert.Equal(HttpStatusCode.OK, await ann.SendAsync(api, HttpMethod.Patch, $"/sessions/{session}", new { status = "completed" }));
        Assert.Equal(1, await own.ScalarAsync<int>("select max(attempt) from turns"));
    }

    [Fact]
    public async Task a_session_is_listed_changed_exported_and_deleted()
    {
        var redis = await SharedServers.Redis;
        await using var system = await RunningSystem.StartAsync(database.ConnectionString, redis.ConnectionString);
        var api = system.Apis[0];
        using var ann = await Visitor.RegisterAsync(api);
        using var bob = await Visitor.RegisterAsync(api);
        var session = await ann.StartSessionAsync(api);
        using (var reply = await ann.SayAsync(api, session, "I feel worried about my exam"))
        {
            Assert.Equal("done", (await reply.ToEndAsync())!.Name);
        }

        var listed = (await ann.GetAsync(api, "/sessions?q=EXAM&status=active")).GetProperty("sessions")[0];
        Assert.Equal("I feel worried about my exam", listed.GetProperty("first_message").GetString());
        Assert.Equal(0, (await ann.GetAsync(api, "/sessions?q=100%25")).GetProperty("total").GetInt32());
        Assert.Equal(0, (await bob.GetAsync(api, "/sessions/")).GetProperty("total").GetInt32());

        var changed = await ann.SendAsync(api, HttpMethod.Patch, $"/sessions/{session}",
            """{"tags":["work","work "," home"],"first_step_action":"call","reminder_time":"2030-01-01T10:00:00.000Z","step":"x"}""");
        Assert.Equal(HttpStatusCode.OK, changed.Status);
        Assert.Equal("""["work","home"]""", changed.Body.GetProperty("tags").GetRawText());
        Assert.Equal("2030-01-01T10:00:00Z", changed.Body.GetProperty("reminder_time").GetString());
        var cleared = await ann.SendAsync(api, HttpMethod.Patch, $"/sessions/{session}", """{"reminder_time":null}""");
        Assert.Equal(JsonValueKind.Null, cleared.Body.GetProperty("reminder_time").ValueKind);
        Assert.Equal("INVALID_STEP_TRANSITION", (await ann.SendAsync(api, HttpMethod.Patch, $"/sessions/{session}", """{"current_step":"commit"}""")).Error);
        Assert.Equal("INVALID_STATUS", (await ann.SendAsync(api, HttpMethod.Patch, $"/sessions/{session}", """{"status":"archived"}""")).Error);
        Assert.Equal("SESSION_NOT_FOUND", (await bob.SendAsync(api, HttpMethod.Patch, $"/sessions/{session}", "{}")).Error);

        var action = (await ann.GetAsync(api, "/actions/")).GetProperty("actions")[0];
        Assert.Equal(("call", false), (action.GetProperty("action").GetString()!, action.GetProperty("completed").GetBoolean()));
        Assert.Equal(HttpStatusCode.OK, (await ann.SendAsync(api, HttpMethod.Patch, $"/actions/{session}/complete", body: null)).Status);
        Assert.Equal(100, (await ann.GetAsync(api, "/stats/overview")).GetProperty("action_completion").GetProperty("completion_rate").GetDouble());
        Assert.Equal(5, (await ann.GetAsync(api, "/api/v1/templates")).GetProperty("total").GetInt32());

        foreach (var (path, type) in new[]
        {
            ($"/sessions/{session}/export", "text/markdown; charset=utf-8"),
            ($"/sessions/{session}/export?format=json", "application/json; charset=utf-8"),
            ("/sessions/all/export?format=csv", "text/csv; charset=utf-8"),
            ("/stats/export?format=csv", "text/csv; charset=utf-8"),
        })
        {
            var file = await ann.SendAsync(api, HttpMethod.Get, path, body: null);
            Assert.Equal((HttpStatusCode.OK, type), (file.Status, file.ContentType));
        }

        Assert.Equal("SESSION_NOT_FOUND", (await bob.SendAsync(api, HttpMethod.Delete, $"/sessions/{session}", body: null)).Error);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(api, HttpMethod.Delete, $"/sessions/{session}", body: null)).Status);
        Assert.Equal("SESSION_NOT_FOUND", (await ann.SendAsync(api, HttpMethod.Delete, $"/sessions/{session}", body: null)).Error);
        Assert.Equal(0L, await database.ScalarAsync<long>(
            """
            select (select count(*) from messages where session_id = $1)
                 + (select count(*) from turns where solve_session_id = $1)
                 + (select count(*) from analytics_events where session_id = $1)
            """, session));
    }

    [Fact]
    public async Task a_template_gives_a_session_its_role_and_its_welcome()
    {
        var redis = await SharedServers.Redis;
        await using var system = await RunningSystem.StartAsync(database.ConnectionString, redis.ConnectionString, workers: 0);
        var api = system.Apis[0];
        using var ann = await Visitor.RegisterAsync(api);
        var template = (await ann.GetAsync(api, "/api/v1/templates")).GetProperty("templates")[0].GetProperty("id").GetString();

        var started = await ann.SendAsync(api, HttpMethod.Post, "/sessions", $$"""{"template_id":"{{template}}"}""");

        Assert.Equal(HttpStatusCode.Created, started.Status);
        Assert.Equal("system assistant", await database.ScalarAsync<string>(
            "select string_agg(role, ' ' order by sequence) from messages where session_id = $1", started.Body.GetProperty("session_id").GetGuid()));
        Assert.Equal("TEMPLATE_NOT_FOUND", (await ann.SendAsync(api, HttpMethod.Post, "/sessions", $$"""{"template_id":"{{Guid.CreateVersion7()}}"}""")).Error);
    }
}
