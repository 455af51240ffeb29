using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Learn;
using Solacore.Core.Telemetry;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api.Auth;

public sealed class AccountTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    // Columns of a person's tables that their export does not show, and why. Anything else has to be in it.
    private static readonly Dictionary<string, string> Internal = new(StringComparer.Ordinal)
    {
        ["users.password_hash"] = "a proof, no data",
        ["devices.device_fingerprint"] = "a proof: whoever knows it can act as the device",
        ["active_sessions.token_hash"] = "a proof, no data",
        ["active_sessions.previous_token_hash"] = "a proof, no data",
        ["password_reset_tokens.token_hash"] = "a proof, no data",
        ["subscriptions.plan_valid_until"] = "when to compute the plan anew",
        ["solve_sessions.first_message"] = "a copy of the first of the messages",
        ["solve_sessions.reminder_queued_for"] = "state of the mail queue",
        ["solve_profiles.schema_version"] = "form of the profile",
        ["turns.attempt"] = "state of the job queue",
        ["own_words.user_id"] = "whose session it is, once more",
        ["own_words.text"] = "a copy of the messages, for the search",
        ["entitlements.compared_at"] = "when the store was asked last",
        ["entitlement_changes.webhook_event_id"] = "a row that only operators see",
    };

    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync(database);

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task an_export_holds_every_column_of_every_table_that_belongs_to_the_person()
    {
        var person = await _host.RegisterAsync();
        var tables = await EveryTable.ReadAsync(database.DataSource);
        var values = await tables.FillAsync(person.Id, "mark-of-ann");

        var answer = await person.Client.FetchAsync("/account/export");

        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.Status, answer.Header("Content-Type")));
        Assert.Equal(Internal.Keys.Order(StringComparer.Ordinal), values.Where(value => !Shows(answer.Body, value.Value)).Select(value => value.Key).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("hash", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task an_export_has_the_members_that_clients_know()
    {
        var person = await _host.RegisterAsync();
        await (await EveryTable.ReadAsync(database.DataSource)).FillAsync(person.Id, "mark");

        var export = (await person.Client.FetchAsync("/account/export")).Json;

        AssertHas(export, ["exported_at", "user", "subscription", "devices", "active_sessions", "solve_sessions", "step_history", "analytics_events", "learn_sessions",
                "usage", "profiles"]);
        Assert.Equal(
            ["id", "email", "auth_provider", "auth_provider_id", "locale", "is_active", "created_at", "updated_at", "email_verified_at", "reminder_mails_stopped_at"],
            export.GetProperty("user").EnumerateObject().Select(member => member.Name));
        AssertHas(export.GetProperty("active_sessions")[0], ["id", "device_id", "created_at", "expires_at"]);
        AssertHas(export.GetProperty("devices")[0], ["id", "device_name", "platform", "is_active", "created_at", "last_active_at", "last_removal_at"]);
        AssertHas(export.GetProperty("solve_sessions")[0], ["id", "status", "current_step", "locale", "first_step_action", "reminder_time", "created_at", "completed_at", "tags", "messages"]);
        AssertHas(export.GetProperty("step_history")[0], ["id", "session_id", "step", "started_at", "completed_at", "message_count"]);
        AssertHas(export.GetProperty("analytics_events")[0], ["id", "session_id", "event_type", "payload", "created_at"]);
        AssertHas(export.GetProperty("subscription"), ["id", "tier", "status", "current_period_start", "current_period_end", "cancel_at_period_end", "created_at", "updated_at"]);
        Assert.Equal(1, export.GetProperty("learn_sessions")[0].GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task an_export_names_nobody_from_whom_or_to_whom_a_store_moved_something()
    {
        var person = await _host.RegisterAsync();
        var other = Guid.CreateVersion7();
        await using var db = database.Open();
        var stamp = new Stamp(DateTimeOffset.UnixEpoch, 0, DateTimeOffset.UnixEpoch, "event");
        db.Entitlements.Add(Bought("moved-here", new EntitlementState { Owner = new(other, stamp), StatedTier = new(Tier.Pro, stamp) }));
        db.Entitlements.Add(Bought("", new EntitlementState { Transfers = [new(other, stamp)], StatedTier = new(Tier.Standard, stamp) }));
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);

        var export = (await person.Client.FetchAsync("/account/export")).Body;

        Assert.DoesNotContain(other.ToString(), export, StringComparison.Ordinal);
        Assert.Equal(2, JsonDocument.Parse(export).RootElement.GetProperty("entitlements").EnumerateArray()
            .Count(bought => bought.GetProperty("state").GetProperty("stated_tier").ValueKind == JsonValueKind.Object));

        Entitlement Bought(string name, EntitlementState state) => new()
        {
            Id = Guid.CreateVersion7(),
            UserId = person.Id,
            Source = BillingSource.RevenueCat,
            ExternalSubscriptionId = name,
            State = state,
        };
    }

    [Fact]
    public async Task instants_inside_of_what_is_exported_are_written_as_everywhere()
    {
        var person = await _host.RegisterAsync();
        var now = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero).AddTicks(1234567);
        await using var db = database.Open();
        var session = new SolveSession { Id = Guid.CreateVersion7(), UserId = person.Id };
        db.SolveSessions.Add(session);
        db.LearnSessions.Add(new LearnSession { Id = Guid.CreateVersion7(), UserId = person.Id, ReviewSchedule = ReviewSchedule.From(now).ToJson() });
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        db.AnalyticsEvents.Add(Analytics.ReminderSent(session.Id, "mail", new DateTimeOffset(2026, 3, 4, 7, 6, 7, TimeSpan.FromHours(2)), now));
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);

        var export = (await person.Client.FetchAsync("/account/export")).Json;

        Assert.Equal(
            """{"day_1":"2026-03-05T05:06:07.123456Z","day_3":"2026-03-07T05:06:07.123456Z","day_7":"2026-03-11T05:06:07.123456Z","day_15":"2026-03-19T05:06:07.123456Z","day_30":"2026-04-03T05:06:07.123456Z"}""",
            export.GetProperty("learn_sessions")[0].GetProperty("review_schedule").GetRawText());
        Assert.Equal("2026-03-04T05:06:07Z", export.GetProperty("analytics_events")[0].GetProperty("payload").GetProperty("reminder_time").GetString());
    }

    [Fact]
    public async Task deleting_an_account_leaves_no_trace_of_it_in_any_table_and_clears_the_cookies()
    {
        var person = await _host.RegisterAsync();
        var other = await _host.RegisterAsync();
        var tables = await EveryTable.ReadAsync(database.DataSource);
        await tables.FillAsync(person.Id, "mark-of-the-deleted");
        await tables.FillAsync(other.Id, "mark-of-the-other");
        await database.ExecuteAsync(
            """
            insert into webhook_events (id, source, event_id, event_type, body, payload_hash, state, customer_key) values
            (gen_random_uuid(), 'revenuecat', 'evt_deleted', 'RENEWAL', convert_to('for ' || $1::text, 'utf8'), md5('a'), 'applied', $1::text)
            """,
            person.Id);
        var othersBefore = await ExportAsync(other);
        string[] traces = [person.Id.ToString(), person.Id.ToString("n"), person.Email, person.Fingerprint, "mark-of-the-deleted"];
        Assert.Empty(tables.Owned.Append("webhook_events").Except(await tables.FindAsync(traces)));

        var deleted = await person.Client.SendAsync(HttpMethod.Delete, "/account/", content: null);

        Assert.Equal(HttpStatusCode.NoContent, deleted.Status);
        Assert.Equal(4, deleted.Message.Headers.GetValues("Set-Cookie").Count(cookie => cookie.Contains("Max-Age=0", StringComparison.Ordinal)));

        // What is left is the order to end what is paid for at Stripe, until it is done.
        Assert.Equal(["jobs"], await tables.FindAsync(traces));
        Assert.Equal("billing.cancel_stripe_subscription billing.close_stripe_customer", await database.ScalarAsync<string>("select string_agg(distinct kind, ' ' order by kind) from jobs"));
        Assert.Equal("evt_deleted ignored 0", await database.ScalarAsync<string>("select event_id || ' ' || state || ' ' || length(body) from webhook_events where event_id = 'evt_deleted'"));
        Assert.Equal(othersBefore, await ExportAsync(other));
        Assert.Contains("SESSION_REVOKED", (await person.Client.FetchAsync("/auth/me")).Body, StringComparison.Ordinal);
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

    private static async Task<string> ExportAsync(Person person)
    {
        var export = JsonNode.Parse((await person.Client.FetchAsync("/account/export")).Body)!.AsObject();
        export.Remove("exported_at");
        return export.ToJsonString();
    }

    // As a whole value: 10012 is not shown by 2031-01-01T00:10:0012 or 100123.
    private static bool Shows(string json, string value) => Regex.IsMatch(json, $@"(?<![\w.-]){Regex.Escape(value)}(?![\w.-])", RegexOptions.None, TimeSpan.FromSeconds(10));

    private static void AssertHas(JsonElement element, string[] members) =>
        Assert.Empty(members.Except(element.EnumerateObject().Select(member => member.Name)));
}
