using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Npgsql;
using Solacore.Core.Accounts;
using Solacore.Core.Settings;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api.Auth;

public sealed class PasswordResetTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string Sent = """{"message":"If an account exists, a reset link has been sent"}""";
    private const string Invalid = """{"error":"INVALID_OR_EXPIRED_TOKEN","detail":{"error":"INVALID_OR_EXPIRED_TOKEN"},"message":"This link is not valid any more. Ask for a new one."}""";

    private readonly SettableClock _time = new(DateTimeOffset.UtcNow);
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync(database, time: _time);

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task a_known_and_an_unknown_address_get_the_same_answer_and_only_the_known_one_a_mail()
    {
        var person = await _host.RegisterAsync();
        await database.ExecuteAsync("delete from jobs");

        var known = await ForgotAsync(person.Email.ToUpperInvariant());
        var unknown = await ForgotAsync("nobody@example.com");

        Assert.Equal((HttpStatusCode.OK, Sent, HttpStatusCode.OK, Sent), (known.Status, known.Body, unknown.Status, unknown.Body));
        var id = await database.ScalarAsync<Guid>("select id from password_reset_tokens where user_id = $1", person.Id);
        Assert.Equal(
            $$"""mail.send {"id": "{{id}}", "locale": "en", "occasion": "PasswordReset"}""", await database.ScalarAsync<string>("select kind || ' ' || payload from jobs"));
        Assert.Equal(
            $"64 {_time.GetUtcNow().AddMinutes(30):HH:mm:ss}",
            await database.ScalarAsync<string>(
                "select length(token_hash) || ' ' || to_char(expires_at at time zone 'utc', 'HH24:MI:SS') from password_reset_tokens where id = $1", id));
    }

    [Theory]
    [InlineData("fr, es-MX;q=0.9", "es")]
    [InlineData("fr", "zh")]
    [InlineData(null, "zh")]
    public async Task a_mail_is_asked_for_in_the_language_of_the_request_else_of_the_account(string? acceptLanguage, string locale)
    {
        var person = await _host.RegisterAsync();
        await database.ExecuteAsync("update users set locale = 'zh' where id = $1", person.Id);
        await database.ExecuteAsync("delete from jobs");

        await _host.Client.PostAsync(
            "/auth/forgot-password",
            JsonSerializer.Serialize(new { email = person.Email }),
            acceptLanguage is null ? [] : [("Accept-Language", acceptLanguage)]);

        Assert.Equal(locale, await database.ScalarAsync<string>("select payload ->> 'locale' from jobs"));
    }

    [Fact]
    public async Task the_answer_takes_as_long_for_a_known_as_for_an_unknown_address()
    {
        var person = await _host.RegisterAsync();

        foreach (var email in new[] { person.Email, "nobody@example.com" })
        {
            var watch = Stopwatch.StartNew();
            await ForgotAsync(email);
            Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(290), TimeSpan.FromSeconds(60));
        }
    }

    [Fact]
    public async Task an_account_that_is_deleted_meanwhile_gets_the_answer_of_an_unknown_one()
    {
        var person = await _host.RegisterAsync();
        await database.ExecuteAsync(
            $"""
            create function end_account() returns trigger language plpgsql as 'begin delete from users where id = new.user_id; return new; end';
            create trigger end_account before insert on password_reset_tokens for each row when (new.user_id = '{person.Id}') execute function end_account();
            """);

        var answer = await ForgotAsync(person.Email);

        Assert.Equal((HttpStatusCode.OK, Sent), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task a_link_sets_a_new_password_once_and_ends_all_logins_and_other_links()
    {
        var person = await _host.RegisterAsync();
        var (first, second) = (await LinkAsync(person), await LinkAsync(person));

        var weak = await ResetAsync(first, "weak");
        var reset = await ResetAsync(first, "Newpass123");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, weak.Status);
        Assert.Equal((HttpStatusCode.OK, """{"message":"Password reset successful"}"""), (reset.Status, reset.Body));
        Assert.Equal((HttpStatusCode.BadRequest, Invalid), await StatusAndBodyAsync(ResetAsync(first, "Newpass123")));
        Assert.Equal((HttpStatusCode.BadRequest, Invalid), await StatusAndBodyAsync(ResetAsync(second, "Newpass123")));
        Assert.Contains("SESSION_REVOKED", (await person.Client.FetchAsync("/auth/me")).Body, StringComparison.Ordinal);
        Assert.Equal(
            (HttpStatusCode.Unauthorized, HttpStatusCode.OK),
            ((await person.LoginAsync()).Status, (await person.LoginAsync(password: "Newpass123")).Status));
    }

    [Fact]
    public async Task the_first_used_link_proves_the_address_and_makes_room_for_its_owners_device()
    {
        var person = await _host.RegisterAsync();
        await person.Client.SendAsync(HttpMethod.Put, "/devices/push-token", Requests.Json("""{"token":"ExponentPushToken[aaaaaaaaaaaaaaaaaaaaaa]"}"""));
        var before = await person.LoginAsync("device-of-the-owner");

        await ResetAsync(await LinkAsync(person), "Other1234");
        Assert.Equal(
            "off",
            await database.ScalarAsync<string>(
                "select concat_ws(' ', case when is_active then 'on' else 'off' end, push_token, push_token_at) from devices where user_id = $1", person.Id));
        var owner = await person.LoginAsync("device-of-the-owner", "Other1234");
        await ResetAsync(await LinkAsync(person), "Third1234");
        var another = await person.LoginAsync("another-device", "Third1234");

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.Forbidden), (before.Status, owner.Status, another.Status));
        Assert.Equal(
            _time.GetUtcNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture),
            await database.ScalarAsync<string>("select to_char(email_verified_at at time zone 'utc', 'HH24:MI:SS') from users where id = $1", person.Id));
    }

    [Fact]
    public async Task a_mailbox_is_not_flooded_from_many_addresses()
    {
        await using var host = await ApiHost.StartAsync(
            database,
            new Dictionary<string, string?> { ["RATE_LIMIT_ENABLED"] = "true", ["RATE_LIMIT_FORGOT_PASSWORD"] = "2/hour", ["TRUSTED_PROXIES"] = "127.0.0.1" },
            _time);
        var person = await host.RegisterAsync();
        await database.ExecuteAsync("delete from jobs");

        var answers = new List<(HttpStatusCode, string)>();
        for (var source = 1; source <= 10; source++)
        {
            var answer = await host.Client.PostAsync(
                "/auth/forgot-password",
                JsonSerializer.Serialize(new { email = source % 2 == 0 ? person.Email : person.Email.ToUpperInvariant() }),
                ("X-Forwarded-For", string.Create(CultureInfo.InvariantCulture, $"203.0.113.{source}")));
            answers.Add((answer.Status, answer.Body));
        }

        Assert.Equal(Enumerable.Repeat((HttpStatusCode.OK, Sent), 10), answers);
        Assert.Equal(8L, await database.ScalarAsync<long>("select count(*) from jobs where kind = 'mail.send'"));

        _time.Advance(TimeSpan.FromHours(1));
        await host.Client.PostAsync("/auth/forgot-password", JsonSerializer.Serialize(new { email = person.Email }));
        Assert.Equal(9L, await database.ScalarAsync<long>("select count(*) from jobs where kind = 'mail.send'"));
    }

    [Fact]
    public async Task a_link_lasts_half_an_hour()
    {
        var person = await _host.RegisterAsync();
        var link = await LinkAsync(person);
        _time.Advance(TimeSpan.FromMinutes(30));

        Assert.Equal((HttpStatusCode.BadRequest, Invalid), await StatusAndBodyAsync(ResetAsync(link, "Newpass123")));
        Assert.Equal((HttpStatusCode.BadRequest, Invalid), await StatusAndBodyAsync(ResetAsync("made-up", "Newpass123")));
    }

    [Fact]
    public async Task of_parallel_uses_of_one_link_one_passes()
    {
        var person = await _host.RegisterAsync();
        var link = await LinkAsync(person);

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => ResetAsync(link, $"Newpass12{i}")));

        Assert.Equal(
            [(HttpStatusCode.OK, 1), (HttpStatusCode.BadRequest, 4)],
            answers.CountBy(answer => answer.Status).Select(pair => (pair.Key, pair.Value)).Order());
    }

    [Fact]
    public async Task a_link_that_is_used_while_somebody_signs_in_waits_for_them_and_is_no_deadlock()
    {
        var person = await _host.RegisterAsync();
        var link = await LinkAsync(person);
        await using var connection = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var signIn = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await RunAsync("select from users where id = $1 for no key update");

        var reset = ResetAsync(link, "Newpass123");
        await Eventually.BeTrueAsync("a reset that waits", database.HasWaiterAsync);
        await RunAsync("update devices set last_active_at = now() where user_id = $1");
        await signIn.CommitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, (await reset).Status);

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, signIn) { Parameters = { new() { Value = person.Id } } };
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }

    private Task<Answer> ForgotAsync(string email) =>
        _host.Client.PostAsync("/auth/forgot-password", JsonSerializer.Serialize(new { email }));

    private Task<Answer> ResetAsync(string token, string password) =>
        _host.Client.PostAsync("/auth/reset-password", JsonSerializer.Serialize(new { token, new_password = password }));

    private static async Task<(HttpStatusCode, string)> StatusAndBodyAsync(Task<Answer> answer) => ((await answer).Status, (await answer).Body);

    /// <summary>Asks for a link and makes its token as the mail does.</summary>
    private async Task<string> LinkAsync(Person person)
    {
        await ForgotAsync(person.Email);
        var id = await database.ScalarAsync<Guid>(
            "select id from password_reset_tokens where user_id = $1 order by ctid desc limit 1", person.Id);
        var options = AccountOptions.Read(new SettingsReader(new ConfigurationManager { ["DEBUG"] = "true" }));
        return new ResetTokens(options).TokenOf(id);
    }
}
