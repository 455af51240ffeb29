using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Solacore.Api.Http.Limits;
using Solacore.Core.Settings;
using Solacore.Tests.Infrastructure;
using StackExchange.Redis;

namespace Solacore.Tests.Api;

public sealed class RateLimitTests
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["RATE_LIMIT_ENABLED"] = "true",
        ["RATE_LIMIT_API"] = "3/minute",
        ["RATE_LIMIT_AUTH"] = "2/minute",
    };

    private readonly SettableClock _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task a_window_is_counted_down_refused_and_reopened()
    {
        await using var host = await EdgeHost.StartAsync(Settings, _time);
        using var client = host.NewClient("good");

        var first = await client.FetchAsync("/things/me");
        await client.FetchAsync("/things/me");
        _time.Advance(TimeSpan.FromSeconds(20.5));
        var third = await client.FetchAsync("/things/me");
        var fourth = await client.FetchAsync("/things/me");
        _time.Advance(TimeSpan.FromSeconds(39.5));
        var reopened = await client.FetchAsync("/things/me");

        Assert.Equal((HttpStatusCode.OK, "3", "2", "1795435260.000", "60"), Limits(first));
        Assert.Equal((HttpStatusCode.OK, "3", "0", "1795435260.000", "40"), Limits(third));
        Assert.Equal((HttpStatusCode.TooManyRequests, "3", "0", "1795435260.000", "40"), Limits(fourth));
        Assert.Equal(
            """{"error":"Rate limit exceeded: 3 per 1 minute","detail":"Too many requests. Please wait a moment and try again.","message":"Too many requests. Please wait a moment and try again."}""",
            fourth.Body);
        Assert.Equal((HttpStatusCode.OK, "3", "2", "1795435320.000", "60"), Limits(reopened));
    }

    [Fact]
    public async Task the_end_of_a_window_does_not_move_with_the_time_that_an_answer_takes()
    {
        await using var host = await EdgeHost.StartAsync(Settings, _time);
        using var client = host.NewClient("good");

        Assert.Equal((HttpStatusCode.OK, "3", "2", "1795435260.000", "53"), Limits(await client.FetchAsync("/things/slow")));
    }

    [Fact]
    public async Task a_clock_that_is_set_opens_no_window()
    {
        await using var host = await EdgeHost.StartAsync(Settings, _time);
        using var client = host.NewClient("good");
        await client.FetchAsync("/things/me");

        _time.SetWallClock(TimeSpan.FromDays(1));

        Assert.Equal("1", Remaining(await client.FetchAsync("/things/me")));
    }

    [Fact]
    public async Task a_store_of_its_own_is_left_with_the_process()
    {
        await using var redis = new TemporaryRedis();
        await redis.StartAsync();
        await using var look = await ConnectionMultiplexer.ConnectAsync(redis.Server.ConnectionString + ",allowAdmin=true");
        var server = look.GetServers().Single();
        var before = (await server.ClientListAsync()).Length;

        var host = await EdgeHost.StartAsync(new Dictionary<string, string?>(Settings) { ["RATE_LIMIT_REDIS_URL"] = redis.Server.ConnectionString });
        await host.Client.FetchAsync("/config/features");
        var meanwhile = (await server.ClientListAsync()).Length;
        await host.DisposeAsync();

        Assert.True(meanwhile > before);
        await Eventually.BeTrueAsync("the end of its connections", async () => (await server.ClientListAsync()).Length == before);
    }

    [Fact]
    public async Task only_what_reaches_the_handler_counts()
    {
        await using var host = await EdgeHost.StartAsync(Settings, _time);
        using var client = host.NewClient("good");

        await host.Client.FetchAsync("/things?limit=1", ("Authorization", "Bearer bad"));
        await client.FetchAsync("/things?limit=0");
        var refusedByHandler = await client.FetchAsync("/things/missing");
        var counted = await client.FetchAsync("/things?limit=1");

        Assert.Equal((HttpStatusCode.NotFound, null, null, null, null), Limits(refusedByHandler));
        Assert.Equal("2", counted.Header("X-RateLimit-Remaining"));
    }

    [Fact]
    public async Task methods_share_a_window_and_paths_do_not()
    {
        await using var host = await EdgeHost.StartAsync(Settings, _time);
        using var client = host.NewClient("good");

        var get = await client.FetchAsync("/things");
        var post = await client.PostAsync("/things", """{"name":"a","mode":"quick"}""", ("X-Device-Fingerprint", "phone"));
        var slash = await client.FetchAsync("/things/");

        Assert.Equal(("2", "1", "2"), (Remaining(get), Remaining(post), Remaining(slash)));
    }

    [Fact]
    public async Task a_public_route_counts_by_the_user_of_a_good_token_else_by_address()
    {
        await using var host = await EdgeHost.StartAsync(Settings, _time);

        var anonymous = await host.Client.FetchAsync("/config/features");
        var byHeader = await host.Client.FetchAsync("/config/features", ("Authorization", "Bearer good"));
        var byCookie = await host.Client.FetchAsync("/config/features", ("Authorization", "Bearer bad"), ("Cookie", "access_token=good"));
        var badToken = await host.Client.FetchAsync("/config/features", ("Authorization", "Bearer bad"));

        Assert.Equal(("2", "2", "1", "1"), (Remaining(anonymous), Remaining(byHeader), Remaining(byCookie), Remaining(badToken)));
    }

    [Fact]
    public async Task the_global_limit_holds_in_addition()
    {
        await using var host = await EdgeHost.StartAsync(new Dictionary<string, string?>(Settings) { ["RATE_LIMIT_GLOBAL"] = "1/hour" }, _time);
        using var client = host.NewClient("good");

        var first = await client.FetchAsync("/things/me");
        var second = await client.FetchAsync("/things/me");

        Assert.Equal(("1", "0"), (first.Header("X-RateLimit-Limit"), Remaining(first)));
        Assert.StartsWith("""{"error":"Rate limit exceeded: 1 per 1 hour",""", second.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RATE_LIMIT_IP_WHITELIST", "127.0.0.1")]
    [InlineData("RATE_LIMIT_IP_WHITELIST", "10.0.0.1, 127.0.0.0/8")]
    [InlineData("RATE_LIMIT_ENABLED", "false")]
    public async Task the_limiter_can_be_told_to_keep_out(string name, string value)
    {
        await using var host = await EdgeHost.StartAsync(new Dictionary<string, string?>(Settings) { [name] = value }, _time);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal((HttpStatusCode.OK, null, null, null, null), Limits(await host.Client.PostAsync("/auth/register", Good.SignUp)));
        }
    }

    [Theory]
    [InlineData("5/minute", 5, "minute")]
    [InlineData(" 100 / day ", 100, "day")]
    public void a_limit_is_written_as_count_per_unit(string text, int count, string unit) =>
        Assert.Equal(new RateLimit(count, unit), RateLimit.TryParse(text));

    [Theory]
    [InlineData("0/minute")]
    [InlineData("-1/minute")]
    [InlineData("5")]
    [InlineData("5/fortnight")]
    [InlineData("five/minute")]
    [InlineData("5/minute/2")]
    public void a_malformed_limit_stops_the_start(string text)
    {
        var reader = new SettingsReader(new Microsoft.Extensions.Configuration.ConfigurationManager { ["RATE_LIMIT_SSE"] = text });

        RateLimitOptions.Read(reader);

        Assert.Equal(["RATE_LIMIT_SSE is no limit such as 5/minute (second, minute, hour or day)"], reader.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public async Task two_instances_share_a_window_through_redis()
    {
        var redis = (await SharedServers.Redis).ConnectionString;
        var path = "/things/" + Guid.NewGuid();
        await using var left = await EdgeHost.StartAsync(Settings, redis: redis);
        await using var right = await EdgeHost.StartAsync(Settings, redis: redis);
        using var leftClient = left.NewClient("good");
        using var rightClient = right.NewClient("good");

        var statuses = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => (i % 2 == 0 ? leftClient : rightClient).FetchAsync(path)));

        Assert.Equal(3, statuses.Count(answer => answer.Status == HttpStatusCode.OK));
    }

    [Fact]
    public async Task a_counter_in_redis_always_ends()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await SharedServers.Redis).ConnectionString);
        var counters = new WindowCounters(new SharedOrLocal(redis, TimeProvider.System, NullLogger<SharedOrLocal>.Instance), TimeProvider.System);
        var key = "limit:test:" + Guid.NewGuid();
        await redis.GetDatabase().StringSetAsync(key, 41);

        var count = Assert.Single(await counters.RaiseAsync([new Counter(key, TimeSpan.FromMinutes(1))]));

        Assert.Equal(42, count.Value);
        Assert.InRange((await redis.GetDatabase().KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("/things/0862e424-f951-4b98-9fbb-731ea233cdc1")]
    [InlineData("/THINGS/0862E424-F951-4B98-9FBB-731EA233CDC1")]
    [InlineData("/things/0862e424f9514b989fbb731ea233cdc1")]
    public async Task another_spelling_of_a_path_opens_no_other_window(string spelling)
    {
        await using var host = await EdgeHost.StartAsync(Settings, _time);
        using var client = host.NewClient("good");
        await client.FetchAsync("/things/0862e424-f951-4b98-9fbb-731ea233cdc1");

        Assert.Equal("1", Remaining(await client.FetchAsync(spelling)));
    }

    [Fact]
    public async Task without_redis_the_window_goes_on_in_memory()
    {
        await using var host = await EdgeHost.StartAsync(Settings, _time, "127.0.0.1:1");

        var remaining = new List<string?>();
        for (var i = 0; i < 3; i++)
        {
            remaining.Add(Remaining(await host.Client.PostAsync("/auth/register", Good.SignUp)));
        }

        Assert.Equal(["1", "0", "0"], remaining);
    }

    private static string? Remaining(Answer answer) => answer.Header("X-RateLimit-Remaining");

    private static (HttpStatusCode Status, string? Limit, string? Remaining, string? Reset, string? RetryAfter) Limits(Answer answer) =>
        (answer.Status, answer.Header("X-RateLimit-Limit"), Remaining(answer), answer.Header("X-RateLimit-Reset"), answer.Header("Retry-After"));
}
