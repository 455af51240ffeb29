using System.Text.Json;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Scenarios;

/// <summary>The walk of contract/domain.md 19 through real processes: in three languages, by the coach and by a model, and in plain mode.</summary>
public sealed class WalkScenarios(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly (string Locale, string[] Messages)[] Walks =
    [
        ("en", ["I feel worried about a deadline", "I want the report finished by Friday", "Only two days; small team", "that sounds right", "the second one", "I will write the outline tonight"]),
        ("es", ["Estoy preocupada por un plazo", "Quiero terminar el informe antes del viernes", "Quedan dos días; un equipo pequeño", "me parece bien", "la segunda", "Esta noche escribo el guion"]),
        ("zh", ["我很担心这份报告", "我想在周五之前写完报告", "只有两天；团队很小", "听起来对", "第二个", "今晚先写提纲"]),
    ];

    private static readonly string[] Golden =
    [
        """{"next_step":"clarify","primary_agent":"empath","emotion_detected":"anxious","confidence":0.8}""",
        """{"next_step":"clarify","primary_agent":"clarify","emotion_detected":"neutral","confidence":0.5}""",
        """{"next_step":"reframe","primary_agent":"clarify","emotion_detected":"neutral","confidence":0.5}""",
        """{"next_step":"options","primary_agent":"visionary","emotion_detected":"neutral","confidence":0.5}""",
        """{"next_step":"commit","primary_agent":"visionary","emotion_detected":"neutral","confidence":0.5}""",
        """{"next_step":"commit","primary_agent":"clarify","emotion_detected":"neutral","confidence":0.5}""",
    ];

    private ModelStandIn _model = null!;

    public async ValueTask InitializeAsync() => _model = await ModelStandIn.StartAsync();

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    [Fact]
    public async Task the_offline_coach_leads_through_the_whole_walk_in_three_languages()
    {
        await using var system = await StartAsync([]);

        var replies = await Task.WhenAll(Walks.Select(walk => WalkAsync(system.Apis[0], walk.Locale, walk.Messages)));

        // The coach takes up what was said, in the language in which it was said.
        Assert.Contains("How could I get the report finished by Friday", replies[0][3], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("¿cómo podría terminar el informe antes del viernes", replies[1][3], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("我怎样才能在周五之前写完报告", replies[2][3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_model_speaks_on_the_same_walk()
    {
        _model.Script = new ModelScript { Pieces = ["One ", "thing."] };
        await using var system = await StartAsync(new() { ["OPENAI_API_KEY"] = "not-a-key", ["OPENAI_BASE_URL"] = _model.BaseUrl });

        var replies = await Task.WhenAll(Walks.Select(walk => WalkAsync(system.Apis[0], walk.Locale, walk.Messages)));

        Assert.All(replies, walk => Assert.Equal(["One thing.", "One thing.", "One thing."], walk[..3]));
        Assert.All(replies, walk => Assert.StartsWith("One thing.\n\nA) ", walk[3], StringComparison.Ordinal));
    }

    [Fact]
    public async Task in_plain_mode_every_reply_advances_one_step()
    {
        _model.Script = new ModelScript { Pieces = ["foo", "bar"] };
        await using var system = await StartAsync(new()
        {
            ["OPENAI_API_KEY"] = "not-a-key",
            ["OPENAI_BASE_URL"] = _model.BaseUrl,
            ["ENABLE_MULTI_AGENT_ORCHESTRATION"] = "false",
        });
        var api = system.Apis[0];
        using var ann = await Visitor.RegisterAsync(api);
        var session = await ann.StartSessionAsync(api);

        var first = await ann.SendAsync(api, HttpMethod.Post, $"/sessions/{session}/messages", """{"content":"hello","step":"receive"}""");

        // Letter by letter: existing clients parse the stream by hand.
        Assert.Equal("text/event-stream; charset=utf-8", first.ContentType);
        Assert.Equal(
            """
            id: 1-1
            event: token
            data: {"content":"foo"}

            id: 1-2
            event: token
            data: {"content":"bar"}

            id: 1-3
            event: done
            data: {"next_step":"clarify","emotion_detected":"neutral","confidence":0.5}


            """.ReplaceLineEndings("\n"),
            first.Text);
        var steps = new List<string>();
        for (var n = 0; n < 4; n++)
        {
            using var reply = await ann.SayAsync(api, session, "hello");
            steps.Add((await reply.ToEndAsync())!.Data.GetProperty("next_step").GetString()!);
        }

        Assert.Equal(["reframe", "options", "commit", "commit"], steps);
        Assert.Equal("completed", (await ann.GetAsync(api, $"/sessions/{session}")).GetProperty("status").GetString());
        Assert.Equal(
            "receive clarify reframe options commit",
            await database.ScalarAsync<string>(
                "select string_agg(step, ' ' order by sequence) from messages where session_id = $1 and role = 'assistant'", session));
        await AssertStoredAsync(session, "receive 1 clarify 1 reframe 1 options 1 commit 1");
    }

    /// <summary>Says everything, one message after the other, and looks at what is told and stored.</summary>
    /// <returns>The replies.</returns>
    private async Task<string[]> WalkAsync(Api api, string locale, string[] messages)
    {
        using var visitor = await Visitor.RegisterAsync(api);
        var session = await visitor.StartSessionAsync(api);
        var replies = new List<string>();
        foreach (var (message, done) in messages.Zip(Golden))
        {
            using var reply = await visitor.SayAsync(api, session, message);
            Assert.Equal(("done", done), ((await reply.ToEndAsync())!.Name, reply.Events[^1].Data.GetRawText()));
            replies.Add(reply.Text);
        }

        Assert.Equal(["A", "B", "C"], replies[3].Split('\n').TakeLast(3).Select(line => line[..line.IndexOf(") ", StringComparison.Ordinal)]));
        var stored = await visitor.GetAsync(api, $"/sessions/{session}?include_messages=true");
        Assert.Equal(("completed", messages[^1]), (stored.GetProperty("status").GetString(), stored.GetProperty("first_step_action").GetString()));
        Assert.Equal(messages.Zip(replies, (said, heard) => new[] { said, heard }).SelectMany(pair => pair), Texts(stored, "content"));
        Assert.Equal(
            "receive clarify clarify clarify clarify reframe reframe options options commit commit commit", string.Join(' ', Texts(stored, "step")));
        await AssertStoredAsync(session, "receive 1 clarify 2 reframe 1 options 1 commit 1");
        Assert.Equal(locale, await database.ScalarAsync<string>("select string_agg(distinct locale, ' ') from turns where solve_session_id = $1", session));
        return [.. replies];
    }

    /// <summary>The visits of the steps with their messages, and the events of a whole walk.</summary>
    private async Task AssertStoredAsync(Guid session, string visits)
    {
        Assert.Equal(visits, await database.ScalarAsync<string>(
            "select string_agg(step || ' ' || message_count, ' ' order by started_at) from step_history where session_id = $1 and completed_at is not null",
            session));
        Assert.Equal(
            """
            session_completed {"final_step": "commit"}
            step_completed {"step": "commit"}
            step_completed {"to_step": "clarify", "from_step": "receive"}
            step_completed {"to_step": "commit", "from_step": "options"}
            step_completed {"to_step": "options", "from_step": "reframe"}
            step_completed {"to_step": "reframe", "from_step": "clarify"}
            """.ReplaceLineEndings("\n"),
            await database.ScalarAsync<string>(
                """
                select string_agg(event_type || ' ' || payload, E'\n' order by event_type collate "C", payload::text collate "C")
                from analytics_events where session_id = $1 and event_type <> 'session_started'
                """,
                session));
    }

    private static IEnumerable<string> Texts(JsonElement session, string member) =>
        session.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty(member).GetString()!);

    private async Task<RunningSystem> StartAsync(Dictionary<string, string?> settings) =>
        await RunningSystem.StartAsync(database.ConnectionString, (await SharedServers.Redis).ConnectionString, settings: settings);
}
