using System.Net;
using Npgsql;
using Solacore.Core.Turns;
using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;
using StackExchange.Redis;

namespace Solacore.Tests.Scenarios;

/// <summary>A message becomes a streamed, stored reply, whatever dies on the way.</summary>
public sealed class ReplyScenarios(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly ModelScript Slow = new()
    {
        Pieces = [.. Enumerable.Range(0, 60).Select(n => $"w{n} ")],
        Between = TimeSpan.FromMilliseconds(50),
    };

    private static readonly string SlowText = string.Concat(Slow.Pieces);

    private readonly TemporaryRedis _redis = new();
    private ModelStandIn _model = null!;

    public async ValueTask InitializeAsync()
    {
        _model = await ModelStandIn.StartAsync();
        await _redis.StartAsync();

        // What another test has left unanswered is not asked of this one's model.
        await database.ExecuteAsync("truncate jobs");
    }

    public async ValueTask DisposeAsync()
    {
        await _model.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task whoever_sees_done_can_read_the_reply_and_the_provider_saw_nothing_personal()
    {
        await using var talk = await StartAsync(new ModelScript { Pieces = ["I hear ", "you. What would ", "help?"] });

        using var reply = await talk.SayAsync("  I am anxious, call me at +1 (415) 555-1234 or ann@example.com\n");
        var done = await reply.ToEndAsync();

        Assert.Equal("I hear you. What would help?", reply.Text);
        Assert.Equal("done", done!.Name);
        var stored = await talk.Person.GetAsync(talk.Api, $"/sessions/{talk.Session}?include_messages=true&limit=10");
        Assert.Equal(reply.Text, stored.GetProperty("messages")[1].GetProperty("content").GetString());
        Assert.Equal("  I am anxious, call me at +1 (415) 555-1234 or ann@example.com\n", stored.GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.Equal("completed 11 7 gpt-4o-mini", await database.ScalarAsync<string>(
            "select status || ' ' || input_tokens || ' ' || output_tokens || ' ' || model from turns where id = $1", reply.Turn));
        var told = Assert.Single(_model.Requests);
        Assert.DoesNotContain("555", told, StringComparison.Ordinal);
        Assert.DoesNotContain("ann@", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_reply_survives_the_death_of_the_worker()
    {
        await using var talk = await StartAsync(Slow, workers: 2);
        using var reply = await talk.SayAsync("I feel stuck");
        await reply.TokensAsync(5);

        await (await WorkerOfTheTurnAsync(talk.System)).KillAsync();

        var done = await reply.ToEndAsync();
        Assert.Equal("done", done!.Name);
        Assert.Contains(reply.Events, e => e.Name == "reset");
        Assert.Equal(SlowText, reply.Text);
        Assert.StartsWith("2-", done.Id, StringComparison.Ordinal);
        await AssertOneReplyAsync(talk.Session);

        // Nobody can tell what the dead worker's call cost: it counts with its worst case.
        Assert.Equal("open answered", await database.ScalarAsync<string>(
            "select string_agg(coalesce(outcome, 'open'), ' ' order by created_at) from model_calls where turn_id = $1 and purpose = 'reply'", reply.Turn));

        // A client that lost its connection meanwhile reads the same end from where it was.
        using var resumed = await talk.Person.ResumeAsync(talk.Api, talk.Session, reply.Turn, "2-3");
        await resumed.ToEndAsync();
        var expected = reply.Events.SkipWhile(e => e.Id != "2-3").Skip(1).Select(e => e.Id);
        Assert.Equal(expected, resumed.Events.Select(e => e.Id));
    }

    [Fact]
    public async Task a_reply_that_was_handed_back_is_said_anew()
    {
        await using var talk = await StartAsync(Slow);
        using var reply = await talk.SayAsync("I feel stuck");
        await reply.TokensAsync(5);
        await talk.System.Workers[0].KillAsync();

        // As a worker does whose drain is over: the attempt does not count.
        await database.ExecuteAsync("update jobs set state = 0, lease = null, run_at = now(), attempts = attempts - 1 where payload ->> 'turn_id' = $1", reply.Turn.ToString());
        await talk.System.StartWorkerAsync();

        var done = await reply.ToEndAsync();
        Assert.Equal("done", done!.Name);
        Assert.Contains(reply.Events, e => e.Name == "reset");
        Assert.Equal(SlowText, reply.Text);
        Assert.StartsWith("2-", done.Id, StringComparison.Ordinal);
        await AssertOneReplyAsync(talk.Session);
        Assert.Equal(1, await database.ScalarAsync<int>("select count(*)::int from turns where session_id = $1 and attempt = 2 and status = 'completed'", talk.Session));
    }

    [Fact]
    public async Task a_reply_survives_the_death_of_the_api()
    {
        await using var talk = await StartAsync(Slow, apis: 2);
        var (first, second) = (talk.System.Apis[0], talk.System.Apis[1]);
        using var reply = await talk.SayAsync("I feel stuck");
        await reply.TokensAsync(5);

        await first.Process.KillAsync();
        await reply.ToEndAsync();
        using var resumed = await talk.Person.ResumeAsync(second, talk.Session, reply.Turn, reply.LastId);
        var done = await resumed.ToEndAsync();

        Assert.Equal("done", done!.Name);
        Assert.Equal(SlowText, reply.Text + resumed.Text);
        await AssertOneReplyAsync(talk.Session);
    }

    [Fact]
    public async Task emptying_redis_in_the_middle_loses_nothing()
    {
        await using var talk = await StartAsync(Slow);
        using var reply = await talk.SayAsync("I feel stuck");
        await reply.TokensAsync(5);

        await _redis.Server.FlushAllAsync();

        using var late = await talk.Person.ResumeAsync(talk.Api, talk.Session, reply.Turn, reply.Events[2].Id);
        var ends = await Task.WhenAll(reply.ToEndAsync(), late.ToEndAsync());
        Assert.All(ends, end => Assert.Equal("done", end!.Name));
        Assert.Equal(SlowText, reply.Text);
        Assert.Equal(SlowText, late.Text);
        Assert.Contains(late.Events, e => e.Name == "reset");
        await AssertOneReplyAsync(talk.Session);

        // Whoever has the end, from the stream or from the database, is told that there is nothing more.
        using var live = await talk.Person.ResumeAsync(talk.Api, talk.Session, reply.Turn, reply.LastId);
        using var told = await talk.Person.ResumeAsync(talk.Api, talk.Session, reply.Turn, late.LastId);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (live.Status, told.Status));
    }

    [Fact]
    public async Task losing_redis_in_the_middle_loses_nothing()
    {
        await using var talk = await StartAsync(Slow);
        using var reply = await talk.SayAsync("I feel stuck");
        await reply.TokensAsync(5);

        await _redis.Server.KillAsync();

        var done = await reply.ToEndAsync();
        Assert.Equal("done", done!.Name);
        Assert.Equal(SlowText, reply.Text);
        Assert.DoesNotContain(reply.Events, e => e.Name == "reset");

        // Without Redis a new message is answered too, only not word by word.
        _model.Script = new ModelScript();
        using var next = await talk.SayAsync("And now?");
        Assert.Equal("done", (await next.ToEndAsync())!.Name);
        Assert.Equal("Hello there.", next.Text);
    }

    [Theory]
    [InlineData("replicaof 127.0.0.1 1", "READONLY")]
    [InlineData("config set maxmemory 1", "OOM")]
    public async Task a_redis_that_takes_no_writes_keeps_nobody_from_the_end_and_is_called_down(string command, string error)
    {
        await using var talk = await StartAsync(Slow);
        using var reply = await talk.SayAsync("I feel stuck");
        await reply.TokensAsync(5);

        await _redis.OperateAsync(command);

        var done = await reply.ToEndAsync();
        Assert.Equal("done", done!.Name);
        Assert.Equal(SlowText, reply.Text);
        Assert.DoesNotContain(reply.Events, e => e.Name == "reset");

        // Sooner than the worker gives up, who tries to write the stream for ten seconds.
        Assert.DoesNotContain(talk.System.Log, line => line.Contains("goes on without its live stream", StringComparison.Ordinal));
        Assert.Equal("degraded", (await talk.Person.GetAsync(talk.Api, "/health")).GetProperty("status").GetString());
        await Eventually.BeTrueAsync("the reason", () => talk.System.Log.Any(line =>
            line.EndsWith($"goes on without its live stream: Redis took none of it for ten seconds (RedisServerException {error})", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task a_person_can_stop_a_reply_and_go_on()
    {
        await using var talk = await StartAsync(Slow);
        using var reply = await talk.SayAsync("I feel stuck");
        await reply.TokensAsync(3);
        await talk.Person.SendAsync(talk.Api, HttpMethod.Patch, $"/sessions/{talk.Session}", new { current_step = "clarify" });

        await talk.Person.CancelAsync(talk.Api, talk.Session, reply.Turn);

        var done = await reply.ToEndAsync();
        Assert.True(done!.Data.GetProperty("cancelled").GetBoolean());
        Assert.Equal("clarify", done.Data.GetProperty("next_step").GetString());
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from messages where session_id = $1 and role = 'assistant'", talk.Session));
        await Eventually.BeTrueAsync("the provider's connection closed", () => _model.Abandoned == 1);
        _model.Script = new ModelScript();
        using var next = await talk.SayAsync("Let us go on");
        Assert.Equal("done", (await next.ToEndAsync())!.Name);
    }

    [Fact]
    public async Task a_session_deleted_in_the_middle_of_a_reply_ends_quietly()
    {
        await using var talk = await StartAsync(Slow);
        using var reply = await talk.SayAsync("I feel stuck");
        await reply.TokensAsync(3);

        Assert.Equal(HttpStatusCode.NoContent, await talk.Person.SendAsync(talk.Api, HttpMethod.Delete, $"/sessions/{talk.Session}"));

        var done = await reply.ToEndAsync();
        Assert.Equal("done", done!.Name);
        Assert.True(done.Data.GetProperty("cancelled").GetBoolean());
        await Eventually.BeTrueAsync(
            "the job is done", async () => await database.ScalarAsync<long>("select count(*) from jobs where kind = 'solve.reply'") == 0);
        Assert.Equal(0L, await database.ScalarAsync<long>("select (select count(*) from dead_jobs) + (select count(*) from messages where session_id = $1)", talk.Session));
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_redis.Server.ConnectionString);
        await Eventually.BeTrueAsync("nothing of it is left in Redis", async () => !await redis.GetDatabase().KeyExistsAsync(TurnStream.Key(reply.Turn)));
    }

    [Fact]
    public async Task a_deletion_that_no_worker_was_told_of_stops_the_reply_as_well()
    {
        await using var talk = await StartAsync(Slow);
        using var reply = await talk.SayAsync("I feel stuck");
        await reply.TokensAsync(3);

        await database.ExecuteAsync("delete from solve_sessions where id = $1", talk.Session);

        await Eventually.BeTrueAsync("the provider's connection closed", () => _model.Abandoned == 1);
        await reply.ToEndAsync();
    }

    [Fact]
    public async Task a_reply_that_waits_for_a_worker_ends_with_its_session()
    {
        await using var talk = await StartAsync(workers: 0);
        using var reply = await talk.SayAsync("I feel stuck");

        Assert.Equal(HttpStatusCode.NoContent, await talk.Person.SendAsync(talk.Api, HttpMethod.Delete, $"/sessions/{talk.Session}"));

        var done = await reply.ToEndAsync();
        Assert.Equal("done", done!.Name);
        Assert.True(done.Data.GetProperty("cancelled").GetBoolean());
    }

    [Fact]
    public async Task what_the_client_changes_in_the_middle_of_a_reply_stands()
    {
        await using var talk = await StartAsync(Slow);
        using var reply = await talk.SayAsync("I feel stuck");
        await reply.TokensAsync(3);

        Assert.Equal(HttpStatusCode.OK, await talk.Person.SendAsync(talk.Api, HttpMethod.Patch, $"/sessions/{talk.Session}", new { current_step = "clarify" }));
        Assert.Equal(
            HttpStatusCode.OK, await talk.Person.SendAsync(talk.Api, HttpMethod.Patch, $"/sessions/{talk.Session}", new { current_step = "reframe", status = "completed" }));

        var done = await reply.ToEndAsync();
        Assert.Equal("reframe", done!.Data.GetProperty("next_step").GetString());
        var stored = await talk.Person.GetAsync(talk.Api, $"/sessions/{talk.Session}");
        Assert.Equal(("completed", "reframe"), (stored.GetProperty("status").GetString(), stored.GetProperty("current_step").GetString()));
        Assert.Equal(
            "receive clarify reframe",
            await database.ScalarAsync<string>(
                "select string_agg(step, ' ' order by started_at) from step_history where session_id = $1 and completed_at is not null", talk.Session));
        await AssertOneReplyAsync(talk.Session);
    }

    [Fact]
    public async Task one_turn_at_a_time_and_a_repeated_post_attaches_to_the_first()
    {
        await using var talk = await StartAsync(Slow with { Between = TimeSpan.FromMilliseconds(150) }, apis: 2);
        var second = talk.System.Apis[1];
        using var reply = await talk.SayAsync("I feel stuck", idempotencyKey: "k1");
        await reply.TokensAsync(3);

        using var busy = await talk.Person.SayAsync(second, talk.Session, "Another");
        Assert.Equal(HttpStatusCode.Conflict, busy.Status);
        Assert.Equal("SESSION_BUSY", (await busy.ErrorAsync()).GetProperty("error").GetString());
        var shown = await talk.Person.GetAsync(second, $"/sessions/{talk.Session}");
        Assert.Equal(reply.Turn, shown.GetProperty("active_turn").GetProperty("id").GetGuid());

        using var repeated = await talk.Person.SayAsync(second, talk.Session, "I feel stuck", idempotencyKey: "k1");
        await Task.WhenAll(reply.ToEndAsync(), repeated.ToEndAsync());
        Assert.Equal(reply.Turn, repeated.Turn);
        Assert.Equal((SlowText, SlowText), (reply.Text, repeated.Text));
        Assert.Single(_model.Requests);
        await AssertOneReplyAsync(talk.Session);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_message_that_comes_while_a_reply_is_being_stored_waits_and_meets_the_session_as_it_is_then(bool completes)
    {
        await using var talk = await StartAsync(workers: 0);
        using var first = await talk.SayAsync("I feel stuck");

        // What a worker does at the end of a reply, held before its commit.
        await using var worker = await database.DataSource.OpenConnectionAsync();
        await using var ending = await worker.BeginTransactionAsync();
        async Task DoAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, worker) { Parameters = { new() { Value = talk.Session } } };
            await command.ExecuteNonQueryAsync();
        }

        await DoAsync("select 1 from solve_sessions where id = $1 for no key update");
        await DoAsync("update turns set status = 'completed', finished_at = now() where session_id = $1");
        await DoAsync("update step_history set completed_at = now() where session_id = $1");
        await DoAsync("insert into step_history (id, session_id, step, started_at) values (gen_random_uuid(), $1, 'clarify', now())");
        await DoAsync(completes
            ? "update solve_sessions set current_step = 'clarify', status = 'completed' where id = $1"
            : "update solve_sessions set current_step = 'clarify' where id = $1");
        var saying = talk.SayAsync("And I want to sleep");
        await Eventually.BeTrueAsync("the message waits", database.HasWaiterAsync);
        await DoAsync("insert into messages (id, session_id, role, content, step, created_at) values (gen_random_uuid(), $1, 'assistant', 'I hear you', 'clarify', now())");
        await ending.CommitAsync();

        using var second = await saying;
        Assert.Equal(completes ? HttpStatusCode.BadRequest : HttpStatusCode.OK, second.Status);
        Assert.Equal(
            completes ? "user receive, assistant clarify" : "user receive, assistant clarify, user clarify",
            await database.ScalarAsync<string>("select string_agg(role || ' ' || step, ', ' order by sequence) from messages where session_id = $1", talk.Session));
        Assert.Equal(
            completes ? "receive 1, clarify 0" : "receive 1, clarify 1",
            await database.ScalarAsync<string>("select string_agg(step || ' ' || message_count, ', ' order by started_at) from step_history where session_id = $1", talk.Session));
    }

    [Fact]
    public async Task replies_whose_sessions_are_locked_do_not_keep_others_from_theirs()
    {
        await using var talk = await StartAsync(new ModelScript { Pieces = ["I ", "hear ", "you."], Between = TimeSpan.FromSeconds(1) });
        var (api, ann) = (talk.Api, talk.Person);
        using var ben = await Visitor.RegisterAsync(api);
        var locked = new List<Guid> { talk.Session };
        for (var n = 1; n < TurnGate.Places; n++)
        {
            // One and the same person starts ten sessions a day at most.
            locked.Add(await (n % 2 == 0 ? ann : ben).StartSessionAsync(api));
        }

        // As a worker that was frozen before the commit of its ends.
        await using var frozen = await database.DataSource.OpenConnectionAsync();
        await using var ending = await frozen.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand("select 1 from solve_sessions where id = any($1) for no key update", frozen) { Parameters = { new() { Value = locked.ToArray() } } };
        var waiting = await Task.WhenAll(locked.Select((session, n) => (n % 2 == 0 ? ann : ben).SayAsync(api, session, "I feel stuck")));
        await hold.ExecuteNonQueryAsync();
        using var eve = await Visitor.RegisterAsync(api);
        using var free = await eve.SayAsync(api, await eve.StartSessionAsync(api), "I feel stuck");

        Assert.Equal("done", (await free.ToEndAsync().WaitAsync(TimeSpan.FromSeconds(15)))!.Name);

        await ending.RollbackAsync();
        foreach (var reply in waiting)
        {
            Assert.Equal("done", (await reply.ToEndAsync())!.Name);
            reply.Dispose();
        }
    }

    [Fact]
    public async Task a_turn_that_cannot_be_read_ends_in_an_error()
    {
        await using var talk = await StartAsync(workers: 0);
        using var reply = await talk.SayAsync("I feel stuck");
        await database.ExecuteAsync("update turns set status = 'unknown' where session_id = $1", talk.Session);
        await database.ExecuteAsync("update jobs set attempts = 3 where payload ->> 'turn_id' = $1", reply.Turn.ToString());

        await talk.System.StartWorkerAsync();

        Assert.Equal("error", (await reply.ToEndAsync())!.Name);
        Assert.Equal("failed unreadable", await database.ScalarAsync<string>("select status || ' ' || error from turns where session_id = $1", talk.Session));
        Assert.Equal("""{"error": "unreadable"}""", await database.ScalarAsync<string>(
            "select string_agg(payload::text, ', ') from analytics_events where session_id = $1 and event_type = 'stream_failed'", talk.Session));
    }

    [Fact]
    public async Task a_model_that_is_down_leaves_the_word_to_the_coach_and_one_that_breaks_off_ends_in_an_error()
    {
        await using var talk = await StartAsync(new ModelScript { Status = 401 });
        using var offline = await talk.SayAsync("I feel worried");
        Assert.Equal("done", (await offline.ToEndAsync())!.Name);
        Assert.Equal("offline", await database.ScalarAsync<string>("select model from turns where id = $1", offline.Turn));

        _model.Script = Slow with { CutAfter = 5 };
        using var broken = await talk.SayAsync("I want to sleep better");
        var error = await broken.ToEndAsync();
        Assert.Equal("error", error!.Name);
        Assert.Equal("STREAM_ERROR", error.Data.GetProperty("error").GetString());

        _model.Script = new ModelScript();
        using var again = await talk.SayAsync("I want to sleep better");
        Assert.Equal("done", (await again.ToEndAsync())!.Name);
    }

    [Fact]
    public async Task a_reply_that_breaks_off_where_another_worker_has_the_turn_is_told_as_handed_over()
    {
        await using var talk = await StartAsync(Slow with { CutAfter = 30 });
        using var reply = await talk.SayAsync("I feel stuck");
        await reply.TokensAsync(5);

        // What the one that takes over does with its claim.
        await database.ExecuteAsync("update jobs set attempts = attempts + 1 where kind = 'solve.reply'");

        await Eventually.BeTrueAsync("the hand-over", () => talk.System.Log.Any(line => line.Contains("was taken over by another worker", StringComparison.Ordinal)));
        Assert.DoesNotContain(talk.System.Log, line => line.Contains("broke off", StringComparison.Ordinal));
    }

    [Fact]
    public async Task one_trace_leads_from_the_request_through_the_queue_to_the_model_and_no_log_line_tells_what_was_said()
    {
        await using var talk = await StartAsync();
        const string trace = "0af7651916cd43dd8448eb211c80319c";

        using var reply = await talk.SayAsync("my secret garden is dying", traceParent: $"00-{trace}-b7ad6b7169203331-01");
        await reply.ToEndAsync();

        Assert.Equal(trace, Assert.Single(_model.TraceParents).Split('-')[1]);
        foreach (var secret in new[] { "secret garden", "Hello there", talk.Person.Fingerprint, talk.Person.Token! })
        {
            Assert.DoesNotContain(talk.System.Log, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task somebody_in_danger_gets_a_hotline_at_once_and_nothing_is_stored()
    {
        await using var talk = await StartAsync(workers: 0);

        using var reply = await talk.SayAsync("I want to die");
        var done = await reply.ToEndAsync();

        Assert.Contains("988", reply.Text, StringComparison.Ordinal);
        Assert.True(done!.Data.GetProperty("blocked").GetBoolean());
        Assert.Equal("CRISIS", done.Data.GetProperty("reason").GetString());
        Assert.Equal("988", done.Data.GetProperty("resources").GetProperty("US").GetString());
        Assert.Equal("717 003 717", done.Data.GetProperty("resources").GetProperty("ES").GetString());
        Assert.False(done.Data.TryGetProperty("message", out _));
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from messages where session_id = $1", talk.Session));
        Assert.Equal("{\"keyword\": \"wish_to_die\"}", await database.ScalarAsync<string>(
            "select payload::text from analytics_events where session_id = $1 and event_type = 'crisis_detected'", talk.Session));
    }

    private async Task<ReplyConversation> StartAsync(ModelScript? script = null, int apis = 1, int workers = 1)
    {
        _model.Script = script ?? new ModelScript();
        return await ReplyConversation.StartAsync(await RunningSystem.StartAsync(
            database.ConnectionString,
            _redis.Server.ConnectionString,
            apis,
            workers,
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["OPENAI_API_KEY"] = "not-a-key", ["OPENAI_BASE_URL"] = _model.BaseUrl }));
    }

    /// <summary>The process that holds the lease of the running turn.</summary>
    private async Task<ServiceProcess> WorkerOfTheTurnAsync(RunningSystem system)
    {
        var holders = await Task.WhenAll(system.Workers.Select(async worker => (worker, Holds: await HoldsAsync(worker))));
        return holders.Single(h => h.Holds).worker;

        async Task<bool> HoldsAsync(ServiceProcess worker) => await database.ScalarAsync<bool>(
            "select exists (select 1 from jobs j join workers w on w.id = j.lease where w.name like '%:' || $1 and j.kind = 'solve.reply')",
            worker.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private async Task AssertOneReplyAsync(Guid session) => Assert.Equal(
        1L, await database.ScalarAsync<long>("select count(*) from messages where session_id = $1 and role = 'assistant'", session));
}
