using System.Net;
using System.Text.Json.Nodes;
using Solacore.Tests.Api;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

/// <summary>How sessions are counted (contract/domain.md 3), as HTTP and the table show it.</summary>
public sealed class QuotaTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private ApiHost _api = null!;

    public async ValueTask InitializeAsync() => _api = await ApiHost.StartAsync(database);

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task sessions_started_at_once_are_no_more_than_the_plan_allows_and_each_is_counted()
    {
        var person = await _api.RegisterAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => StartAsync(person)));

        Assert.Equal(10, answers.Count(a => a.Status == HttpStatusCode.Created));
        Assert.All(
            answers.Where(a => a.Status != HttpStatusCode.Created),
            refused => Assert.Equal(
                (HttpStatusCode.Forbidden, """{"error":"QUOTA_EXCEEDED","usage":{"used":10,"limit":10,"tier":"free"},"upgrade_url":"/subscriptions/checkout"}"""),
                (refused.Status, JsonNode.Parse(refused.Body)!["detail"]!.ToJsonString())));
        Assert.Equal(10, await CountedAsync(person));
        Assert.Equal(10, await database.ScalarAsync<long>("select count(*) from solve_sessions where user_id = $1", person.Id));
    }

    [Fact]
    public async Task what_could_not_start_is_not_counted_and_what_is_deleted_stays_counted()
    {
        var person = await _api.RegisterAsync();
        var unknownDevice = await person.Client.PostAsync("/sessions", json: null, ("X-Device-Fingerprint", "another"));
        var unknownTemplate = await person.Client.PostAsync(
            "/sessions", $$"""{"template_id":"{{Guid.NewGuid()}}"}""", ("X-Device-Fingerprint", person.Fingerprint));
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.NotFound), (unknownDevice.Status, unknownTemplate.Status));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from usage where user_id = $1", person.Id));

        var started = JsonNode.Parse((await StartAsync(person)).Body)!;
        await person.Client.SendAsync(HttpMethod.Delete, $"/sessions/{started["session_id"]}", content: null);

        Assert.Equal(1, await CountedAsync(person));
    }

    [Fact]
    public async Task each_plan_counts_over_its_own_period_and_free_goes_on_where_it_was()
    {
        var person = await _api.RegisterAsync();

        // On the first day of a month the free period and the month would begin together, and be one.
        await database.ExecuteAsync(
            "update subscriptions set created_at = created_at - interval '1 day' where user_id = $1 and extract(day from created_at at time zone 'utc') = 1", person.Id);
        await StartAsync(person);
        await StartAsync(person);

        await PlanAsync(person, "standard", "2026-11-03T10:30:00Z");
        await StartAsync(person);
        await PlanAsync(person, "standard", periodStart: null);
        await StartAsync(person);
        await PlanAsync(person, "free", periodStart: null);
        await StartAsync(person);

        Assert.Equal(
            "free 3, month 1, period 1",
            await database.ScalarAsync<string>(
                """
                select string_agg(name || ' ' || session_count, ', ' order by name) from (
                    select session_count, case period_start
                        when timestamptz '2026-11-03T10:30:00Z' then 'period'
                        when date_trunc('month', now() at time zone 'utc') at time zone 'utc' then 'month'
                        when date_trunc('day', s.created_at at time zone 'utc') at time zone 'utc' then 'free'
                        else 'another' end as name
                    from usage u join subscriptions s using (user_id) where user_id = $1) counted
                """,
                person.Id));
    }

    private async Task PlanAsync(Person person, string tier, string? periodStart) => await database.ExecuteAsync(
        "update subscriptions set tier = $2, current_period_start = nullif($3, '')::timestamptz where user_id = $1", person.Id, tier, periodStart ?? "");

    private static Task<Answer> StartAsync(Person person) =>
        person.Client.PostAsync("/sessions", json: null, ("X-Device-Fingerprint", person.Fingerprint));

    private Task<int> CountedAsync(Person person) =>
        database.ScalarAsync<int>("select session_count from usage where user_id = $1", person.Id);
}
