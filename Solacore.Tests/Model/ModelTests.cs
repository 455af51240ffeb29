using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Solacore.Core.Billing;
using Solacore.Core.Jobs;
using Solacore.Core.Model;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Model;

/// <summary>Which model speaks, and what may be spent on it.</summary>
public sealed class ModelTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private ModelStandIn _model = null!;
    private ModelStandIn _other = null!;

    public async ValueTask InitializeAsync()
    {
        _model = await ModelStandIn.StartAsync();
        _other = await ModelStandIn.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _model.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task a_model_of_another_provider_speaks_when_the_first_one_does_not()
    {
        _model.Script = new ModelScript { Status = StatusCodes.Status401Unauthorized };
        await using var host = new ModelHost(database, [
            .. OpenAi(),
            ("LLM_MODEL", "gpt-4o-mini,openrouter:some/model:free,anthropic:claude-x"),
            ("LLM_PRICES", "some/model:free=0.1/0.1,claude-x=1/1"),
            ("OPENROUTER_API_KEY", "not-a-key-either"), ("OPENROUTER_BASE_URL", _other.BaseUrl),
            ("OPENROUTER_APP_NAME", "Solacore"), ("OPENROUTER_REFERER", "https://solacore.example"),
            ("ANTHROPIC_API_KEY", "nor-this"), ("ANTHROPIC_BASE_URL", _other.BaseUrl)]);
        var ann = await host.AskerAsync();

        Assert.Equal("some/model:free: Hello there.", await host.AskAsync(ann));
        Assert.Equal("gpt-4o-mini failed, some/model:free answered paid", await host.CallsAsync(ann));
        var headers = Assert.Single(_other.Everything).Headers;
        Assert.Equal(
            ("Bearer not-a-key-either", "Solacore", "https://solacore.example"), (headers["Authorization"], headers["X-Title"], headers["HTTP-Referer"]));

        _other.Script = new ModelScript { Status = StatusCodes.Status404NotFound };
        Assert.Equal("no_answer", await host.AskAsync(ann));
        Assert.Equal(["Bearer not-a-key-either", "Bearer nor-this"], _other.Everything.Skip(1).Select(r => r.Headers["Authorization"]));
    }

    [Fact]
    public async Task what_a_provider_says_about_its_error_is_in_no_log_and_no_trace()
    {
        const string quoted = "My husband Peter";
        _model.Script = new ModelScript { Status = StatusCodes.Status400BadRequest, ErrorMessage = $"Refused: {quoted}" };
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Solacore.Model",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = new ModelHost(database, OpenAi());

        Assert.Equal("no_answer", await host.AskAsync(await host.AskerAsync()));

        Assert.Contains(spans, span => span.StatusDescription == "The provider answered with status 400.");
        Assert.DoesNotContain(spans, span => $"{span.StatusDescription} {string.Join(' ', span.TagObjects)} {string.Join(' ', span.Events.SelectMany(e => e.Tags))}".Contains(quoted, StringComparison.Ordinal));
        Assert.DoesNotContain(host.Log, line => line.Contains(quoted, StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_letter_that_cannot_be_stored_is_left_out_of_a_reply()
    {
        _model.Script = new ModelScript { Pieces = ["Hello \0", "th\0ere."] };
        await using var host = new ModelHost(database, OpenAi());

        Assert.Equal("gpt-4o-mini: Hello there.", await host.AskAsync(await host.AskerAsync()));
    }

    [Fact]
    public async Task a_letter_that_cannot_be_stored_is_left_out_of_thoughts_that_stand_for_a_reply()
    {
        _model.Script = new ModelScript { Reasoning = "So \0I think.", Pieces = [] };
        await using var host = new ModelHost(database, [
            ("LLM_PROVIDER", "openrouter"), ("OPENROUTER_API_KEY", "not-a-key"), ("OPENROUTER_BASE_URL", _model.BaseUrl),
            ("ENABLE_REASONING_OUTPUT", "true"), ("OPENROUTER_REASONING_FALLBACK", "true")]);

        Assert.Equal("gpt-4o-mini: So I think.", await host.AskAsync(await host.AskerAsync()));
    }

    [Fact]
    public async Task a_model_that_fails_in_a_row_is_left_alone_and_tried_again_after_a_pause()
    {
        _model.Script = new ModelScript { Status = StatusCodes.Status401Unauthorized };
        await using var host = new ModelHost(database, [.. OpenAi(), ("LLM_BREAKER_FAILURES", "2"), ("LLM_BREAKER_PAUSE", "0.3")]);
        var ann = await host.AskerAsync();

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("no_answer", await host.AskAsync(ann));
        }

        Assert.Equal(2, _model.Requests.Count);

        _model.Script = new ModelScript();
        await Eventually.BeTrueAsync("the model speaks again", async () => await host.AskAsync(ann) == "gpt-4o-mini: Hello there.");
        Assert.Equal("gpt-4o-mini failed, gpt-4o-mini failed, gpt-4o-mini answered paid", await host.CallsAsync(ann));
    }

    [Fact]
    public async Task a_model_that_is_tried_after_a_pause_answers_others_while_it_still_speaks()
    {
        _model.Script = new ModelScript { Status = StatusCodes.Status401Unauthorized, Errors = 2 };
        await using var host = new ModelHost(database, [.. OpenAi(), ("LLM_BREAKER_FAILURES", "2"), ("LLM_BREAKER_PAUSE", "0.3")]);
        var ann = await host.AskerAsync();
        await host.AskAsync(ann);
        await host.AskAsync(ann);
        var asked = _model.Requests.Count;
        _model.Script = new ModelScript { HangAfter = 1 };
        using var enough = new CancellationTokenSource();
        var talking = Task.CompletedTask;
        await Eventually.BeTrueAsync("the model is tried again", () =>
        {
            talking = talking.IsCompleted ? host.AskAsync(ann, enough.Token) : talking;
            return _model.Requests.Count > asked;
        });
        _model.Script = new ModelScript();

        await Eventually.BeTrueAsync(
            "somebody else is answered", async () => await host.AskAsync(await host.AskerAsync()) == "gpt-4o-mini: Hello there.");
        Assert.False(talking.IsCompleted);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => talking);
    }

    [Theory]
    [InlineData(StatusCodes.Status400BadRequest)]
    [InlineData(StatusCodes.Status403Forbidden)]
    public async Task a_text_that_the_provider_refuses_keeps_the_model_from_nobody_else(int status)
    {
        _model.Script = new ModelScript { Status = status, Errors = 2 };
        await using var host = new ModelHost(database, [.. OpenAi(), ("LLM_BREAKER_FAILURES", "2")]);
        var ann = await host.AskerAsync();

        Assert.Equal("no_answer", await host.AskAsync(ann));
        Assert.Equal("no_answer", await host.AskAsync(ann));

        Assert.Equal("gpt-4o-mini: Hello there.", await host.AskAsync(await host.AskerAsync()));
    }

    [Fact]
    public async Task a_model_that_no_time_is_left_for_is_not_asked_and_costs_nothing()
    {
        // The third request would come after a second and a half.
        _model.Script = new ModelScript { Status = StatusCodes.Status500InternalServerError };
        await using var host = new ModelHost(database, [
            .. OpenAi(), ("LLM_TIMEOUT", "1"), ("LLM_BREAKER_FAILURES", "1"), ("LLM_MODEL", "gpt-4o-mini,openrouter:some/model:free"),
            ("LLM_PRICES", "some/model:free=0.1/0.1"), ("OPENROUTER_API_KEY", "not-a-key-either"), ("OPENROUTER_BASE_URL", _other.BaseUrl)]);
        var ann = await host.AskerAsync();

        Assert.Equal("no_answer", await host.AskAsync(ann));
        Assert.Equal((2, 0), (_model.Requests.Count, _other.Requests.Count));
        Assert.Equal("gpt-4o-mini failed", await host.CallsAsync(ann));

        Assert.Equal("some/model:free: Hello there.", await host.AskAsync(ann));
    }

    [Fact]
    public async Task a_model_whose_time_ran_out_while_the_money_was_set_aside_has_not_failed()
    {
        await using var host = new ModelHost(database, [.. OpenAi(), ("LLM_TIMEOUT", "1"), ("LLM_BREAKER_FAILURES", "1")]);
        var ann = await host.AskerAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var budget = await connection.BeginTransactionAsync();
        await using var holding = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended($1::text, 0))", connection) { Parameters = { new() { Value = ann.UserId } } };
        await holding.ExecuteNonQueryAsync();

        var since = Stopwatch.StartNew();
        var asking = host.AskAsync(ann);
        await Eventually.BeTrueAsync("the time of the reply is over", () => since.Elapsed > TimeSpan.FromSeconds(1.5));
        await budget.RollbackAsync();

        Assert.Equal("no_answer", await asking);
        Assert.Empty(_model.Requests);
        Assert.Equal("gpt-4o-mini cancelled", await host.CallsAsync(ann));
        Assert.Equal("gpt-4o-mini: Hello there.", await host.AskAsync(ann));
    }

    [Theory]
    [InlineData("0", 3, "gpt-4o-mini: Hello there.")]
    [InlineData("3600", 1, "no_answer")]
    [InlineData("Fri, 01 Jan 2100 00:00:00 GMT", 1, "no_answer")]
    public async Task a_provider_that_asks_to_wait_is_waited_for_if_it_is_short_and_left_alone_if_it_is_long(string retryAfter, int requests, string expected)
    {
        _model.Script = new ModelScript { Status = StatusCodes.Status429TooManyRequests, RetryAfter = retryAfter, Errors = 2 };
        await using var host = new ModelHost(database, OpenAi());
        var ann = await host.AskerAsync();

        Assert.Equal(expected, await host.AskAsync(ann));
        Assert.Equal(requests, _model.Requests.Count);

        // It asked for a long rest and gets it, without three failures.
        Assert.Equal(expected, await host.AskAsync(ann));
        Assert.Equal(expected == "no_answer" ? 1 : 4, _model.Requests.Count);
    }

    [Theory]
    [InlineData("true", "true", "gpt-4o-mini: So I think.")]
    [InlineData("true", "false", "no_answer")]
    [InlineData("false", "true", "no_answer")]
    public async Task what_an_openrouter_model_thought_is_its_reply_only_when_both_switches_say_so(string output, string fallback, string expected)
    {
        _model.Script = new ModelScript { Reasoning = "So I think.", Pieces = [] };
        await using var host = new ModelHost(database, [
            ("LLM_PROVIDER", "openrouter"), ("OPENROUTER_API_KEY", "not-a-key"), ("OPENROUTER_BASE_URL", _model.BaseUrl),
            ("ENABLE_REASONING_OUTPUT", output), ("OPENROUTER_REASONING_FALLBACK", fallback)]);
        var ann = await host.AskerAsync();

        Assert.Equal(expected, await host.AskAsync(ann));

        _model.Script = _model.Script with { Pieces = ["Said."] };
        Assert.Equal("gpt-4o-mini: Said.", await host.AskAsync(ann));
    }

    [Theory]
    [InlineData("hang", "no_answer", "gpt-4o-mini failed paid")]
    [InlineData("cut", "no_answer", "gpt-4o-mini failed paid")]
    [InlineData("silence", "no_answer", "gpt-4o-mini silent paid")]
    [InlineData("words", "gpt-4o-mini: One (broken)", "gpt-4o-mini broken paid")]
    public async Task what_a_model_thought_is_paid_for_once_whatever_follows_it(string follows, string expected, string calls)
    {
        var thoughtful = new ModelScript { Reasoning = string.Concat(Enumerable.Repeat("so I think ", 40)), Pieces = ["One ", "two"], TellsUsage = false };
        _model.Script = follows switch
        {
            "hang" => thoughtful with { HangAfter = 0 },
            "cut" => thoughtful with { StopAfter = 0 },
            "silence" => thoughtful with { Pieces = [] },
            _ => thoughtful with { HangAfter = 1 },
        };
        await using var host = new ModelHost(database, [.. OpenAi(), ("LLM_FIRST_TOKEN_TIMEOUT", "3"), ("LLM_TOKEN_TIMEOUT", "1")]);
        var ann = await host.AskerAsync();

        Assert.Equal(expected, await host.AskAsync(ann));
        Assert.Single(_model.Requests);
        Assert.Equal(calls, await host.CallsAsync(ann));
        Assert.InRange(await database.ScalarAsync<int>("select output_tokens from model_calls where user_id = $1", ann.UserId), 100, 140);
    }

    [Fact]
    public async Task a_provider_that_was_not_reached_in_time_is_not_paid()
    {
        using var deaf = new Socket(SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen(1);
        var callers = new List<Socket>();
        Task connecting;
        do
        {
            // Until one waits: the others have taken all places in the line of whoever is never let in.
            var caller = new Socket(SocketType.Stream, ProtocolType.Tcp);
            callers.Add(caller);
            connecting = caller.ConnectAsync(deaf.LocalEndPoint!);
        }
        while (callers.Count < 20 && await Task.WhenAny(connecting, Task.Delay(TimeSpan.FromMilliseconds(500))) == connecting);

        await using var host = new ModelHost(database, [
            ("OPENAI_API_KEY", "not-a-key"), ("OPENAI_BASE_URL", $"http://{deaf.LocalEndPoint}/v1"), ("LLM_CONNECT_TIMEOUT", "0.3")]);
        var ann = await host.AskerAsync();

        Assert.Equal("no_answer", await host.AskAsync(ann));
        Assert.Equal("gpt-4o-mini failed", await host.CallsAsync(ann));
        callers.ForEach(caller => caller.Dispose());
    }

    [Fact]
    public async Task a_model_without_a_price_is_not_used_and_the_log_names_the_setting()
    {
        await using var host = new ModelHost(database, [.. OpenAi(), ("LLM_MODEL", "mystery")]);

        Assert.True(host.Services.GetRequiredService<ReplyModel>().IsConfigured);
        Assert.Equal("no_price", await host.AskAsync(await host.AskerAsync()));
        Assert.Empty(_model.Requests);
        Assert.Contains("Model mystery is not used: its price is missing in LLM_PRICES", host.Log);
    }

    [Fact]
    public async Task parallel_calls_of_one_person_never_break_a_cap_together()
    {
        await using var host = new ModelHost(database, [.. OpenAi(), ("LLM_BUDGET_SESSION", "free=0.001")]);
        var ann = await host.AskerAsync();

        // 100 micro-dollars each: ten fit.
        var asked = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => host.Ledger.ReserveAsync(
            ann, ModelPurpose.Reply, host.Route with { Price = new ModelPrice(1, 0) }, inputTokens: 100, outputTokens: 0, CancellationToken.None)));
        var granted = asked.OfType<Reservation>().ToList();
        Assert.Equal(10, granted.Count);
        Assert.Equal(10L, await database.ScalarAsync<long>("select count(*) from model_calls where session_id = $1", ann.SessionId));

        // What turns out cheaper makes room, once.
        granted[0].End(ModelOutcome.Answered, inputTokens: 40, outputTokens: 0);
        await host.Ledger.SettleAsync(granted[0]);
        granted[0].End(ModelOutcome.Answered, inputTokens: 0, outputTokens: 0);
        granted[0].IsSettled = false;
        await host.Ledger.SettleAsync(granted[0]);
        Assert.Equal(940L, (long)await database.ScalarAsync<decimal>("select sum(coalesce(cost_micros, reserved_micros)) from model_calls where session_id = $1", ann.SessionId));
    }

    [Theory]
    [InlineData("LLM_BUDGET_SESSION", "session")]
    [InlineData("LLM_BUDGET_DAY", "day")]
    [InlineData("LLM_BUDGET_PERIOD", "period")]
    public async Task over_any_cap_of_the_tier_no_model_is_asked(string setting, string cap)
    {
        await using var host = new ModelHost(database, [.. OpenAi(), (setting, "free=0.0001")]);
        var ann = await host.AskerAsync();
        var bob = await host.AskerAsync(Tier.Pro);

        Assert.Equal("over_budget", await host.AskAsync(ann));
        Assert.Empty(_model.Requests);
        Assert.Contains($"Model gpt-4o-mini is not asked: the {cap} budget of tier free is used up", host.Log);
        Assert.Equal("gpt-4o-mini: Hello there.", await host.AskAsync(bob));
    }

    [Fact]
    public async Task every_request_that_was_taken_is_paid_for_and_none_that_was_refused()
    {
        await using var host = new ModelHost(database, [.. OpenAi(), ("LLM_BREAKER_FAILURES", "9")]);
        _model.Script = new ModelScript { MalformedAfter = 0 };
        var once = await InputTokensAsync("no_answer");

        _model.Script = new ModelScript { CutAfter = 0 };
        Assert.Equal(3 * once, await InputTokensAsync("no_answer"));

        _model.Script = new ModelScript { Status = StatusCodes.Status500InternalServerError };
        Assert.Equal(0, await InputTokensAsync("no_answer"));

        _model.Script = new ModelScript { CutAfter = 0 };
        var asked = _model.Requests.Count;
        var cutOnce = InputTokensAsync("gpt-4o-mini: Hello there.");
        await Eventually.BeTrueAsync("the first request", () => _model.Requests.Count > asked);
        _model.Script = new ModelScript { TellsUsage = false };
        Assert.Equal(2 * once, await cutOnce);

        async Task<int> InputTokensAsync(string expected)
        {
            var asker = await host.AskerAsync();
            Assert.Equal(expected, await host.AskAsync(asker));
            return await database.ScalarAsync<int>("select input_tokens from model_calls where user_id = $1 and cost_micros <= reserved_micros", asker.UserId);
        }
    }

    [Fact]
    public async Task yesterday_counts_for_the_period_and_not_for_the_day()
    {
        await using var host = new ModelHost(database, [.. OpenAi(), ("LLM_BUDGET_DAY", "free=0.01"), ("LLM_BUDGET_PERIOD", "standard=0.01")]);
        var ann = await host.AskerAsync();
        var bob = await host.AskerAsync(Tier.Standard);
        foreach (var asker in new[] { ann, bob })
        {
            await database.ExecuteAsync(
                """
                insert into model_calls (id, user_id, session_id, turn_id, purpose, provider, model, reserved_micros, created_at)
                values (gen_random_uuid(), $1, gen_random_uuid(), gen_random_uuid(), 'reply', 'openai', 'm', 10000, now() - interval '25 hours')
                """,
                asker.UserId);
        }

        Assert.Equal("gpt-4o-mini: Hello there.", await host.AskAsync(ann));
        Assert.Equal("over_budget", await host.AskAsync(bob with { PeriodStart = DateTimeOffset.UtcNow.AddDays(-3) }));
        Assert.Equal("gpt-4o-mini: Hello there.", await host.AskAsync(bob with { PeriodStart = DateTimeOffset.UtcNow.AddHours(-3) }));
    }

    [Fact]
    public async Task what_nobody_will_settle_is_settled_at_its_worst_case_and_what_runs_is_left_alone()
    {
        await using var host = new ModelHost(database, OpenAi());
        var ann = await host.AskerAsync();
        for (var i = 0; i < 2; i++)
        {
            await host.Ledger.ReserveAsync(ann, ModelPurpose.Reply, host.Route, 100, 100, CancellationToken.None);
        }

        await database.ExecuteAsync(
            "update model_calls set created_at = now() - interval '11 minutes' where id = (select id from model_calls where user_id = $1 limit 1)", ann.UserId);
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<SettleLostCallsHandler>()
            .HandleAsync(new SettleLostCalls(), new JobContext(1, 1, 1, Guid.Empty), CancellationToken.None);

        Assert.Equal("lost 75, open -", await database.ScalarAsync<string>(
            "select string_agg(coalesce(outcome, 'open') || ' ' || coalesce(cost_micros::text, '-'), ', ' order by created_at) from model_calls where user_id = $1",
            ann.UserId));
    }

    [Fact]
    public async Task somebody_who_stops_before_the_first_word_ends_the_request_and_pays_for_what_was_asked()
    {
        _model.Script = new ModelScript { BeforeFirst = TimeSpan.FromMinutes(1) };
        await using var host = new ModelHost(database, OpenAi());
        var ann = await host.AskerAsync();
        using var stop = new CancellationTokenSource();
        var asking = host.AskAsync(ann, stop.Token);
        await Eventually.BeTrueAsync("the model was asked", () => _model.Requests.Count == 1);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Eventually.BeTrueAsync("the provider's connection closed", () => _model.Abandoned == 1);
        Assert.Equal("gpt-4o-mini cancelled paid", await host.CallsAsync(ann));
    }

    [Fact]
    public async Task an_operator_can_sum_by_user_model_and_day()
    {
        await using var host = new ModelHost(database, OpenAi());
        var ann = await host.AskerAsync();
        await host.AskAsync(ann);
        await host.AskAsync(ann);

        // 11 tokens at 0.15 and 7 at 0.60 are six micro-dollars.
        Assert.Matches(
            "^20[0-9]{2}-[0-9]{2}-[0-9]{2} openai gpt-4o-mini reply 2 22 14 0\\.000012$",
            await database.ScalarAsync<string>(
                "select concat_ws(' ', day, provider, model, purpose, calls, input_tokens, output_tokens, trim_scale(dollars)) from model_usage where user_id = $1",
                ann.UserId));
    }

    private (string, string)[] OpenAi() => [("OPENAI_API_KEY", "not-a-key"), ("OPENAI_BASE_URL", _model.BaseUrl)];
}
