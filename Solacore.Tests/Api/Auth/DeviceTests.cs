using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api.Auth;

public sealed class DeviceTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() =>
        _host = await ApiHost.StartAsync(database, new Dictionary<string, string?> { ["BETA_MODE"] = "true" }, _time);

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task devices_are_listed_oldest_first_under_the_names_of_both_clients()
    {
        var person = await _host.RegisterAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        var tablet = await LoginAsync(person, "tablet", "Ann's iPad");

        var answer = await tablet.Client.FetchAsync("/auth/devices");

        var ids = answer.Json.EnumerateArray().Select(device => device.GetProperty("id").GetString()).ToList();
        Assert.Equal(
            $$"""[{"id":"{{ids[0]}}","device_name":null,"name":null,"platform":null,"last_active_at":"2026-11-23T12:00:00Z","last_seen":"2026-11-23T12:00:00Z","created_at":"2026-11-23T12:00:00Z","is_active":true,"is_current":false},{"id":"{{ids[1]}}","device_name":"Ann's iPad","name":"Ann's iPad","platform":"ios","last_active_at":"2026-11-23T12:01:00Z","last_seen":"2026-11-23T12:01:00Z","created_at":"2026-11-23T12:01:00Z","is_active":true,"is_current":true}]""",
            answer.Body);
    }

    [Fact]
    public async Task removing_a_device_ends_its_logins_once_a_day()
    {
        var person = await _host.RegisterAsync();
        var tablet = await LoginAsync(person, "tablet-2", "Tablet");
        await LoginAsync(person, "watch-2", "Watch");
        var (tabletId, watchId) = (await IdAsync("tablet-2"), await IdAsync("watch-2"));

        var removed = await RemoveAsync(person, tabletId);
        var again = await RemoveAsync(person, watchId);
        var onRemoved = await tablet.Client.FetchAsync("/auth/me");
        _time.Advance(TimeSpan.FromHours(12));
        using var renewed = _host.NewClient((await LoginAsync(person, person.Fingerprint, name: null)).Access);
        var tomorrow = await renewed.SendAsync(HttpMethod.Delete, "/auth/devices/" + watchId, content: null, ("X-Device-Fingerprint", person.Fingerprint));

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (removed.Status, tomorrow.Status));
        Assert.Equal(
            (HttpStatusCode.TooManyRequests,
                """{"error":"REMOVAL_LIMIT_EXCEEDED","detail":{"error":"REMOVAL_LIMIT_EXCEEDED"},"message":"Only one device can be removed per day."}"""),
            (again.Status, again.Body));
        Assert.Contains("SESSION_REVOKED", onRemoved.Body, StringComparison.Ordinal);
        Assert.False(await database.ScalarAsync<bool>("select is_active from devices where id = $1", tabletId));
    }

    [Fact]
    public async Task a_removal_is_refused_in_the_order_of_the_contract()
    {
        var person = await _host.RegisterAsync();
        var stranger = await _host.RegisterAsync();
        var own = await IdAsync(person.Fingerprint);

        var malformed = await person.Client.SendAsync(HttpMethod.Delete, "/auth/devices/xyz", content: null);
        var foreign = await RemoveAsync(person, await IdAsync(stranger.Fingerprint));
        var current = await RemoveAsync(person, own);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, malformed.Status);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.BadRequest), (foreign.Status, current.Status));
        Assert.Contains("DEVICE_NOT_FOUND", foreign.Body, StringComparison.Ordinal);
        Assert.Contains("CANNOT_REMOVE_CURRENT_DEVICE", current.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task of_parallel_removals_one_passes()
    {
        var person = await _host.RegisterAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 8; i++)
        {
            await LoginAsync(person, $"parallel-{i}", name: null);
            ids.Add(await IdAsync($"parallel-{i}"));
        }

        var answers = await Task.WhenAll(ids.Select(id => RemoveAsync(person, id)));

        Assert.Equal(
            [(HttpStatusCode.NoContent, 1), (HttpStatusCode.TooManyRequests, 7)],
            answers.CountBy(answer => answer.Status).Select(pair => (pair.Key, pair.Value)).Order());
    }

    [Fact]
    public async Task logins_are_listed_and_ended_by_their_owner_alone()
    {
        var person = await _host.RegisterAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        var tablet = await LoginAsync(person, "tablet-3", "Tablet");
        var stranger = await _host.RegisterAsync();

        var list = await person.Client.FetchAsync("/auth/sessions");
        var foreign = await stranger.Client.SendAsync(HttpMethod.Delete, "/auth/sessions/" + tablet.SessionId, content: null);
        var ended = await person.Client.SendAsync(HttpMethod.Delete, "/auth/sessions/" + tablet.SessionId, content: null);
        var repeated = await person.Client.SendAsync(HttpMethod.Delete, "/auth/sessions/" + tablet.SessionId, content: null);

        Assert.Equal(
            $$"""[{"id":"{{person.SessionId}}","device_id":"{{await IdAsync(person.Fingerprint)}}","device_name":null,"created_at":"2026-11-23T12:00:00Z","expires_at":"2026-12-23T12:00:00Z","is_current":true},{"id":"{{tablet.SessionId}}","device_id":"{{await IdAsync("tablet-3")}}","device_name":"Tablet","created_at":"2026-11-23T12:01:00Z","expires_at":"2026-12-23T12:01:00Z","is_current":false}]""",
            list.Body);
        Assert.Equal(
            (HttpStatusCode.NotFound, HttpStatusCode.NoContent, HttpStatusCode.NotFound), (foreign.Status, ended.Status, repeated.Status));
        Assert.Equal("""{"error":"SESSION_NOT_FOUND","detail":{"error":"SESSION_NOT_FOUND"},"message":"Session not found"}""", foreign.Body);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    [InlineData("""{"device_fingerprint":null,"device_name":null}""")]
    public async Task the_beta_account_needs_no_credentials(string? body)
    {
        var answer = await _host.Client.PostAsync("/auth/beta-login", body);

        Assert.Equal("beta-tester@solacore.app", Person.From(_host, "", answer).Email);
        Assert.Equal(
            "Beta Device free",
            await database.ScalarAsync<string>(
                """
                select d.device_name || ' ' || s.tier from users u
                join devices d on d.user_id = u.id and d.device_fingerprint = 'beta:' || u.id
                join subscriptions s on s.user_id = u.id where u.email = 'beta-tester@solacore.app'
                """));
    }

    [Fact]
    public async Task the_beta_account_keeps_its_tier_and_gets_a_missing_plan()
    {
        await _host.Client.PostAsync("/auth/beta-login", json: null);
        await database.ExecuteAsync("update subscriptions set tier = 'pro' where user_id = (select id from users where email = 'beta-tester@solacore.app')");
        var kept = await _host.Client.PostAsync("/auth/beta-login", """{"device_fingerprint":"custom","device_name":"Custom"}""");
        var tier = await database.ScalarAsync<string>("select tier from subscriptions s join users u on u.id = s.user_id where u.email = 'beta-tester@solacore.app'");
        await database.ExecuteAsync("delete from subscriptions where user_id = (select id from users where email = 'beta-tester@solacore.app')");
        var repaired = await _host.Client.PostAsync("/auth/beta-login", json: null);

        Assert.Equal((HttpStatusCode.OK, "pro", HttpStatusCode.OK), (kept.Status, tier, repaired.Status));
        Assert.Equal("free", await database.ScalarAsync<string>("select tier from subscriptions s join users u on u.id = s.user_id where u.email = 'beta-tester@solacore.app'"));
    }

    [Fact]
    public async Task without_beta_mode_the_beta_is_closed_and_the_features_say_so()
    {
        await using var host = await ApiHost.StartAsync(database, new Dictionary<string, string?> { ["PAYMENTS_ENABLED"] = "false", ["APP_VERSION"] = "2.0" });

        var login = await host.Client.PostAsync("/auth/beta-login", json: null);

        Assert.Equal(
            (HttpStatusCode.Forbidden, """{"error":"BETA_MODE_DISABLED","detail":{"error":"BETA_MODE_DISABLED"},"message":"The beta is closed."}"""),
            (login.Status, login.Body));
        foreach (var path in new[] { "/auth/config/features", "/config/features" })
        {
            Assert.Equal("""{"payments_enabled":false,"beta_mode":false,"app_version":"2.0"}""", (await host.Client.FetchAsync(path)).Body);
        }
    }

    private async Task<Person> LoginAsync(Person person, string fingerprint, string? name) => Person.From(
        _host,
        fingerprint,
        await _host.Client.PostAsync("/auth/login", JsonSerializer.Serialize(new
        {
            email = person.Email,
            password = Person.Password,
            device_fingerprint = fingerprint,
            device_name = name,
        })));

    private Task<Guid> IdAsync(string fingerprint) =>
        database.ScalarAsync<Guid>("select id from devices where device_fingerprint = $1", fingerprint);

    private static Task<Answer> RemoveAsync(Person person, Guid device) => person.Client.SendAsync(
        HttpMethod.Delete, "/auth/devices/" + device, content: null, ("X-Device-Fingerprint", person.Fingerprint));
}
