using System.Net;
using System.Text.Json;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api.Auth;

public sealed class PushTokenTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync(database);

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task a_phone_is_notified_from_its_token_on_until_it_wants_quiet()
    {
        var person = await _host.RegisterAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await PutAsync(person, ExpoStandIn.Token("a"))).Status);
        Assert.Equal(ExpoStandIn.Token("a"), await TokenAsync(person));
        Assert.Equal(HttpStatusCode.NoContent, (await PutAsync(person, ExpoStandIn.Token("b"))).Status);
        Assert.Equal(ExpoStandIn.Token("b"), await TokenAsync(person));
        var quiet = await person.Client.SendAsync(HttpMethod.Delete, "/devices/push-token", content: null);
        Assert.Equal((HttpStatusCode.NoContent, ""), (quiet.Status, await TokenAsync(person)));
    }

    [Fact]
    public async Task a_token_belongs_to_whoever_signed_in_last()
    {
        var before = await _host.RegisterAsync();
        var after = await _host.RegisterAsync();
        await PutAsync(before, ExpoStandIn.Token("shared"));

        await PutAsync(after, ExpoStandIn.Token("shared"));

        Assert.Equal(("", ExpoStandIn.Token("shared")), (await TokenAsync(before), await TokenAsync(after)));
    }

    [Fact]
    public async Task a_token_that_several_claim_at_once_belongs_to_one_of_them()
    {
        var people = new List<Person>();
        for (var n = 0; n < 6; n++)
        {
            people.Add(await _host.RegisterAsync());
        }

        for (var round = 0; round < 10; round++)
        {
            var answers = await Task.WhenAll(people.Select(person => PutAsync(person, ExpoStandIn.Token("contested"))));

            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NoContent, answer.Status));
            Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from devices where push_token = $1", ExpoStandIn.Token("contested")));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("ExponentPushToken[]")]
    [InlineData("ExponentPushToken[a]x")]
    [InlineData("fcm:a")]
    public async Task what_is_no_token_is_refused(string token)
    {
        var person = await _host.RegisterAsync();

        var answer = await PutAsync(person, token);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("Value error, Push token should look like ExponentPushToken[...]", answer.Body, StringComparison.Ordinal);
        Assert.Contains("\"loc\":[\"body\",\"token\"]", answer.Body, StringComparison.Ordinal);
        Assert.Equal("", await TokenAsync(person));
    }

    private static Task<Answer> PutAsync(Person person, string token) =>
        person.Client.SendAsync(HttpMethod.Put, "/devices/push-token", Requests.Json(JsonSerializer.Serialize(new { token })));

    private Task<string> TokenAsync(Person person) => database.ScalarAsync<string>(
        "select coalesce(push_token, '') from devices where device_fingerprint = $1", person.Fingerprint);
}
