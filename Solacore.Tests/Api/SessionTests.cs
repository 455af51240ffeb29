using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Solacore.Core.Solve;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api;

/// <summary>Lists, changes, deletion and files of solve sessions (contract/http-api.md 12).</summary>
public sealed class SessionTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync(database);

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task the_list_is_newest_first_and_tells_what_clients_show()
    {
        var ann = await _host.RegisterAsync();
        var first = await StartAsync(ann);
        var second = await StartAsync(ann);
        await WriteAsync(first, new string('x', 60));
        await PatchAsync(ann, first, """{"tags":["work","home"],"first_step_action":"call"}""");

        var list = (await ann.Client.FetchAsync("/sessions?limit=100")).Json;

        Assert.Equal([second, first], list.GetProperty("sessions").EnumerateArray().Select(s => s.GetProperty("id").GetGuid()));
        Assert.Equal((2, 100, 0), (list.GetProperty("total").GetInt32(), list.GetProperty("limit").GetInt32(), list.GetProperty("offset").GetInt32()));
        var shown = list.GetProperty("sessions")[1];
        Assert.Equal(new string('x', 50) + "...", shown.GetProperty("first_message").GetString());
        Assert.Equal("""["work","home"]""", shown.GetProperty("tags").GetRawText());
        Assert.Equal("call", shown.GetProperty("first_step_action").GetString());
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("completed_at").ValueKind);
        Assert.Equal(JsonValueKind.Null, list.GetProperty("sessions")[0].GetProperty("first_message").ValueKind);
    }

    [Fact]
    public async Task the_list_can_be_filtered_and_searched()
    {
        var ann = await _host.RegisterAsync();
        var cafe = await StartAsync(ann);
        var percent = await StartAsync(ann);
        await WriteAsync(cafe, "My café is not doing well");
        await WriteAsync(percent, "100%_ of my time");
        await WriteAsync(percent, "And 很急, großer Ärger");
        await WriteAsync(percent, "Sit down on the ottoman", "assistant");
        await PatchAsync(ann, percent, """{"tags":["home"],"status":"abandoned"}""");
        var ben = await _host.RegisterAsync();
        await WriteAsync(await StartAsync(ben), "What somebody else wrote");
        (string Query, int Found)[] filters =
        [
            ("q=CAFÉ", 1),
            ("q=" + Uri.EscapeDataString("cafe\u0301"), 1),
            ("q=100%25_", 1),
            ("q=100_", 0),
            ("q=café&tags=home", 0),
            ("q=%25_", 1),
            ("q=%25%25", 0),
            ("q=急", 1),
            ("q=ÄRGER", 1),
            ("q=a", 2),
            ("q=ottoman", 0),
            ("q=somebody", 0),
            ("q=", 2),
            ("tags=home,nowhere", 1),
            ("tags=HOME", 0),
            ("status=archived", 1),
            ("status=abandoned", 1),
            ("status=completed", 0),
            ("from_date=2020-01-01T00:00:00Z&to_date=2099-01-01T00:00:00%2B02:00", 2),
            ("to_date=2020-01-01T00:00:00", 0),
        ];

        foreach (var (query, found) in filters)
        {
            var list = (await ann.Client.FetchAsync("/sessions/?" + query)).Json;
            Assert.Equal((query, found, found), (query, list.GetProperty("total").GetInt32(), list.GetProperty("sessions").GetArrayLength()));
            Assert.All(list.GetProperty("sessions").EnumerateArray(), s => Assert.Contains(
                s.GetProperty("first_message").GetString(), (string[])["My café is not doing well", "100%_ of my time"]));
        }
    }

    [Fact]
    public async Task a_search_is_paged_and_counts_all_that_it_finds()
    {
        var ann = await _host.RegisterAsync();
        var sessions = new List<Guid>();
        foreach (var text in new[] { "the flat", "my job", "another flat", "Flat again" })
        {
            sessions.Add(await StartAsync(ann));
            await WriteAsync(sessions[^1], text);
        }

        var page = (await ann.Client.FetchAsync("/sessions?q=FLAT&limit=1&offset=1")).Json;
        var beyond = (await ann.Client.FetchAsync("/sessions?q=flat&offset=9")).Json;

        Assert.Equal((sessions[2], 3), (page.GetProperty("sessions")[0].GetProperty("id").GetGuid(), page.GetProperty("total").GetInt32()));
        Assert.Equal((0, 3), (beyond.GetProperty("sessions").GetArrayLength(), beyond.GetProperty("total").GetInt32()));
    }

    [Theory]
    [InlineData("/sessions?limit=0")]
    [InlineData("/sessions?limit=101")]
    [InlineData("/sessions?offset=-1")]
    [InlineData("/learn?offset=99999999999999999999")]
    [InlineData("/sessions?status=done")]
    [InlineData("/sessions/all/export?format=xml")]
    [InlineData("/sessions/all/export?start_date=soon")]
    [InlineData("/sessions/nothing/export")]
    [InlineData("/actions/?status=late")]
    [InlineData("/actions/?offset=-1")]
    [InlineData("/stats/export?format=xml")]
    public async Task unusable_queries_are_refused(string path)
    {
        var ann = await _host.RegisterAsync();

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await ann.Client.FetchAsync(path)).Status);
        var stranger = await _host.Client.FetchAsync(path);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.Status);
    }

    [Theory]
    [InlineData("""{"status":"done"}""", "INVALID_STATUS")]
    [InlineData("""{"status":"archived","current_step":"nowhere"}""", "INVALID_STATUS")]
    [InlineData("""{"current_step":"nowhere","status":"completed"}""", "INVALID_STEP")]
    [InlineData("""{"current_step":"receive","tags":["x"]}""", "INVALID_STEP_TRANSITION")]
    [InlineData("""{"current_step":"reframe"}""", "INVALID_STEP_TRANSITION")]
    public async Task a_refused_change_changes_nothing(string change, string code)
    {
        var ann = await _host.RegisterAsync();
        var session = await StartAsync(ann);
        var before = await ann.Client.FetchAsync($"/sessions/{session}");

        var answer = await ann.Client.PatchAsync($"/sessions/{session}", change);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(code, answer.Json.GetProperty("detail").GetProperty("error").GetString());
        Assert.Equal(before.Body, (await ann.Client.FetchAsync($"/sessions/{session}")).Body);
    }

    [Fact]
    public async Task a_step_by_patch_leaves_what_a_step_by_message_leaves()
    {
        var ann = await _host.RegisterAsync();
        var session = await StartAsync(ann);

        foreach (var step in new[] { "clarify", "reframe", "options", "commit" })
        {
            var moved = await PatchAsync(ann, session, $$"""{"current_step":"{{step}}","step":"ignored"}""");
            Assert.Equal(("active", step), (moved.GetProperty("status").GetString(), moved.GetProperty("current_step").GetString()));
        }

        await PatchAsync(ann, session, """{"status":"completed"}""");
        await PatchAsync(ann, session, """{"status":"completed"}""");

        Assert.Equal(
            "receive clarify reframe options commit",
            await database.ScalarAsync<string>(
                "select string_agg(step, ' ' order by started_at) from step_history where session_id = $1 and completed_at is not null", session));
        Assert.Equal(
            "session_completed step_completed step_completed step_completed step_completed step_completed",
            await database.ScalarAsync<string>(
                "select string_agg(event_type, ' ' order by event_type) from analytics_events where session_id = $1 and event_type <> 'session_started'",
                session));
        Assert.True((await ann.Client.FetchAsync($"/sessions/{session}")).Json.TryGetProperty("completed_at", out _));
    }

    [Fact]
    public async Task a_reminder_is_set_kept_armed_again_and_cleared()
    {
        var ann = await _host.RegisterAsync();
        var session = await StartAsync(ann);

        var set = await PatchAsync(ann, session, """{"reminder_time":"2030-01-02T03:04:05.678Z"}""");
        await database.ExecuteAsync("update solve_sessions set reminder_sent = true, reminder_sent_at = now() where id = $1", session);
        var kept = await PatchAsync(ann, session, "{}");
        var sent = await database.ScalarAsync<bool>("select reminder_sent from solve_sessions where id = $1", session);
        var moved = await PatchAsync(ann, session, """{"reminder_time":"2031-01-02T03:04:05+02:00"}""");
        var armed = await database.ScalarAsync<bool>("select not reminder_sent from solve_sessions where id = $1", session);
        var cleared = await PatchAsync(ann, session, """{"reminder_time":null}""");

        Assert.Equal("2030-01-02T03:04:05.678000Z", set.GetProperty("reminder_time").GetString());
        Assert.Equal("2030-01-02T03:04:05.678000Z", kept.GetProperty("reminder_time").GetString());
        Assert.Equal("2031-01-02T01:04:05Z", moved.GetProperty("reminder_time").GetString());
        Assert.Equal((true, true), (sent, armed));
        Assert.Equal(JsonValueKind.Null, cleared.GetProperty("reminder_time").ValueKind);
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z", HttpStatusCode.UnprocessableEntity)]
    [InlineData("0001-01-01T00:00:00.0000009Z", HttpStatusCode.UnprocessableEntity)]
    [InlineData("0001-01-01T00:00:00.000001Z", HttpStatusCode.OK)]
    [InlineData("9999-12-31T23:59:59.9999998Z", HttpStatusCode.OK)]
    [InlineData("9999-12-31T23:59:59.9999999Z", HttpStatusCode.UnprocessableEntity)]
    public async Task a_reminder_is_never_at_an_infinite_time(string time, HttpStatusCode status)
    {
        var ann = await _host.RegisterAsync();
        var session = await StartAsync(ann);

        var answer = await ann.Client.PatchAsync($"/sessions/{session}", $$"""{"reminder_time":"{{time}}"}""");

        Assert.Equal(status, answer.Status);
        Assert.True(await database.ScalarAsync<bool>("select coalesce(isfinite(reminder_time), true) from solve_sessions where id = $1", session));
    }

    [Fact]
    public async Task tags_are_trimmed_cut_and_told_once()
    {
        var ann = await _host.RegisterAsync();
        var session = await StartAsync(ann);

        var changed = await PatchAsync(ann, session, $$"""{"tags":[" a ","","a","{{new string('长', 51)}}"],"locale":"zh-CN"}""");
        var repeated = await PatchAsync(ann, session, JsonSerializer.Serialize(new { tags = Enumerable.Range(0, 21).Select(n => n % 2 == 0 ? "even" : "odd") }));
        var tooMany = await ann.Client.PatchAsync($"/sessions/{session}", JsonSerializer.Serialize(new { tags = Enumerable.Range(0, 21).Select(n => $"t{n}") }));
        var tooLong = await ann.Client.PatchAsync($"/sessions/{session}", """{"locale":"12345678901"}""");

        Assert.Equal(["a", new string('长', 50)], changed.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()!));
        Assert.Equal(2, repeated.GetProperty("tags").GetArrayLength());
        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (tooMany.Status, tooLong.Status));
    }

    [Fact]
    public async Task a_deleted_session_is_gone_with_all_that_belongs_to_it()
    {
        var ann = await _host.RegisterAsync();
        var session = await StartAsync(ann);
        await WriteAsync(session, "hello");

        var deleted = await ann.Client.SendAsync(HttpMethod.Delete, $"/sessions/{session}", content: null);
        var again = await ann.Client.SendAsync(HttpMethod.Delete, $"/sessions/{session}", content: null);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (deleted.Status, again.Status));
        Assert.Equal(0L, await database.ScalarAsync<long>(
            """
            select (select count(*) from messages where session_id = $1) + (select count(*) from step_history where session_id = $1)
                + (select count(*) from own_words where session_id = $1)
                + (select count(*) from analytics_events where session_id = $1)
            """, session));
    }

    [Fact]
    public async Task a_step_that_nobody_knows_is_shown_as_it_is_and_nothing_follows_it()
    {
        var ann = await _host.RegisterAsync();
        var session = await StartAsync(ann);
        await database.ExecuteAsync("update solve_sessions set current_step = 'elsewhere' where id = $1", session);

        var refused = await ann.Client.PatchAsync($"/sessions/{session}", """{"current_step":"clarify"}""");

        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_CURRENT_STEP"), (refused.Status, refused.Json.GetProperty("detail").GetProperty("error").GetString()));
        Assert.Equal("elsewhere", (await ann.Client.FetchAsync($"/sessions/{session}")).Json.GetProperty("current_step").GetString());
        await using var db = database.Open();
        Assert.Equal(SolveStep.Receive, SolveSteps.Of(await db.SolveSessions.SingleAsync(s => s.Id == session, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task a_status_that_nobody_knows_counts_as_active_until_a_client_sets_another()
    {
        var ann = await _host.RegisterAsync();
        var session = await StartAsync(ann);
        await database.ExecuteAsync("update solve_sessions set status = 'paused' where id = $1", session);

        var read = (await ann.Client.FetchAsync($"/sessions/{session}")).Json;
        var stored = await database.ScalarAsync<string>("select status from solve_sessions where id = $1", session);
        var changed = await PatchAsync(ann, session, """{"status":"completed"}""");

        Assert.Equal(("active", "paused", "completed"), (read.GetProperty("status").GetString(), stored, changed.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task a_completed_session_takes_no_message_but_still_knows_where_help_is()
    {
        var ann = await _host.RegisterAsync();
        var session = await StartAsync(ann);
        await PatchAsync(ann, session, """{"status":"completed"}""");

        var refused = await ann.Client.PostAsync($"/sessions/{session}/messages", """{"content":"And now?","step":"receive"}""");
        var helped = await ann.Client.PostAsync($"/sessions/{session}/messages", """{"content":"I want to die","step":"receive"}""");

        Assert.Equal((HttpStatusCode.BadRequest, "SESSION_COMPLETED"), (refused.Status, refused.Json.GetProperty("error").GetString()));
        Assert.Equal((HttpStatusCode.OK, "text/event-stream; charset=utf-8"), (helped.Status, helped.Header("Content-Type")));
        Assert.Contains("""data: {"blocked":true,"reason":"CRISIS",""", helped.Body, StringComparison.Ordinal);
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from messages where session_id = $1", session));
    }

    [Theory]
    [InlineData("solve", "/sessions/{0}/messages", "ok", "en")]
    [InlineData("learn", "/learn/{0}/messages", "ok", "en")]
    [InlineData("solve", "/sessions/{0}/messages", "Tengo miedo", "es")]
    public async Task a_message_without_a_language_goes_on_in_that_of_the_last_reply(string kind, string path, string text, string expected)
    {
        var ann = await _host.RegisterAsync();
        var started = (await ann.Client.PostAsync(kind == "solve" ? "/sessions" : "/learn", "{}", ("X-Device-Fingerprint", ann.Fingerprint))).Json;
        var session = started.GetProperty("session_id").GetGuid();
        await database.ExecuteAsync(
            $"""
            insert into turns (id, user_id, {kind}_session_id, status, attempt, user_message_id, locale, created_at, finished_at, input_tokens, output_tokens)
            select gen_random_uuid(), '{ann.Id}', '{session}', 'completed', 1, gen_random_uuid(), locale, now() - hours * interval '1 hour', now(), 0, 0
            from (values ('es', 2), ('en', 1)) as earlier (locale, hours)
            """);
        await database.ExecuteAsync($"update users set locale = 'zh' where id = '{ann.Id}'");

        // Nobody answers: the beginning of the stream is enough.
        using var request = new HttpRequestMessage(HttpMethod.Post, string.Format(CultureInfo.InvariantCulture, path, session))
        {
            Content = Requests.Json($$"""{"content":"{{text}}","step":"{{(kind == "solve" ? "receive" : "start")}}"}"""),
        };
        using var answer = await ann.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        Assert.Equal(expected, await database.ScalarAsync<string>("select locale from turns where session_id = $1 and status = 'queued'", session));
    }

    [Theory]
    [InlineData("solve", "/sessions")]
    [InlineData("learn", "/learn")]
    public async Task a_session_is_shown_as_of_one_instant_also_while_a_reply_is_being_stored(string kind, string path)
    {
        var ann = await _host.RegisterAsync();
        var session = (await ann.Client.PostAsync(path, "{}", ("X-Device-Fingerprint", ann.Fingerprint))).Json.GetProperty("session_id").GetGuid();
        var turn = await database.ScalarAsync<Guid>(
            $"""
            insert into turns (id, user_id, {kind}_session_id, status, attempt, user_message_id, locale, created_at, input_tokens, output_tokens)
            values (gen_random_uuid(), $1, $2, 'running', 1, gen_random_uuid(), 'en', now(), 0, 0) returning id
            """,
            ann.Id,
            session);
        await using var connection = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var storing = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var end = new NpgsqlCommand(
            $"lock table turns in access exclusive mode; update turns set status = 'completed', finished_at = now() where id = '{turn}'", connection, storing);
        await end.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var reading = ann.Client.FetchAsync($"{path}/{session}");
        await Eventually.BeTrueAsync("a reading that has begun and waits", database.HasWaiterAsync);
        await storing.CommitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(turn, (await reading).Json.GetProperty("active_turn").GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task another_persons_session_does_not_exist()
    {
        var ann = await _host.RegisterAsync();
        var ben = await _host.RegisterAsync();
        var session = await StartAsync(ann);
        await PatchAsync(ann, session, """{"first_step_action":"call"}""");

        HttpStatusCode[] statuses =
        [
            (await ben.Client.PatchAsync($"/sessions/{session}", "{}")).Status,
            (await ben.Client.SendAsync(HttpMethod.Delete, $"/sessions/{session}", content: null)).Status,
            (await ben.Client.FetchAsync($"/sessions/{session}/export")).Status,
            (await ben.Client.PatchAsync($"/actions/{session}/complete", json: null)).Status,
            (await ben.Client.PatchAsync($"/actions/{session}/uncomplete", json: null)).Status,
        ];

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.NotFound, status));
        Assert.Equal(0, (await ben.Client.FetchAsync("/sessions")).Json.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task a_session_is_exported_as_markdown_with_a_name_of_its_own()
    {
        var ann = await _host.RegisterAsync();
        var session = await StartAsync(ann);
        await WriteAsync(session, "¿Qué hago?");
        await PatchAsync(ann, session, """{"first_step_action":"llamar","tags":["casa"],"locale":"es"}""");
        await ann.Client.PatchAsync($"/actions/{session}/complete", json: null);

        var file = await ann.Client.FetchAsync($"/sessions/{session}/export");

        Assert.Equal("text/markdown; charset=utf-8", file.Header("Content-Type"));
        Assert.Matches("^attachment; filename\\*=UTF-8''_Qu%C3%A9%20hago__(?<day>[0-9]{8})\\.md; filename=\"_Qu_ hago__\\k<day>\\.md\"$", file.Header("Content-Disposition"));
        Assert.StartsWith("# llamar\n\n- **Creada**: ", file.Body, StringComparison.Ordinal);
        Assert.Contains("- **Etiquetas**: casa\n", file.Body, StringComparison.Ordinal);
        Assert.Contains("## Primer paso\n\nllamar\n\n✓ Hecho: ", file.Body, StringComparison.Ordinal);
        Assert.Contains("\n\n¿Qué hago?\n\n---\n\n*Exportada: ", file.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task sessions_are_exported_as_json()
    {
        var ann = await _host.RegisterAsync();
        var session = await StartAsync(ann);
        await WriteAsync(session, "你好");
        await StartAsync(ann);

        var one = await ann.Client.FetchAsync($"/sessions/{session}/export?format=json");
        var all = await ann.Client.FetchAsync("/sessions/all/export");

        Assert.Equal("application/json; charset=utf-8", one.Header("Content-Type"));
        Assert.Contains("\n  \"status\": \"active\",\n", one.Body, StringComparison.Ordinal);
        Assert.Equal("你好", one.Json.GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.Equal("application/json; charset=utf-8", all.Header("Content-Type"));
        Assert.Matches("^attachment; filename=\"sessions_export_[0-9]{8}_[0-9]{6}\\.json\"$", all.Header("Content-Disposition"));
        Assert.Equal(2, all.Json.GetProperty("total_sessions").GetInt32());
        Assert.Equal([0, 1], all.Json.GetProperty("sessions").EnumerateArray().Select(s => s.GetProperty("message_count").GetInt32()));
        Assert.Equal("你好", all.Json.GetProperty("sessions")[1].GetProperty("messages")[0].GetProperty("content").GetString());
    }

    [Fact]
    public async Task a_spreadsheet_runs_nothing_that_somebody_typed()
    {
        var ann = await _host.RegisterAsync();
        var session = await StartAsync(ann);
        await PatchAsync(ann, session, """{"first_step_action":"=SUM(1,2)","tags":["work"]}""");

        var all = await ann.Client.FetchAsync("/sessions/all/export?format=csv&tags=work&status=active");
        var none = await ann.Client.FetchAsync("/sessions/all/export?format=csv&end_date=2020-01-01");

        const string header =
            "Session ID,Status,Current Step,Created At,Completed At,Tags,First Step Action,Action Completed,Action Completed At,Message Count\r\n";
        Assert.Equal("text/csv; charset=utf-8", all.Header("Content-Type"));
        Assert.StartsWith(header + session + ",active,receive,", all.Body, StringComparison.Ordinal);
        Assert.EndsWith(",,work,\"'=SUM(1,2)\",False,,0\r\n", all.Body, StringComparison.Ordinal);
        Assert.Equal(header, none.Body);
    }

    [Fact]
    public async Task actions_are_listed_and_ticked_off()
    {
        var ann = await _host.RegisterAsync();
        var bare = await StartAsync(ann);
        var done = await StartAsync(ann);
        var open = await StartAsync(ann);
        await PatchAsync(ann, done, """{"first_step_action":"call"}""");
        await PatchAsync(ann, open, """{"first_step_action":"write"}""");

        var refused = await ann.Client.PatchAsync($"/actions/{bare}/complete", json: null);
        var first = await ann.Client.PatchAsync($"/actions/{done}/complete", json: null);
        var second = await ann.Client.PatchAsync($"/actions/{done}/complete", json: null);
        var list = (await ann.Client.FetchAsync("/actions")).Json;
        var completed = (await ann.Client.FetchAsync("/actions/?status=completed")).Json;
        var undone = await ann.Client.PatchAsync($"/actions/{done}/uncomplete", json: null);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Equal("No action plan in this session", refused.Json.GetProperty("detail").GetString());
        Assert.Equal((HttpStatusCode.OK, first.Body), (second.Status, second.Body));
        Assert.Equal([open, done], list.GetProperty("actions").EnumerateArray().Select(a => a.GetProperty("session_id").GetGuid()));
        Assert.Equal([done], completed.GetProperty("actions").EnumerateArray().Select(a => a.GetProperty("id").GetGuid()));
        Assert.Equal("""{"total":2,"completed":1,"pending":1,"completion_rate":50}""", completed.GetProperty("stats").GetRawText());
        Assert.Equal("""{"limit":20,"offset":0,"total":2}""", completed.GetProperty("pagination").GetRawText());
        Assert.Equal($$"""{"id":"{{done}}","action_completed":false,"action_completed_at":null}""", undone.Body);
    }

    [Fact]
    public async Task another_action_is_open_again_and_the_same_one_stays_done()
    {
        var ann = await _host.RegisterAsync();
        var session = await StartAsync(ann);
        await PatchAsync(ann, session, """{"first_step_action":"call"}""");
        await ann.Client.PatchAsync($"/actions/{session}/complete", json: null);

        await PatchAsync(ann, session, """{"first_step_action":"call"}""");
        var same = (await ann.Client.FetchAsync("/actions")).Json.GetProperty("actions")[0].GetProperty("completed").GetBoolean();
        await PatchAsync(ann, session, """{"first_step_action":"write"}""");
        var other = (await ann.Client.FetchAsync("/actions")).Json.GetProperty("actions")[0];

        Assert.Equal(
            (true, false, JsonValueKind.Null),
            (same, other.GetProperty("completed").GetBoolean(), other.GetProperty("completed_at").ValueKind));
    }

    [Fact]
    public async Task a_new_persons_statistics_are_all_zero()
    {
        var ann = await _host.RegisterAsync();

        Assert.Equal(
            """{"total_sessions":0,"status_distribution":{"active":0,"completed":0,"abandoned":0},"top_tags":[],"daily_trend":[],"action_completion":{"total":0,"completed":0,"completion_rate":0},"step_distribution":{"receive":0,"clarify":0,"reframe":0,"options":0,"commit":0}}""",
            (await ann.Client.FetchAsync("/stats/overview")).Body);
    }

    [Fact]
    public async Task statistics_count_and_can_be_kept()
    {
        var ann = await _host.RegisterAsync();
        var first = await StartAsync(ann);
        var second = await StartAsync(ann);
        await PatchAsync(ann, first, """{"tags":["work","home"],"current_step":"clarify"}""");
        await PatchAsync(ann, second, """{"tags":["work"],"status":"completed"}""");

        var overview = (await ann.Client.FetchAsync("/stats/overview")).Json;
        var csv = await ann.Client.FetchAsync("/stats/export?format=csv");
        var json = await ann.Client.FetchAsync("/stats/export");

        var today = overview.GetProperty("daily_trend")[0].GetProperty("date").GetString();
        Assert.Matches("^20[0-9]{2}-[0-9]{2}-[0-9]{2}$", today);
        Assert.Equal("""[{"tag":"work","count":2},{"tag":"home","count":1}]""", overview.GetProperty("top_tags").GetRawText());
        Assert.Equal($$"""[{"date":"{{today}}","count":2}]""", overview.GetProperty("daily_trend").GetRawText());
        Assert.Equal("""{"active":1,"completed":1,"abandoned":0}""", overview.GetProperty("status_distribution").GetRawText());
        Assert.Equal("text/csv; charset=utf-8", csv.Header("Content-Type"));
        Assert.Matches("^attachment; filename=\"stats_report_[0-9]{8}_[0-9]{6}\\.csv\"$", csv.Header("Content-Disposition"));
        Assert.StartsWith("Statistics Export Report\r\nExport Time,", csv.Body, StringComparison.Ordinal);
        Assert.EndsWith($"\r\n\r\nTop Tags\r\nTag,Count\r\nwork,2\r\nhome,1\r\n\r\nDaily Trend (Last 30 Days)\r\nDate,Count\r\n{today},2\r\n", csv.Body, StringComparison.Ordinal);
        Assert.Equal("application/json; charset=utf-8", json.Header("Content-Type"));
        Assert.Equal(2, json.Json.GetProperty("total_sessions").GetInt32());
        Assert.True(json.Json.TryGetProperty("export_time", out _));
    }

    [Theory]
    [InlineData("es", null, "Te doy la bienvenida.")]
    [InlineData("zh-CN", "es", "欢迎你。")]
    [InlineData(null, "es-MX,en;q=0.5", "Te doy la bienvenida.")]
    [InlineData(null, null, "Welcome.")]
    public async Task a_template_welcomes_in_the_language_of_the_session(string? locale, string? acceptLanguage, string welcome)
    {
        var ann = await _host.RegisterAsync();
        var coaches = (await _host.Client.FetchAsync("/api/v1/templates?category=life")).Json.GetProperty("templates").EnumerateArray();
        var id = coaches.Single(one => one.GetProperty("role_name").GetString() == "Life Coach").GetProperty("id").GetGuid();

        var started = await ann.Client.PostAsync(
            "/sessions",
            locale is null ? $$"""{"template_id":"{{id}}"}""" : $$"""{"template_id":"{{id}}","locale":"{{locale}}"}""",
            [("X-Device-Fingerprint", ann.Fingerprint), .. acceptLanguage is null ? [] : new[] { ("Accept-Language", acceptLanguage) }]);

        var said = await database.ScalarAsync<string>(
            "select content from messages where role = 'assistant' and session_id = $1", started.Json.GetProperty("session_id").GetGuid());
        Assert.StartsWith(welcome, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_blank_language_is_none()
    {
        var ann = await _host.RegisterAsync();
        var started = await ann.Client.PostAsync("/sessions", """{"locale":""}""", ("X-Device-Fingerprint", ann.Fingerprint));
        var session = started.Json.GetProperty("session_id").GetGuid();
        Assert.Equal("en", (await ann.Client.FetchAsync($"/sessions/{session}")).Json.GetProperty("locale").GetString());

        await PatchAsync(ann, session, """{"locale":"es"}""");
        await PatchAsync(ann, session, """{"locale":" "}""");

        Assert.Equal("es", (await ann.Client.FetchAsync($"/sessions/{session}")).Json.GetProperty("locale").GetString());
    }

    [Fact]
    public async Task a_template_gives_the_session_its_role_and_its_first_words()
    {
        var ann = await _host.RegisterAsync();
        var coach = (await _host.Client.FetchAsync("/api/v1/templates?category=work")).Json.GetProperty("templates")[0];
        var id = coach.GetProperty("id").GetGuid();

        var session = await StartAsync(ann, $$"""{"template_id":"{{id}}"}""");

        var stored = (await ann.Client.FetchAsync($"/sessions/{session}?include_messages=true")).Json;
        var template = (await _host.Client.FetchAsync($"/api/v1/templates/{id}")).Json;
        Assert.Equal(id, stored.GetProperty("template_id").GetGuid());
        Assert.Equal([coach.GetProperty("welcome_message").GetString()], stored.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("content").GetString()));
        Assert.Equal(coach.GetProperty("usage_count").GetInt32() + 1, template.GetProperty("usage_count").GetInt32());
        Assert.Equal(
            "system assistant",
            await database.ScalarAsync<string>("select string_agg(role, ' ' order by sequence) from messages where session_id = $1", session));
        Assert.Equal(
            template.GetProperty("system_prompt").GetString(),
            await database.ScalarAsync<string>("select content from messages where session_id = $1 and role = 'system'", session));
    }

    [Fact]
    public async Task a_template_that_is_missing_or_off_is_not_found_before_anything_else()
    {
        var ann = await _host.RegisterAsync();
        var off = Guid.CreateVersion7();
        await database.ExecuteAsync(
            "insert into prompt_templates (id, role_name, category, system_prompt, is_active) values ($1, $2, 'life', 'x', false)", off, $"Off {off}");

        foreach (var id in new[] { off, Guid.NewGuid() })
        {
            var started = await ann.Client.PostAsync("/sessions", $$"""{"template_id":"{{id}}"}""", ("X-Device-Fingerprint", "unknown"));
            var read = await _host.Client.FetchAsync($"/api/v1/templates/{id}");
            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (started.Status, read.Status));
            Assert.Equal("TEMPLATE_NOT_FOUND", started.Json.GetProperty("detail").GetProperty("error").GetString());
        }

        var list = (await _host.Client.FetchAsync("/api/v1/templates?limit=2")).Json;
        Assert.Equal((5, 2), (list.GetProperty("total").GetInt32(), list.GetProperty("templates").GetArrayLength()));
    }

    [Theory]
    [InlineData("", "2 101")]
    [InlineData("&offset=2", "3 101")]
    [InlineData("&limit=3", "1 3")]
    [InlineData("&limit=3&offset=100", "101 101")]
    public async Task messages_come_from_the_start_when_a_page_is_asked_for_and_else_the_latest(string page, string firstAndLast)
    {
        var ann = await _host.RegisterAsync();
        var session = await StartAsync(ann);
        await database.ExecuteAsync(
            "insert into messages (id, session_id, role, content, step) select gen_random_uuid(), $1, 'user', n::text, 'receive' from generate_series(1, 101) numbers(n) order by numbers.n",
            session);

        var messages = (await ann.Client.FetchAsync($"/sessions/{session}?include_messages=true{page}")).Json.GetProperty("messages");

        Assert.Equal(
            firstAndLast,
            $"{messages[0].GetProperty("content").GetString()} {messages[messages.GetArrayLength() - 1].GetProperty("content").GetString()}");
    }

    private static async Task<Guid> StartAsync(Person person, string? body = null)
    {
        var started = await person.Client.PostAsync("/sessions", body, ("X-Device-Fingerprint", person.Fingerprint));
        Assert.Equal(HttpStatusCode.Created, started.Status);
        return started.Json.GetProperty("session_id").GetGuid();
    }

    private static async Task<JsonElement> PatchAsync(Person person, Guid session, string change)
    {
        var answer = await person.Client.PatchAsync($"/sessions/{session}", change);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body);
        return answer.Json;
    }

    /// <summary>As an accepted message is stored; nobody answers here.</summary>
    private Task WriteAsync(Guid session, string text, string role = "user") => database.ExecuteAsync(
        "insert into messages (id, session_id, role, content, step) values ($1, $2, $3, $4, 'receive')", Guid.CreateVersion7(), session, role, text);
}
