using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Solacore.Api.Http.Limits;
using Solacore.Tests.Infrastructure;
using StackExchange.Redis;

namespace Solacore.Tests.Api.Auth;

public sealed class LoginGuardTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string Office = "198.51.100.7";
    private const string Elsewhere = "203.0.113.9";

    private readonly SettableClock _time = new(DateTimeOffset.UtcNow);
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync(
        database,
        new Dictionary<string, string?>
        {
            ["RATE_LIMIT_ENABLED"] = "true",
            ["RATE_LIMIT_GLOBAL"] = "1000000/second",
            ["RATE_LIMIT_AUTH"] = "1000000/second",
            ["LOGIN_ATTEMPTS_PER_ADDRESS"] = "3",
            ["LOGIN_ATTEMPTS"] = "6",
            ["RATE_LIMIT_REDIS_URL"] = "memory://",
            ["TRUSTED_PROXIES"] = "127.0.0.1",
        },
        _time);

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task guesses_at_one_account_have_to_wait_longer_and_longer_and_the_office_does_not()
    {
        var person = await _host.RegisterAsync();
        var colleague = await _host.RegisterAsync();
        await GuessAsync(person, Office, times: 3);

        var fourth = await GuessAsync(person, Office);
        var rightPassword = await LoginAsync(person, Person.Password, person.Fingerprint, Office);
        var colleagues = await LoginAsync(colleague, Person.Password, colleague.Fingerprint, Office);
        _time.Advance(TimeSpan.FromSeconds(1));
        var afterOneSecond = await GuessAsync(person, Office);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        var tooSoon = await GuessAsync(person, Office);

        Assert.Equal(
            (HttpStatusCode.TooManyRequests, "1",
                """{"error":"Rate limit exceeded: 1 per 1 second","detail":"Too many requests. Please wait a moment and try again.","message":"Too many requests. Please wait a moment and try again."}"""),
            (fourth.Status, fourth.Header("Retry-After"), fourth.Body));
        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.OK), (rightPassword.Status, colleagues.Status));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests), (afterOneSecond.Status, tooSoon.Status));
    }

    [Fact]
    public async Task guesses_from_everywhere_slow_strangers_down_and_not_the_owners_own_device()
    {
        var person = await _host.RegisterAsync();
        await GuessAsync(person, Office, times: 2);
        await GuessAsync(person, Elsewhere, times: 2);
        await GuessAsync(person, "192.0.2.1", times: 2);

        var stranger = await GuessAsync(person, "192.0.2.2");
        var owner = await LoginAsync(person, Person.Password, person.Fingerprint, "192.0.2.3");

        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.OK), (stranger.Status, owner.Status));
    }

    [Fact]
    public async Task a_right_password_starts_the_count_from_nothing()
    {
        var person = await _host.RegisterAsync();
        await GuessAsync(person, Office, times: 2);
        await LoginAsync(person, Person.Password, person.Fingerprint, Office);

        Assert.Equal(HttpStatusCode.Unauthorized, (await GuessAsync(person, Office, times: 3)).Status);
    }

    [Fact]
    public async Task an_address_without_an_account_looks_the_same()
    {
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 4; i++)
        {
            statuses.Add((await PostAsync("nobody@example.com", "Wrong1234", "x", Office)).Status);
        }

        Assert.Equal(
            [HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests], statuses);
    }

    [Fact]
    public async Task another_spelling_of_an_address_gives_no_further_guesses()
    {
        var statuses = new List<HttpStatusCode>();
        foreach (var spelling in new[] { "vi@exämple.de", "VI@xn--exmple-cua.de", "vi@EXA\u0308MPLE。de", "Vi@exämple.de" })
        {
            statuses.Add((await PostAsync(spelling, "Wrong1234", "x", Office)).Status);
        }

        Assert.Equal(
            [HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests], statuses);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    [InlineData(12, 512)]
    [InlineData(13, 900)]
    [InlineData(int.MaxValue, 900)]
    public void the_wait_doubles_up_to_its_end(int attempt, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new BackOffRule(3, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15)).PauseAfter(attempt));

    [Fact]
    public async Task redis_and_memory_count_alike()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await SharedServers.Redis).ConnectionString);
        var rule = new BackOffRule(2, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
        AttemptBackOff[] both = [.. new[] { redis, null }.Select(
            store => new AttemptBackOff(new SharedOrLocal(store, _time, NullLogger<SharedOrLocal>.Instance), _time))];
        var key = "login:test:" + Guid.NewGuid();

        var waits = new List<(double? Shared, double? Local)>();
        foreach (var pause in new[] { 0, 0, 0.25, 0.75, 1, 2, 3, 3, 3 })
        {
            _time.Advance(TimeSpan.FromSeconds(pause));
            waits.Add((await SecondsAsync(both[0]), await SecondsAsync(both[1])));
        }

        Assert.All(waits, wait => Assert.Equal(wait.Local, wait.Shared));
        Assert.Equal([null, null, 0.75, null, 1, null, null, null, null], waits.Select(wait => wait.Shared));
        Assert.InRange((await redis.GetDatabase().KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
        await both[0].ForgetAsync(key);
        Assert.False(await redis.GetDatabase().KeyExistsAsync(key));

        async Task<double?> SecondsAsync(AttemptBackOff backOff) => (await backOff.TryAsync(key, rule))?.TotalSeconds;
    }

    [Fact]
    public async Task a_clock_that_is_set_ends_no_wait()
    {
        var backOff = new AttemptBackOff(new SharedOrLocal(null, _time, NullLogger<SharedOrLocal>.Instance), _time);
        var rule = new BackOffRule(1, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        await backOff.TryAsync("login:clock", rule);

        _time.SetWallClock(TimeSpan.FromDays(1));

        Assert.Equal(TimeSpan.FromSeconds(5), await backOff.TryAsync("login:clock", rule));
    }

    [Fact]
    public async Task of_many_guesses_at_once_only_the_free_ones_pass()
    {
        var person = await _host.RegisterAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GuessAsync(person, Office)));

        Assert.Equal(3, answers.Count(answer => answer.Status == HttpStatusCode.Unauthorized));
    }

    private async Task<Answer> GuessAsync(Person person, string from, int times = 1)
    {
        for (var i = 1; i < times; i++)
        {
            await LoginAsync(person, "Wrong1234", "guesser", from);
        }

        return await LoginAsync(person, "Wrong1234", "guesser", from);
    }

    private Task<Answer> LoginAsync(Person person, string password, string fingerprint, string from) =>
        PostAsync(person.Email, password, fingerprint, from);

    private Task<Answer> PostAsync(string email, string password, string fingerprint, string from) =>
        _host.Client.PostAsync("/auth/login", Person.Credentials(email, fingerprint, password), ("X-Forwarded-For", from));
}
