using Solacore.Tests.Infrastructure;
using Solacore.Tests.Mail;

namespace Solacore.Tests.Upkeep;

public sealed class UpkeepTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() =>
        await database.ExecuteAsync("truncate jobs, dead_jobs, workers, recurring_jobs, users, analytics_events, webhook_events cascade");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task the_purge_removes_what_is_outlived_and_keeps_the_rest()
    {
        var ann = await database.UserAsync("ann@example.com");
        var device = Guid.CreateVersion7();
        await database.ExecuteAsync("insert into devices (id, user_id, device_fingerprint) values ($1, $2, 'phone')", device, ann);
        await database.ExecuteAsync(
            """
            insert into active_sessions (id, user_id, device_id, token_hash, expires_at)
            select gen_random_uuid(), $1, $2, name, now() - age
            from (values ('old', interval '8 days'), ('expired', interval '6 days'), ('live', interval '-20 days')) logins(name, age)
            """,
            ann,
            device);
        await database.ExecuteAsync(
            """
            insert into password_reset_tokens (id, user_id, token_hash, expires_at)
            select gen_random_uuid(), $1, name, now() - age
            from (values ('old', interval '25 hours'), ('expired', interval '1 hour'), ('live', interval '-20 minutes')) links(name, age)
            """,
            ann);
        await database.ExecuteAsync(
            """
            insert into webhook_events (id, source, event_id, event_type, body, payload_hash, state, received_at)
            select gen_random_uuid(), 'stripe', state || age, 'x', '', '', state, now() - age
            from unnest(array['received', 'applied', 'waiting', 'ignored']) state, unnest(array[interval '91 days', interval '89 days']) age
            """);

        // More than two batches, and an unfinished one.
        await database.ExecuteAsync(
            """
            insert into analytics_events (id, event_type, created_at)
            select gen_random_uuid(), 'old', now() - interval '366 days' from generate_series(1, 2500)
            union all select gen_random_uuid(), 'young', now() - interval '364 days'
            """);
        await using var host = MailHost.Start(database, smtp: null);

        await host.RunNowAsync("upkeep.purge");

        Assert.Equal("expired,live", await NamesAsync("select token_hash from active_sessions"));
        Assert.Equal("expired,live", await NamesAsync("select token_hash from password_reset_tokens"));
        Assert.Equal(
            "applied89 days,ignored89 days,received89 days,received91 days,waiting89 days",
            await NamesAsync("select event_id from webhook_events"));
        Assert.Equal("young", await NamesAsync("select event_type from analytics_events"));
    }

    [Fact]
    public async Task a_turn_without_a_job_gets_a_visible_end_and_others_are_left_alone()
    {
        var ann = await database.UserAsync("ann@example.com");
        var lost = await TurnAsync(ann, "running", minutes: 11, hasJob: false);
        var worked = await TurnAsync(ann, "running", minutes: 11, hasJob: true);
        var young = await TurnAsync(ann, "queued", minutes: 9, hasJob: false);
        var done = await TurnAsync(ann, "completed", minutes: 11, hasJob: false);
        await using var host = MailHost.Start(database, smtp: null);

        await host.RunNowAsync("upkeep.end_lost_turns");

        Assert.Equal(
            ["failed lost True", "running  False", "queued  False", "completed  False"],
            await Task.WhenAll(new[] { lost, worked, young, done }.Select(turn => database.ScalarAsync<string>(
                "select concat_ws(' ', status, coalesce(error, ''), initcap((finished_at is not null)::text)) from turns where id = $1", turn))));
        Assert.Equal("""stream_failed {"error": "lost"}""", await NamesAsync("select event_type || ' ' || payload from analytics_events"));
        Assert.Contains("Error Failed 1 turns that had neither an end nor a job ", host.Log);
    }

    [Theory]
    [InlineData("solve", """{"cancelled": true, "next_step": "clarify", "confidence": 0.5, "emotion_detected": "neutral"}""")]
    [InlineData("learn", """{"cancelled": true, "next_step": null, "message_id": null, "step_completed": false, "session_completed": false}""")]
    public async Task a_turn_whose_job_is_parked_can_be_stopped_and_ends_as_any_that_is_stopped(string kind, string outcome)
    {
        var ann = await database.UserAsync("ann@example.com");
        var stopped = await TurnAsync(ann, "queued", minutes: 1, hasJob: false, kind);
        var worked = await TurnAsync(ann, "running", minutes: 1, hasJob: true, kind);
        await database.ExecuteAsync("update solve_sessions set current_step = 'clarify'");
        await database.ExecuteAsync("update turns set cancel_requested_at = now()");
        await using var host = MailHost.Start(database, smtp: null);

        await host.RunNowAsync("upkeep.end_lost_turns");

        Assert.Equal(
            $"cancelled {outcome} True",
            await database.ScalarAsync<string>(
                "select concat_ws(' ', status, error, outcome, initcap((finished_at is not null)::text)) from turns where id = $1", stopped));
        Assert.Equal("running", await database.ScalarAsync<string>("select status from turns where id = $1", worked));
        Assert.Equal("", await NamesAsync("select event_type from analytics_events"));
        Assert.DoesNotContain(host.Log, line => line.Contains("neither an end nor a job", StringComparison.Ordinal));
    }

    private async Task<Guid> TurnAsync(Guid user, string status, int minutes, bool hasJob, string kind = "solve")
    {
        var turn = Guid.CreateVersion7();
        await database.ExecuteAsync($"insert into {kind}_sessions (id, user_id) values ($1, $2)", turn, user);
        await database.ExecuteAsync(
            $"""
            insert into turns (id, user_id, {kind}_session_id, status, attempt, user_message_id, locale, created_at, input_tokens, output_tokens)
            values ($1, $2, $1, $3, 1, $1, 'en', now() - make_interval(mins => $4), 0, 0)
            """,
            turn,
            user,
            status,
            minutes);
        if (hasJob)
        {
            await database.ExecuteAsync(
                "insert into jobs (lane, kind, payload, max_attempts) values ('turns', 'solve.reply', jsonb_build_object('turn_id', $1), 3)", turn);
        }

        return turn;
    }

    private Task<string> NamesAsync(string query) =>
        database.ScalarAsync<string>($"select coalesce(string_agg(name, ',' order by name), '') from ({query}) found(name)");
}
