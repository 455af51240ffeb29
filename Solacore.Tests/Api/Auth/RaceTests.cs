using System.Net;
using Npgsql;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api.Auth;

public sealed class RaceTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly (string Method, string Path, string Json)[] Writes =
    [
        ("POST", "/sessions", "{}"),
        ("PATCH", "/sessions/{solve}", """{"status":"active"}"""),
        ("PATCH", "/sessions/{solve}", """{"tags":["work"]}"""),
        ("POST", "/sessions/{solve}/messages", """{"content":"I cannot decide.","step":"receive"}"""),
        ("PATCH", "/actions/{solve}/complete", "{}"),
        ("POST", "/learn", "{}"),
        ("PATCH", "/learn/{learn}", """{"status":"active"}"""),
        ("POST", "/learn/{learn}/path", """{"mode":"quick"}"""),
        ("PATCH", "/learn/{learn}/current-tool", """{"tool":"feynman"}"""),
        ("POST", "/learn/{learn}/messages", """{"content":"What is a derivative?","step":"start"}"""),
        ("POST", "/auth/refresh", """{"refresh_token":"{refresh}"}"""),
        ("PUT", "/devices/push-token", """{"token":"ExponentPushToken[aaaaaaaaaaaaaaaaaaaaaa]"}"""),
        ("GET", "/subscriptions/usage", ""),
    ];

    [Fact]
    public async Task fifty_registrations_of_one_address_make_one_account()
    {
        await using var host = await ApiHost.StartAsync(database);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
            host.Client.PostAsync("/auth/register", Person.Credentials("race@example.com", i % 2 == 0 ? "shared" : $"phone-{i}"))));

        Assert.Equal(
            [(HttpStatusCode.Created, 1), (HttpStatusCode.Conflict, 49)],
            answers.CountBy(answer => answer.Status).Select(pair => (pair.Key, pair.Value)).Order());
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from users where email = 'race@example.com'"));
    }

    [Fact]
    public async Task twenty_logins_on_a_plan_of_one_device_leave_one_device()
    {
        await using var host = await ApiHost.StartAsync(database);
        var person = await host.RegisterAsync();
        await database.ExecuteAsync("delete from devices where user_id = $1", person.Id);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => person.LoginAsync($"race-phone-{i}")));

        Assert.Equal(
            [(HttpStatusCode.OK, 1), (HttpStatusCode.Forbidden, 19)],
            answers.CountBy(answer => answer.Status).Select(pair => (pair.Key, pair.Value)).Order());
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from devices where user_id = $1", person.Id));
    }

    [Fact]
    public async Task an_account_that_is_deleted_while_it_starts_sessions_is_no_crash()
    {
        await using var host = await ApiHost.StartAsync(database);
        for (var round = 0; round < 10; round++)
        {
            var person = await host.RegisterAsync();
            var starts = Enumerable.Range(0, 8).Select(_ => person.Client.PostAsync("/sessions", json: null, ("X-Device-Fingerprint", person.Fingerprint))).ToList();
            var deleted = await person.Client.SendAsync(HttpMethod.Delete, "/account", content: null);
            var answers = await Task.WhenAll(starts);

            Assert.Equal(HttpStatusCode.NoContent, deleted.Status);
            Assert.All(answers, answer => Assert.True(
                answer.Status is HttpStatusCode.Created or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{answer.Status} {answer.Body}"));
            Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from solve_sessions where user_id = $1", person.Id));
        }
    }

    [Fact]
    public async Task a_beta_account_that_is_deleted_before_a_session_is_counted_is_no_crash()
    {
        await using var host = await ApiHost.StartAsync(database, new Dictionary<string, string?> { ["BETA_MODE"] = "true" });
        var person = await host.RegisterAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var deletion = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var delete = new NpgsqlCommand("delete from users where id = $1", connection, deletion) { Parameters = { new() { Value = person.Id } } };
        await delete.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var start = person.Client.PostAsync("/sessions", json: null, ("X-Device-Fingerprint", person.Fingerprint));
        await Eventually.BeTrueAsync("a start that waits", database.HasWaiterAsync);
        await deletion.CommitAsync(TestContext.Current.CancellationToken);

        var answer = await start;
        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Contains("INVALID_TOKEN", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/account")]
    [InlineData("/sessions/{solve}")]
    [InlineData("/learn/{learn}")]
    public async Task what_is_deleted_while_it_is_written_to_is_no_crash(string deleted)
    {
        await using var host = await ApiHost.StartAsync(database);
        for (var round = 0; round < 10; round++)
        {
            var person = await host.RegisterAsync();
            person.Client.DefaultRequestHeaders.Add("X-Device-Fingerprint", person.Fingerprint);
            var solve = await StartAsync(person, "/sessions");
            var learn = await StartAsync(person, "/learn");
            var writes = Enumerable.Repeat(Writes, 3).SelectMany(all => all)
                .Select(write => SendAsync(person, write.Method, write.Path, write.Json.Replace("{refresh}", person.Refresh, StringComparison.Ordinal)))
                .ToList();

            var deletion = await SendAsync(person, "DELETE", deleted, json: null);

            Assert.Equal(HttpStatusCode.NoContent, deletion.Status);
            Assert.Empty(from write in await Task.WhenAll(writes) where write.Status == HttpStatusCode.InternalServerError select write);

            Task<(string Path, HttpStatusCode Status)> SendAsync(Person person, string method, string path, string? json) => BeginAsync(
                person, new HttpMethod(method), path.Replace("{solve}", solve, StringComparison.Ordinal).Replace("{learn}", learn, StringComparison.Ordinal), json);
        }
    }

    private static async Task<string> StartAsync(Person person, string path) =>
        (await person.Client.PostAsync(path, json: null)).Json.GetProperty("session_id").GetString()!;

    // No reply comes here, so that a stream is left as soon as it begins.
    private static async Task<(string Path, HttpStatusCode Status)> BeginAsync(Person person, HttpMethod method, string path, string? json)
    {
        using var request = new HttpRequestMessage(method, path) { Content = json is null ? null : Requests.Json(json) };
        using var response = await person.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return ($"{method} {path}", response.StatusCode);
    }

    [Fact]
    public async Task two_people_cannot_take_one_device()
    {
        await using var host = await ApiHost.StartAsync(database);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
            host.Client.PostAsync("/auth/register", Person.Credentials($"taker-{i}@example.com", "one-tablet"))));

        Assert.Equal(
            [(HttpStatusCode.Created, 1), (HttpStatusCode.BadRequest, 9)],
            answers.CountBy(answer => answer.Status).Select(pair => (pair.Key, pair.Value)).Order());
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from users where email like 'taker-%'"));
    }
}
