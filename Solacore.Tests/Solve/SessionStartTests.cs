using System.Net;
using Solacore.Tests.Api;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Solve;

/// <summary>Starting a session: device, quota and beta rules (contract/http-api.md 12.1).</summary>
public sealed class SessionStartTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task the_eleventh_session_is_refused_and_counts_nothing_however_many_ask_at_once()
    {
        await using var host = await ApiHost.StartAsync(database);
        var ann = await host.RegisterAsync();
        await database.ExecuteAsync("delete from subscriptions where user_id = $1", ann.Id);

        var first = await StartAsync(ann);
        var rest = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => StartAsync(ann)));

        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal("""{"sessions_used":1,"sessions_limit":10,"tier":"free"}""", first.Json.GetProperty("usage").GetRawText());
        Assert.Equal(
            (first.Json.GetProperty("session_id").GetGuid(), "active", "receive"),
            (first.Json.GetProperty("id").GetGuid(), first.Json.GetProperty("status").GetString(), first.Json.GetProperty("current_step").GetString()));
        Assert.Equal(9, rest.Count(answer => answer.Status == HttpStatusCode.Created));
        Assert.All(rest.Where(answer => answer.Status != HttpStatusCode.Created), answer => Assert.Equal(
            (HttpStatusCode.Forbidden, """{"error":"QUOTA_EXCEEDED","usage":{"used":10,"limit":10,"tier":"free"},"upgrade_url":"/subscriptions/checkout"}"""),
            (answer.Status, answer.Json.GetProperty("detail").GetRawText())));
        Assert.Equal(10, await database.ScalarAsync<int>("select session_count from usage where user_id = $1", ann.Id));
        Assert.Equal(10L, await database.ScalarAsync<long>("select count(*) from solve_sessions where user_id = $1", ann.Id));
    }

    [Theory]
    [InlineData("standard", 100)]
    [InlineData("pro", 0)]
    public async Task a_paid_plan_tells_its_own_limit(string tier, int limit)
    {
        await using var host = await ApiHost.StartAsync(database);
        var ann = await host.RegisterAsync();
        await database.ExecuteAsync("update subscriptions set tier = $2 where user_id = $1", ann.Id, tier);

        var started = (await StartAsync(ann)).Json;

        Assert.Equal($$"""{"sessions_used":1,"sessions_limit":{{limit}},"tier":"{{tier}}"}""", started.GetProperty("usage").GetRawText());
    }

    [Fact]
    public async Task only_an_active_device_of_ones_own_starts_a_session()
    {
        await using var host = await ApiHost.StartAsync(database);
        var ann = await host.RegisterAsync();
        var ben = await host.RegisterAsync();
        await database.ExecuteAsync("update devices set is_active = false where user_id = $1", ben.Id);

        Answer[] refused = [await StartAsync(ann, "nobody's"), await StartAsync(ann, ben.Fingerprint), await StartAsync(ben)];
        var withoutHeader = await ann.Client.PostAsync("/sessions", "{}");

        Assert.All(refused, answer => Assert.Equal(
            (HttpStatusCode.Forbidden, "DEVICE_NOT_FOUND"), (answer.Status, answer.Json.GetProperty("detail").GetProperty("error").GetString())));
        Assert.Equal(
            """["header","X-Device-Fingerprint"]""",
            withoutHeader.Json.GetProperty("detail")[0].GetProperty("loc").GetRawText());
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from usage where user_id = any($1)", new[] { ann.Id, ben.Id }));
    }

    [Fact]
    public async Task a_beta_tester_starts_from_any_device_without_a_limit()
    {
        await using var host = await ApiHost.StartAsync(database, new Dictionary<string, string?> { ["BETA_MODE"] = "true" });
        var ann = await host.RegisterAsync();

        var started = (await StartAsync(ann, "what the phone made up")).Json;

        Assert.Equal("""{"sessions_used":1,"sessions_limit":0,"tier":"free"}""", started.GetProperty("usage").GetRawText());
        Assert.True(await database.ScalarAsync<bool>(
            "select s.device_id = d.id from solve_sessions s join devices d on d.user_id = s.user_id where s.id = $1", started.GetProperty("id").GetGuid()));
    }

    private static Task<Answer> StartAsync(Person person, string? fingerprint = null) =>
        person.Client.PostAsync("/sessions", json: null, ("X-Device-Fingerprint", fingerprint ?? person.Fingerprint));
}
