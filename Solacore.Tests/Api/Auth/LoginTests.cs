using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Solacore.Core.Accounts;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api.Auth;

public sealed class LoginTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync(database);

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task registering_answers_the_person_and_both_tokens_and_sets_four_cookies()
    {
        var answer = await _host.Client.PostAsync("/auth/register", Person.Credentials(" Ann.B@Example.COM ", "ann-phone"));

        var person = Person.From(_host, "ann-phone", answer);
        Assert.Equal(
            (HttpStatusCode.Created,
                $$"""{"user":{"id":"{{person.Id}}","email":"Ann.B@example.com","auth_provider":"email","locale":"en"},"message":"Authentication successful","access_token":"{{person.Access}}","refresh_token":"{{person.Refresh}}","user_id":"{{person.Id}}"}"""),
            (answer.Status, answer.Body));
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        var cookies = answer.Message.Headers.GetValues("Set-Cookie").ToList();
        var csrf = cookies[2].Split('=', ';')[1];
        Assert.Equal(43, csrf.Length);
        Assert.Equal(
            [
                $"access_token={person.Access}; HttpOnly; Max-Age=3600; Path=/; SameSite=lax",
                $"refresh_token={person.Refresh}; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax",
                $"csrf_token={csrf}; Max-Age=2592000; Path=/; SameSite=lax",
                $"csrf_token_http={csrf}; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax",
            ],
            cookies);
    }

    [Fact]
    public async Task tokens_carry_the_claims_that_others_decode()
    {
        var person = await _host.RegisterAsync();

        var access = person.Claims;
        var refresh = Tokens.ClaimsOf(person.Refresh);
        var sid = access.GetProperty("sid").GetString();

        Assert.Equal("""{"alg":"HS256","typ":"JWT"}""", JsonSerializer.Serialize(Tokens.HeaderOf(person.Access)));
        Assert.Equal(["sub", "sid", "email", "type", "iat", "exp", "jti"], access.EnumerateObject().Select(claim => claim.Name));
        Assert.Equal(
            (person.Id.ToString(), person.Email, "access", 3600L),
            (access.GetProperty("sub").GetString(), access.GetProperty("email").GetString(), access.GetProperty("type").GetString(),
                access.GetProperty("exp").GetInt64() - access.GetProperty("iat").GetInt64()));
        Assert.Equal(
            (sid, sid, "refresh", 2_592_000L),
            (refresh.GetProperty("sub").GetString(), refresh.GetProperty("sid").GetString(), refresh.GetProperty("type").GetString(),
                refresh.GetProperty("exp").GetInt64() - refresh.GetProperty("iat").GetInt64()));
    }

    [Fact]
    public async Task an_account_starts_free_with_one_device_and_one_login_and_no_readable_secret()
    {
        var person = await _host.RegisterAsync();

        Assert.Equal(
            "email en True free active 1 1",
            await database.ScalarAsync<string>(
                """
                select concat_ws(' ', u.auth_provider, u.locale, case when u.is_active then 'True' end, s.tier, s.status,
                       (select count(*) from devices d where d.user_id = u.id and d.is_active),
                       (select count(*) from active_sessions a where a.user_id = u.id and a.token_hash = $2))
                from users u join subscriptions s on s.user_id = u.id where u.id = $1
                """,
                person.Id,
                TokenHash.Of(person.Refresh)));
        Assert.StartsWith(
            "$pbkdf2-sha512$i=210000$", await database.ScalarAsync<string>("select password_hash from users where id = $1", person.Id), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ann@example.com")]
    [InlineData("ANN@example.com")]
    [InlineData("Ann@EXAMPLE.com")]
    public async Task an_address_registers_once_in_whatever_case(string email)
    {
        await _host.Client.PostAsync("/auth/register", Person.Credentials("ann@example.com", "ann-1"));

        var again = await _host.Client.PostAsync("/auth/register", Person.Credentials(email, Guid.NewGuid().ToString()));

        Assert.Equal(
            (HttpStatusCode.Conflict,
                """{"error":"EMAIL_ALREADY_EXISTS","detail":"This email address is already registered.","message":"This email address is already registered."}"""),
            (again.Status, again.Body));
    }

    [Theory]
    [InlineData("ann@xn--exmple-cua.de")]
    [InlineData("Ann@EXÄMPLE。de")]
    [InlineData("ann@exa\u0308mple.de")]
    public async Task a_mailbox_has_one_account_however_its_domain_is_spelt(string spelling)
    {
        await _host.Client.PostAsync("/auth/register", Person.Credentials("ann@exämple.de", "ann-idn"));

        var registered = await _host.Client.PostAsync("/auth/register", Person.Credentials(spelling, Guid.NewGuid().ToString()));
        var loggedIn = await _host.Client.PostAsync("/auth/login", Person.Credentials(spelling, "ann-idn"));

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.OK), (registered.Status, loggedIn.Status));
    }

    [Theory]
    [InlineData("Eve@xn--exmple-cua.de")]
    [InlineData("eve@ｅxample.com")]
    public async Task an_address_that_was_stored_as_it_was_typed_still_signs_in(string stored)
    {
        var person = await _host.RegisterAsync();
        await database.ExecuteAsync("update users set email = $1 where id = $2", stored, person.Id);

        var answer = await _host.Client.PostAsync("/auth/login", Person.Credentials(stored, person.Fingerprint));

        Assert.Equal(person.Id, Person.From(_host, person.Fingerprint, answer).Id);
    }

    [Fact]
    public async Task an_account_in_the_ascii_form_of_its_domain_is_found_by_its_letters()
    {
        var person = await _host.RegisterAsync();
        await database.ExecuteAsync("update users set email = 'old@xn--exmple-cua.de' where id = $1", person.Id);

        var answer = await _host.Client.PostAsync("/auth/login", Person.Credentials("old@exämple.de", person.Fingerprint));

        Assert.Equal(person.Id, Person.From(_host, person.Fingerprint, answer).Id);
    }

    [Fact]
    public async Task letters_that_only_the_database_takes_for_the_same_open_no_account()
    {
        Assert.Equal("vi", await database.ScalarAsync<string>("select lower('vİ')"));
        await _host.Client.PostAsync("/auth/register", Person.Credentials("vi@example.com", "vi"));

        var loggedIn = await _host.Client.PostAsync("/auth/login", Person.Credentials("vİ@example.com", "vi"));
        var registered = await _host.Client.PostAsync("/auth/register", Person.Credentials("vİ@example.com", "another"));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Conflict), (loggedIn.Status, registered.Status));
    }

    [Fact]
    public async Task a_device_of_somebody_else_registers_nobody_and_signs_in_nobody()
    {
        var owner = await _host.RegisterAsync();
        var other = await _host.RegisterAsync();

        var registered = await _host.Client.PostAsync("/auth/register", Person.Credentials("new@example.com", owner.Fingerprint));
        var loggedIn = await other.LoginAsync(owner.Fingerprint);

        Assert.Equal(
            (HttpStatusCode.BadRequest,
                """{"error":"DEVICE_BOUND_TO_OTHER","detail":"This device belongs to another account.","message":"This device belongs to another account."}"""),
            (registered.Status, registered.Body));
        Assert.Equal(
            (HttpStatusCode.Forbidden,
                """{"error":"DEVICE_BOUND_TO_OTHER","detail":{"error":"DEVICE_BOUND_TO_OTHER"},"message":"This device belongs to another account."}"""),
            (loggedIn.Status, loggedIn.Body));
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from users where email = 'new@example.com'"));
    }

    [Fact]
    public async Task unknown_wrong_and_inactive_look_the_same()
    {
        var person = await _host.RegisterAsync();
        var inactive = await _host.RegisterAsync();
        await database.ExecuteAsync("update users set is_active = false where id = $1", inactive.Id);

        Answer[] answers =
        [
            await _host.Client.PostAsync("/auth/login", Person.Credentials("nobody@example.com", "x")),
            await person.LoginAsync(password: "Wrong1234"),
            await inactive.LoginAsync(),
        ];

        Assert.All(answers, answer => Assert.Equal(
            (HttpStatusCode.Unauthorized,
                """{"error":"INVALID_CREDENTIALS","detail":{"error":"INVALID_CREDENTIALS"},"message":"The email address or the password is not right."}"""),
            (answer.Status, answer.Body)));
    }

    [Theory]
    [InlineData("free", 1)]
    [InlineData("standard", 2)]
    [InlineData("pro", 3)]
    [InlineData("platinum", 1)]
    public async Task a_tier_allows_so_many_devices(string tier, int limit)
    {
        var person = await _host.RegisterAsync();
        await database.ExecuteAsync("update subscriptions set tier = $1 where user_id = $2", tier, person.Id);

        var statuses = new List<HttpStatusCode>();
        for (var device = 2; device <= limit + 1; device++)
        {
            statuses.Add((await person.LoginAsync(Guid.NewGuid().ToString())).Status);
        }

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.OK, limit - 1), HttpStatusCode.Forbidden], statuses);
        Assert.Equal(HttpStatusCode.OK, (await person.LoginAsync()).Status);
    }

    [Fact]
    public async Task a_removed_device_comes_back_only_when_there_is_room()
    {
        var person = await _host.RegisterAsync();
        await database.ExecuteAsync("update devices set is_active = false where user_id = $1", person.Id);
        await person.LoginAsync("second");

        var refused = await person.LoginAsync();
        await database.ExecuteAsync("update devices set is_active = false where user_id = $1", person.Id);
        var accepted = await person.LoginAsync();

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.OK), (refused.Status, accepted.Status));
        Assert.Contains("DEVICE_LIMIT_REACHED", refused.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task in_beta_mode_everybody_has_ten_devices()
    {
        await using var host = await ApiHost.StartAsync(database, new Dictionary<string, string?> { ["BETA_MODE"] = "true" });
        var person = await host.RegisterAsync();

        for (var device = 2; device <= 10; device++)
        {
            Assert.Equal(HttpStatusCode.OK, (await person.LoginAsync(Guid.NewGuid().ToString())).Status);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await person.LoginAsync(Guid.NewGuid().ToString())).Status);
    }

    [Fact]
    public async Task a_bcrypt_hash_of_the_original_signs_in_and_is_replaced()
    {
        var person = await _host.RegisterAsync();
        var bcrypt = BCrypt.Net.BCrypt.HashPassword(Person.Password, workFactor: 4);
        await database.ExecuteAsync("update users set password_hash = $1 where id = $2", bcrypt, person.Id);

        var wrong = await person.LoginAsync(password: "Wrong1234");
        var first = await person.LoginAsync();
        var stored = await database.ScalarAsync<string>("select password_hash from users where id = $1", person.Id);
        var second = await person.LoginAsync();

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK), (wrong.Status, first.Status, second.Status));
        Assert.StartsWith("$pbkdf2-sha512$", stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task of_parallel_first_logins_with_a_hash_of_the_original_all_pass()
    {
        var person = await _host.RegisterAsync();
        var bcrypt = BCrypt.Net.BCrypt.HashPassword(Person.Password, workFactor: 4);
        await database.ExecuteAsync("update users set password_hash = $1 where id = $2", bcrypt, person.Id);

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => person.LoginAsync()));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("bcrypt")]
    [InlineData("pbkdf2")]
    public async Task a_refusal_takes_as_long_whatever_is_known_of_the_account(string? hash)
    {
        var person = await _host.RegisterAsync();
        if (hash == "bcrypt")
        {
            await database.ExecuteAsync(
                "update users set password_hash = $1 where id = $2", BCrypt.Net.BCrypt.HashPassword(Person.Password, workFactor: 4), person.Id);
        }

        var watch = Stopwatch.StartNew();
        await _host.Client.PostAsync("/auth/login", Person.Credentials(hash is null ? "nobody@example.com" : person.Email, person.Fingerprint, "Wrong1234"));

        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(390), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task a_secret_that_everybody_knows_is_warned_of_at_the_start()
    {
        var (known, own) = (new LogRecorder(), new LogRecorder());
        await using var debug = await ApiHost.StartAsync(database, logs: known);
        await using var quiet = await ApiHost.StartAsync(database, new Dictionary<string, string?> { ["JWT_SECRET"] = new string('s', 32) }, logs: own);

        const string Warning = "Warning JWT_SECRET is not set: tokens are signed with the development secret, which everybody can read ";
        Assert.Equal((1, 0), (known.Lines.Count(line => line == Warning), own.Lines.Count(line => line == Warning)));
    }

    [Fact]
    public async Task me_names_the_caller()
    {
        var person = await _host.RegisterAsync();

        var answer = await person.Client.FetchAsync("/auth/me");

        Assert.Equal(
            (HttpStatusCode.OK, $$"""{"id":"{{person.Id}}","email":"{{person.Email}}","auth_provider":"email","locale":"en"}"""),
            (answer.Status, answer.Body));
    }

    [Fact]
    public async Task an_expired_login_or_token_is_refused()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await ApiHost.StartAsync(database, time: time);
        var person = await host.RegisterAsync();

        time.Advance(TimeSpan.FromMinutes(59.9));
        var inTime = await person.Client.FetchAsync("/auth/me");
        time.Advance(TimeSpan.FromMinutes(0.2));
        var late = await person.Client.FetchAsync("/auth/me");
        await database.ExecuteAsync("update active_sessions set expires_at = $1 where user_id = $2", time.GetUtcNow(), person.Id);
        var refreshed = await person.RefreshAsync();

        Assert.Equal(HttpStatusCode.OK, inTime.Status);
        Assert.Contains("INVALID_TOKEN", late.Body, StringComparison.Ordinal);
        Assert.Contains("INVALID_TOKEN", refreshed.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task tokens_are_refused_by_what_is_wrong_with_them()
    {
        var person = await _host.RegisterAsync();
        var other = await ApiHost.StartAsync(database, new Dictionary<string, string?> { ["JWT_SECRET"] = "another secret" });
        await using var _ = other;
        var foreign = Person.From(other, person.Fingerprint, await other.Client.PostAsync("/auth/login", Person.Credentials(person.Email, person.Fingerprint)));
        var unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + person.Access.Split('.')[1] + ".";

        foreach (var token in new[] { "junk", "a.b.c", person.Refresh, foreign.Access, unsigned, person.Access + "x" })
        {
            var answer = await _host.Client.FetchAsync("/auth/me", ("Authorization", "Bearer " + token));
            Assert.Equal(
                (HttpStatusCode.Unauthorized, """{"error":"INVALID_TOKEN","detail":{"error":"INVALID_TOKEN"},"message":"Please sign in again."}"""),
                (answer.Status, answer.Body));
        }
    }

    [Fact]
    public async Task a_deactivated_user_and_an_ended_login_are_told_apart()
    {
        var deactivated = await _host.RegisterAsync();
        var ended = await _host.RegisterAsync();
        await database.ExecuteAsync("update users set is_active = false where id = $1", deactivated.Id);
        await database.ExecuteAsync("delete from active_sessions where user_id = $1", ended.Id);

        Assert.Contains("INVALID_TOKEN", (await deactivated.Client.FetchAsync("/auth/me")).Body, StringComparison.Ordinal);
        Assert.Contains("SESSION_REVOKED", (await ended.Client.FetchAsync("/auth/me")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task csrf_gives_one_value_to_the_page_and_to_the_cookies()
    {
        var answer = await _host.Client.FetchAsync("/auth/csrf");

        var token = answer.Json.GetProperty("csrf_token").GetString();
        Assert.Equal(
            [$"csrf_token={token}; Max-Age=2592000; Path=/; SameSite=lax", $"csrf_token_http={token}; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax"],
            answer.Message.Headers.GetValues("Set-Cookie"));
    }

    [Fact]
    public async Task cookies_follow_the_settings_of_production()
    {
        await using var host = await ApiHost.StartAsync(database, new Dictionary<string, string?>
        {
            ["DEBUG"] = "false",
            ["JWT_SECRET"] = new string('s', 32),
            ["JWT_EXPIRE_MINUTES"] = "5",
            ["COOKIE_DOMAIN"] = ".solacore.app",
            ["FRONTEND_URL"] = "https://solacore.app",
            ["GOOGLE_CLIENT_ID"] = "solacore-web",
            ["OPENAI_API_KEY"] = "not-a-key",
            ["PAYMENTS_ENABLED"] = "false",
        });

        var answer = await host.Client.PostAsync("/auth/register", Person.Credentials("prod@example.com", "prod"));

        Assert.Equal("max-age=31536000; includeSubDomains", answer.Header("Strict-Transport-Security"));
        Assert.EndsWith(
            "; HttpOnly; Max-Age=300; Path=/; SameSite=lax; Secure; Domain=.solacore.app",
            answer.Message.Headers.GetValues("Set-Cookie").First(),
            StringComparison.Ordinal);
    }
}
