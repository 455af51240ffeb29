using System.Net;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api.Auth;

public sealed class RaceTests(TestDatabase database) : IClassFixture<TestDatabase>
{
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
