using System.Net;
using System.Text.Json;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api.Auth;

public sealed class AccountTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    // One row of every kind that a person can own.
    private const string EverythingOf = """
        with d as (select id from devices where user_id = $1 limit 1),
        s as (insert into solve_sessions (id, user_id, device_id, first_step_action, tags)
              select gen_random_uuid(), $1, d.id, 'call', '{work}' from d returning id),
        m as (insert into messages (id, session_id, role, content, step) select gen_random_uuid(), s.id, 'user', 'my words', 'receive' from s returning id),
        h as (insert into step_history (id, session_id, step, message_count) select gen_random_uuid(), s.id, 'receive', 1 from s),
        p as (insert into solve_profiles (id, session_id, profile) select gen_random_uuid(), s.id, '{"goal":"rest"}' from s),
        a as (insert into analytics_events (id, session_id, event_type, payload) select gen_random_uuid(), s.id, 'session_started', '{}' from s),
        t as (insert into turns (id, user_id, solve_session_id, status, attempt, user_message_id, locale, input_tokens, output_tokens)
              select gen_random_uuid(), $1, s.id, 'completed', 1, m.id, 'en', 0, 0 from s, m),
        u as (insert into usage (id, user_id, period_start, session_count) values (gen_random_uuid(), $1, now(), 1)),
        r as (insert into password_reset_tokens (id, user_id, token_hash, expires_at) values (gen_random_uuid(), $1, md5($1::text), now()))
        select 1
        """;

    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync(database);

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task an_export_holds_everything_but_hashes()
    {
        var person = await _host.RegisterAsync();
        await database.ScalarAsync<int>(EverythingOf, person.Id);

        var answer = await person.Client.FetchAsync("/account/export");

        var export = JsonDocument.Parse(answer.Body).RootElement;
        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.Status, answer.Header("Content-Type")));
        Assert.Equal(
            ["exported_at", "user", "subscription", "devices", "active_sessions", "solve_sessions", "step_history", "profiles", "turns",
                "usage", "entitlements", "plan_changes", "analytics_events"],
            export.EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            ["id", "email", "auth_provider", "auth_provider_id", "locale", "is_active", "created_at", "updated_at"],
            export.GetProperty("user").EnumerateObject().Select(member => member.Name));
        var session = Assert.Single(export.GetProperty("solve_sessions").EnumerateArray());
        Assert.Equal(
            ("call", "work", "my words"),
            (session.GetProperty("first_step_action").GetString(), session.GetProperty("tags")[0].GetString(),
                session.GetProperty("messages")[0].GetProperty("content").GetString()));
        Assert.All(
            ["devices", "active_sessions", "step_history", "profiles", "turns", "usage", "analytics_events"],
            member => Assert.Equal(1, export.GetProperty(member).GetArrayLength()));
        Assert.DoesNotContain("hash", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("pbkdf2", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task deleting_an_account_leaves_no_row_behind_and_clears_the_cookies()
    {
        var person = await _host.RegisterAsync();
        var other = await _host.RegisterAsync();
        await database.ScalarAsync<int>(EverythingOf, person.Id);
        await database.ScalarAsync<int>(EverythingOf, other.Id);
        var before = await RowsAsync();

        var deleted = await person.Client.SendAsync(HttpMethod.Delete, "/account/", content: null);

        Assert.Equal(HttpStatusCode.NoContent, deleted.Status);
        Assert.Equal(4, deleted.Message.Headers.GetValues("Set-Cookie").Count(cookie => cookie.Contains("max-age=0", StringComparison.Ordinal)));
        Assert.Equal(before.ToDictionary(table => table.Key, table => table.Value / 2), await RowsAsync());
        Assert.Contains("SESSION_REVOKED", (await person.Client.FetchAsync("/auth/me")).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await other.Client.FetchAsync("/auth/me")).Status);
        Assert.Equal(HttpStatusCode.Created, (await _host.Client.PostAsync("/auth/register", Person.Credentials(person.Email, person.Fingerprint))).Status);
    }

    [Fact]
    public async Task what_the_person_pays_for_at_stripe_is_ended_with_the_account()
    {
        var person = await _host.RegisterAsync();
        await database.ExecuteAsync("delete from jobs");
        await database.ExecuteAsync(
            """
            insert into entitlements (id, user_id, source, external_subscription_id, state, created_at, updated_at) values
            (gen_random_uuid(), $1, 'stripe', 'sub_live', '{}', now(), now()),
            (gen_random_uuid(), $1, 'stripe', 'sub_gone', '{"Deleted":true}', now(), now()),
            (gen_random_uuid(), $1, 'revenuecat', 'store', '{}', now(), now())
            """,
            person.Id);

        await person.Client.SendAsync(HttpMethod.Delete, "/account", content: null);

        Assert.Equal(
            """billing.cancel_stripe_subscription {"subscription_id": "sub_live"}""",
            await database.ScalarAsync<string>("select string_agg(kind || ' ' || payload, ',') from jobs"));
    }

    [Fact]
    public async Task a_cookie_alone_deletes_nothing()
    {
        var person = await _host.RegisterAsync();

        var bare = await _host.Client.SendAsync(HttpMethod.Delete, "/account", content: null, ("Cookie", "access_token=" + person.Access));
        var proven = await _host.Client.SendAsync(
            HttpMethod.Delete, "/account", content: null, ("Cookie", $"access_token={person.Access}; csrf_token=t; csrf_token_http=t"), ("X-CSRF-Token", "t"));

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.NoContent), (bare.Status, proven.Status));
    }

    /// <summary>Number of rows of each table that belongs to people.</summary>
    private async Task<Dictionary<string, long>> RowsAsync()
    {
        string[] notOfPeople = ["__EFMigrationsHistory", "prompt_templates", "workers", "recurring_jobs", "jobs", "dead_jobs", "webhook_events", "entitlements", "entitlement_changes"];
        var tables = await database.ScalarAsync<string[]>(
            "select array_agg(tablename::text) from pg_tables where schemaname = 'public'");
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in tables.Except(notOfPeople, StringComparer.Ordinal))
        {
            rows[table] = await database.ScalarAsync<long>($"select count(*) from {table}");
        }

        return rows;
    }
}
