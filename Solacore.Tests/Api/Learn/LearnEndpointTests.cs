using System.Net;
using System.Text.Json;
using Npgsql;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api.Learn;

public sealed class LearnEndpointTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private ApiHost _host = null!;
    private Person _ann = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ApiHost.StartAsync(database);
        _ann = await _host.RegisterAsync();
    }

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("", null, "quick", "pareto", "pareto feynman grow")]
    [InlineData("?mode=deep", "{}", "deep", "pareto", "pareto feynman chunking dual_coding interleaving retrieval spaced grow socratic error_driven")]
    [InlineData("?mode=custom", "{}", "custom", null, "")]
    public async Task a_session_begins_with_the_plan_of_its_mode(string query, string? body, string mode, string? tool, string plan)
    {
        var answer = await _ann.Client.PostAsync("/learn" + query, body, ("X-Device-Fingerprint", _ann.Fingerprint));

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var started = answer.Json;
        Assert.Equal(["session_id", "status", "current_step", "created_at"], Names(started));
        Assert.Equal(("active", "start"), (started.GetProperty("status").GetString(), started.GetProperty("current_step").GetString()));
        var session = (await _ann.Client.FetchAsync($"/learn/{started.GetProperty("session_id").GetString()}")).Json;
        Assert.Equal(
            ["id", "status", "current_step", "topic", "key_concepts", "review_schedule", "created_at", "completed_at", "messages", "learning_mode", "current_tool", "tool_plan", "learning_summary"],
            Names(session));
        Assert.Equal((mode, tool, plan), (Text(session, "learning_mode"), Text(session, "current_tool"), Ids(session, "tool_plan")));
        Assert.Equal(JsonValueKind.Null, session.GetProperty("review_schedule").ValueKind);
        Assert.True(await database.ScalarAsync<bool>("select device_id is not null from learn_sessions where id = $1", session.GetProperty("id").GetGuid()));
    }

    [Fact]
    public async Task the_ten_tools_are_served_in_the_order_of_a_deep_plan()
    {
        var tools = (await _ann.Client.FetchAsync("/learn/tools")).Json.GetProperty("tools").EnumerateArray().ToList();

        Assert.Equal(
            "pareto 5 feynman 8 chunking 10 dual_coding 8 interleaving 10 retrieval 6 spaced 4 grow 10 socratic 10 error_driven 8",
            string.Join(' ', tools.Select(t => $"{Text(t, "id")} {t.GetProperty("estimated_minutes").GetInt32()}")));
        Assert.All(tools, t => Assert.Equal(["id", "name", "description", "estimated_minutes", "scenarios"], Names(t)));
        Assert.All(tools, t => Assert.Equal(3, t.GetProperty("scenarios").GetArrayLength()));
    }

    [Fact]
    public async Task the_list_shows_ones_own_sessions_newest_first()
    {
        var first = await StartAsync();
        var second = await StartAsync();
        await StoreAsync(first, "user", new string('x', 51));
        await StoreAsync(first, "user", "later");
        var bob = await _host.RegisterAsync();

        var page = (await _ann.Client.FetchAsync("/learn?limit=1&offset=1")).Json;
        var item = page.GetProperty("sessions")[0];

        Assert.Equal((2, 1, 1), (page.GetProperty("total").GetInt32(), page.GetProperty("limit").GetInt32(), page.GetProperty("offset").GetInt32()));
        Assert.Equal(["id", "status", "current_step", "topic", "created_at", "first_message"], Names(item));
        Assert.Equal((first.ToString(), new string('x', 50) + "..."), (Text(item, "id"), Text(item, "first_message")));
        var newest = (await _ann.Client.FetchAsync("/learn")).Json.GetProperty("sessions")[0];
        Assert.Equal((second.ToString(), null), (Text(newest, "id"), Text(newest, "first_message")));
        Assert.Equal("""{"sessions":[],"total":0,"limit":20,"offset":0}""", (await bob.Client.FetchAsync("/learn")).Body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _ann.Client.FetchAsync("/learn?limit=101")).Status);
    }

    [Fact]
    public async Task messages_are_shown_oldest_first_unless_left_out()
    {
        var session = await StartAsync();
        await StoreAsync(session, "user", "one");
        await StoreAsync(session, "assistant", "two");

        var shown = (await _ann.Client.FetchAsync($"/learn/{session}")).Json.GetProperty("messages").EnumerateArray().ToList();

        Assert.Equal(["user one", "assistant two"], shown.Select(m => $"{Text(m, "role")} {Text(m, "content")}"));
        Assert.All(shown, m => Assert.Equal(["id", "role", "content", "step", "tool", "created_at"], Names(m)));
        Assert.Contains("\"messages\":[],", (await _ann.Client.FetchAsync($"/learn/{session}?include_messages=false")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_step_can_be_set_by_body_and_query_and_the_body_wins()
    {
        var session = await StartAsync();

        var byBody = (await _ann.Client.PatchAsync($"/learn/{session}?current_step=plan", """{"current_step":"explore"}""")).Json;
        var byQuery = (await _ann.Client.PatchAsync($"/learn/{session}?current_step=plan&status=completed", json: null)).Json;
        var again = (await _ann.Client.PatchAsync($"/learn/{session}", """{"current_step":"start","status":"active"}""")).Json;

        Assert.Equal(("explore", "active", null), (Text(byBody, "current_step"), Text(byBody, "status"), Text(byBody, "completed_at")));
        Assert.Equal(("plan", "completed"), (Text(byQuery, "current_step"), Text(byQuery, "status")));
        Assert.EndsWith("Z", Text(byQuery, "completed_at"), StringComparison.Ordinal);
        Assert.Equal(("start", "active"), (Text(again, "current_step"), Text(again, "status")));
        Assert.Equal(JsonValueKind.Array, byBody.GetProperty("messages").ValueKind);
        Assert.Equal(JsonValueKind.String, byBody.GetProperty("created_at").ValueKind);
    }

    [Theory]
    [InlineData("POST", "/learn?mode=zzz", null, """{"error":"INVALID_MODE"}""")]
    [InlineData("PATCH", "/learn/{id}?current_step=zzz", null, """{"error":"INVALID_STEP"}""")]
    [InlineData("PATCH", "/learn/{id}", """{"status":"archived"}""", """{"error":"INVALID_STATUS"}""")]
    [InlineData("POST", "/learn/{id}/messages", """{"content":"x"}""", """{"error":"STEP_OR_TOOL_REQUIRED"}""")]
    [InlineData("POST", "/learn/{id}/messages", """{"content":"x","step":"","tool":null}""", """{"error":"STEP_OR_TOOL_REQUIRED"}""")]
    [InlineData("POST", "/learn/{id}/messages", """{"content":"x","tool":"zzz"}""", """{"error":"INVALID_TOOL","tool":"zzz"}""")]
    [InlineData("POST", "/learn/{id}/messages", """{"content":"x","tool":"spaced"}""", """{"error":"TOOL_NOT_IN_PLAN","tool":"spaced"}""")]
    [InlineData("POST", "/learn/{id}/messages", """{"content":"x","step":"zzz"}""", """{"error":"INVALID_STEP"}""")]
    [InlineData("POST", "/learn/{id}/path", """{"mode":"custom"}""", """{"error":"TOOLS_REQUIRED"}""")]
    [InlineData("POST", "/learn/{id}/path", """{"mode":"custom","selected_tools":["grow","zzz"]}""", """{"error":"INVALID_TOOL","tools":["zzz"]}""")]
    [InlineData("POST", "/learn/{id}/path", """{"mode":"quick","preferred_order":["spaced"]}""", """{"error":"INVALID_PREFERRED_ORDER","tools":["spaced"]}""")]
    [InlineData("PATCH", "/learn/{id}/current-tool", """{"tool":"spaced"}""", """{"error":"TOOL_NOT_IN_PLAN"}""")]
    public async Task a_broken_rule_is_named(string method, string path, string? body, string detail)
    {
        var session = await StartAsync();

        var answer = await SendAsync(_ann, method, path, body, session);

        Assert.Equal((HttpStatusCode.BadRequest, detail), (answer.Status, answer.Json.GetProperty("detail").GetRawText()));
    }

    [Theory]
    [InlineData("POST", "/learn/{id}/messages", """{"content":" ","step":"start"}""")]
    [InlineData("POST", "/learn/{id}/messages", """{"step":"start"}""")]
    [InlineData("POST", "/learn/{id}/path", """{"mode":"zzz"}""")]
    [InlineData("POST", "/learn/{id}/path", "{}")]
    [InlineData("PATCH", "/learn/{id}/current-tool", "{}")]
    [InlineData("GET", "/learn/zzz", null)]
    public async Task a_malformed_request_is_422(string method, string path, string? body) =>
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync(_ann, method, path, body, await StartAsync())).Status);

    [Theory]
    [InlineData("GET", "/learn/{id}", null)]
    [InlineData("PATCH", "/learn/{id}", """{"current_step":"zzz"}""")]
    [InlineData("DELETE", "/learn/{id}", null)]
    [InlineData("POST", "/learn/{id}/messages", """{"content":"x"}""")]
    [InlineData("POST", "/learn/{id}/path", """{"mode":"custom"}""")]
    [InlineData("PATCH", "/learn/{id}/current-tool", """{"tool":"zzz"}""")]
    [InlineData("GET", "/learn/{id}/progress", null)]
    public async Task somebody_elses_session_does_not_exist(string method, string path, string? body)
    {
        var session = await StartAsync();
        var bob = await _host.RegisterAsync();

        var answer = await SendAsync(bob, method, path, body, session);

        Assert.Equal((HttpStatusCode.NotFound, """{"error":"SESSION_NOT_FOUND"}"""), (answer.Status, answer.Json.GetProperty("detail").GetRawText()));
        Assert.Equal(HttpStatusCode.Unauthorized, (await _host.Client.FetchAsync($"/learn/{session}")).Status);
    }

    [Fact]
    public async Task a_path_is_chosen_and_walked()
    {
        var session = await StartAsync();

        var path = await _ann.Client.PostAsync(
            $"/learn/{session}/path", """{"mode":"custom","selected_tools":["grow","spaced","grow","socratic"],"preferred_order":["socratic"]}""");
        var tool = await _ann.Client.PatchAsync($"/learn/{session}/current-tool", """{"tool":"grow"}""");
        var progress = await _ann.Client.FetchAsync($"/learn/{session}/progress");

        Assert.Equal(
            $$"""{"session_id":"{{session}}","mode":"custom","current_tool":"socratic","tool_plan":["socratic","grow","spaced"]}""", path.Body);
        Assert.Equal($$"""{"session_id":"{{session}}","current_tool":"grow","tool_plan":["socratic","grow","spaced"]}""", tool.Body);
        Assert.Equal(
            $$"""{"session_id":"{{session}}","mode":"custom","current_tool":"grow","tool_plan":["socratic","grow","spaced"],"completed_tools":["socratic"],"progress_percentage":33}""",
            progress.Body);
    }

    [Theory]
    [InlineData("POST", "/learn/{id}/messages", """{"content":"x"}""")]
    [InlineData("POST", "/learn/{id}/path", """{"mode":"custom"}""")]
    [InlineData("PATCH", "/learn/{id}/current-tool", """{"tool":"zzz"}""")]
    public async Task a_session_that_is_over_takes_nothing_more(string method, string path, string body)
    {
        var session = await StartAsync();
        await _ann.Client.PatchAsync($"/learn/{session}", """{"status":"abandoned"}""");

        var answer = await SendAsync(_ann, method, path, body, session);

        Assert.Equal((HttpStatusCode.BadRequest, """{"error":"SESSION_NOT_ACTIVE"}"""), (answer.Status, answer.Json.GetProperty("detail").GetRawText()));
        Assert.Equal(HttpStatusCode.OK, (await _ann.Client.FetchAsync($"/learn/{session}/progress")).Status);
    }

    [Theory]
    [InlineData("chess openings", "actually I'd rather learn the endgame, king and pawn", "the endgame")]
    [InlineData("chess openings", "the knight moves like an L", "chess openings")]
    public async Task another_topic_that_is_asked_for_becomes_the_sessions(string topic, string text, string expected)
    {
        var session = await StartAsync();
        await database.ExecuteAsync($"update learn_sessions set topic = '{topic}' where id = '{session}'");

        // Nobody answers: the beginning of the stream is enough.
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/learn/{session}/messages")
        {
            Content = Requests.Json(JsonSerializer.Serialize(new { content = text, step = "explore" })),
        };
        using var answer = await _ann.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        Assert.Equal(expected, await database.ScalarAsync<string>("select topic from learn_sessions where id = $1", session));
    }

    [Fact]
    public async Task a_deleted_session_takes_its_messages_along()
    {
        var session = await StartAsync();
        await StoreAsync(session, "user", "one");

        var deleted = await SendAsync(_ann, "DELETE", "/learn/{id}", null, session);

        Assert.Equal((HttpStatusCode.NoContent, ""), (deleted.Status, deleted.Body));
        Assert.Equal(HttpStatusCode.NotFound, (await _ann.Client.FetchAsync($"/learn/{session}")).Status);
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from learn_messages where session_id = $1", session));
    }

    [Fact]
    public async Task a_tool_that_another_change_has_just_taken_out_of_the_plan_is_not_gone_to()
    {
        var session = await StartAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var other = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var change = new NpgsqlCommand(
            "update learn_sessions set learning_mode = 'custom', tool_plan = '{spaced}', current_tool = 'spaced' where id = $1", connection, other)
        {
            Parameters = { new() { Value = session } },
        };
        await change.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var switching = SendAsync(_ann, "PATCH", "/learn/{id}/current-tool", """{"tool":"feynman"}""", session);
        await Eventually.BeTrueAsync("a change that waits", database.HasWaiterAsync);
        await other.CommitAsync(TestContext.Current.CancellationToken);

        var answer = await switching;
        Assert.Equal((HttpStatusCode.BadRequest, "TOOL_NOT_IN_PLAN"), (answer.Status, answer.Json.GetProperty("error").GetString()));
        Assert.Equal("spaced", await database.ScalarAsync<string>("select current_tool from learn_sessions where id = $1", session));
    }

    private async Task<Guid> StartAsync() => (await _ann.Client.PostAsync("/learn", json: null)).Json.GetProperty("session_id").GetGuid();

    private Task StoreAsync(Guid session, string role, string content) => database.ExecuteAsync(
        "insert into learn_messages (id, session_id, role, content) values (gen_random_uuid(), $1, $2, $3)", session, role, content);

    private static Task<Answer> SendAsync(Person person, string method, string path, string? body, Guid session) => person.Client.SendAsync(
        new HttpMethod(method), path.Replace("{id}", session.ToString(), StringComparison.Ordinal), body is null ? null : Requests.Json(body));

    private static string? Text(JsonElement value, string name) => value.GetProperty(name).GetString();

    private static IEnumerable<string> Names(JsonElement value) => value.EnumerateObject().Select(member => member.Name);

    private static string Ids(JsonElement value, string name) => string.Join(' ', value.GetProperty(name).EnumerateArray().Select(id => id.GetString()));
}
