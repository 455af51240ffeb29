using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Solacore.Core.Accounts;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api.Auth;

public sealed class ProviderTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly SettableClock _time = new(DateTimeOffset.UtcNow);
    private IdentityProviderStandIn _provider = null!;
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await IdentityProviderStandIn.StartAsync();
        _host = await ApiHost.StartAsync(database, _provider.Settings, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Theory]
    [InlineData("google", "/auth/oauth/google")]
    [InlineData("google", "/auth/google")]
    [InlineData("apple", "/auth/oauth/apple")]
    [InlineData("apple", "/auth/apple")]
    public async Task a_first_sign_in_makes_an_account_and_the_next_finds_it_without_an_address(string provider, string path)
    {
        var (subject, email) = ($"sub-{path}", $"{Guid.NewGuid():n}@example.com");

        var first = await SignInAsync(path, Token(provider, subject, email), "phone-" + path);
        var second = await SignInAsync(path, Token(provider, subject, provider == "apple" ? null : email), "phone-" + path);

        var person = Person.From(_host, "", first);
        Assert.Equal(person.Id, Person.From(_host, "", second).Id);
        Assert.Equal(
            $"{email} {provider} {subject} free",
            await database.ScalarAsync<string>(
                """
                select concat_ws(' ', u.email, u.auth_provider, u.auth_provider_id, s.tier, u.password_hash)
                from users u join subscriptions s on s.user_id = u.id where u.id = $1
                """,
                person.Id));
    }

    [Fact]
    public async Task an_account_with_the_same_address_is_linked()
    {
        var person = await _host.RegisterAsync();
        await database.ExecuteAsync("update users set email_verified_at = now() where id = $1", person.Id);

        var answer = await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-1", person.Email.ToUpperInvariant()), person.Fingerprint);
        var byPassword = await person.LoginAsync();

        Assert.Equal((HttpStatusCode.OK, person.Id), (answer.Status, Person.From(_host, "", answer).Id));
        Assert.Contains("\"auth_provider\":\"google\"", answer.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, byPassword.Status);
        Assert.Equal(HttpStatusCode.OK, (await person.Client.FetchAsync("/auth/me")).Status);
    }

    [Theory]
    [InlineData("google", "/auth/oauth/google")]
    [InlineData("apple", "/auth/oauth/apple")]
    public async Task whoever_registered_somebody_elses_address_loses_the_account_to_its_owner(string provider, string path)
    {
        var squatter = await _host.RegisterAsync();

        var owner = await SignInAsync(path, Token(provider, $"{provider}-owner", squatter.Email), $"{provider}-owner-phone");

        Assert.Equal((HttpStatusCode.OK, squatter.Id), (owner.Status, Person.From(_host, "", owner).Id));
        Assert.Contains("SESSION_REVOKED", (await squatter.Client.FetchAsync("/auth/me")).Body, StringComparison.Ordinal);
        AssertRefused(await squatter.RefreshAsync(), HttpStatusCode.Unauthorized, "INVALID_TOKEN");
        AssertRefused(await squatter.LoginAsync(), HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
        Assert.Equal(
            $"{provider}-owner-phone",
            await database.ScalarAsync<string>("select string_agg(device_fingerprint, ',') from devices where user_id = $1 and is_active", squatter.Id));
    }

    [Fact]
    public async Task an_account_without_a_password_keeps_its_logins_when_its_address_is_proven_on_another_phone()
    {
        await using var host = await ApiHost.StartAsync(database, new Dictionary<string, string?>(_provider.Settings) { ["BETA_MODE"] = "true" }, _time);
        var first = await SignInAsync(host, "/auth/oauth/apple", _provider.AppleToken("a-late-proof", "late-proof@example.com", ("email_verified", false)), "late-1");
        var person = Person.From(host, "late-1", first);

        var proven = await SignInAsync(host, "/auth/oauth/apple", _provider.AppleToken("a-late-proof", "late-proof@example.com"), "late-2");

        Assert.Equal((HttpStatusCode.OK, person.Id), (proven.Status, Person.From(host, "late-2", proven).Id));
        Assert.Equal(HttpStatusCode.OK, (await person.Client.FetchAsync("/auth/me")).Status);
        Assert.Equal(
            "late-1,late-2 proven",
            await database.ScalarAsync<string>(
                """
                select string_agg(d.device_fingerprint, ',' order by d.device_fingerprint) || case when u.email_verified_at is null then '' else ' proven' end
                from users u join devices d on d.user_id = u.id and d.is_active where u.id = $1 group by u.id
                """,
                person.Id));
    }

    [Fact]
    public async Task an_identity_that_only_claimed_the_address_does_not_open_the_account_any_more_when_its_owner_has_come()
    {
        var squatter = Person.From(
            _host, "claims", await SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-claims", "claimed@example.com", ("email_verified", false)), "claims"));

        var owner = Person.From(_host, "owns", await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-owns", "claimed@example.com"), "owns"));

        Assert.Equal(squatter.Id, owner.Id);
        AssertRefused(await squatter.Client.FetchAsync("/auth/me"), HttpStatusCode.Unauthorized, "SESSION_REVOKED");
        AssertRefused(
            await SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-claims", email: null), "claims"), HttpStatusCode.BadRequest, "OAUTH_ACCOUNT_NOT_LINKED");
        Assert.Equal("google g-owns", await database.ScalarAsync<string>("select auth_provider || ' ' || auth_provider_id from users where id = $1", owner.Id));
    }

    [Fact]
    public async Task an_identity_that_only_claimed_the_address_does_not_open_the_account_any_more_when_its_owner_has_used_a_link()
    {
        var squatter = Person.From(
            _host, "lurks", await SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-lurks", "linked@example.com", ("email_verified", false)), "lurks"));
        await database.ExecuteAsync(
            "insert into password_reset_tokens (id, user_id, token_hash, expires_at) values (gen_random_uuid(), $1, $2, now() + interval '10 minutes')",
            squatter.Id,
            TokenHash.Of("link-of-the-owner"));

        var reset = await _host.Client.PostAsync("/auth/reset-password", """{"token":"link-of-the-owner","new_password":"Owner1234"}""");

        Assert.Equal(HttpStatusCode.OK, reset.Status);
        AssertRefused(
            await SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-lurks", email: null), "lurks"), HttpStatusCode.BadRequest, "OAUTH_ACCOUNT_NOT_LINKED");
        Assert.Equal("email", await database.ScalarAsync<string>("select concat_ws(' ', auth_provider, auth_provider_id) from users where id = $1", squatter.Id));
        Assert.Equal(HttpStatusCode.OK, (await _host.Client.PostAsync("/auth/login", Person.Credentials("linked@example.com", "owner", "Owner1234"))).Status);
    }

    [Fact]
    public async Task an_identity_that_only_claimed_the_address_does_not_come_back_while_the_owner_uses_a_link()
    {
        var squatter = Person.From(
            _host, "waits", await SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-waits", "awaited@example.com", ("email_verified", false)), "waits"));
        await using var connection = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var handover = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await RunAsync("select from users where id = $1 for no key update");

        var comingBack = SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-waits", email: null), "waits");
        await Eventually.BeTrueAsync("a sign-in that waits", database.HasWaiterAsync);
        await RunAsync("delete from identities where user_id = $1");
        await RunAsync("delete from active_sessions where user_id = $1");
        await RunAsync("update devices set is_active = false where user_id = $1");
        await RunAsync("update users set auth_provider = 'email', auth_provider_id = null, email_verified_at = now() where id = $1");
        await handover.CommitAsync(TestContext.Current.CancellationToken);

        AssertRefused(await comingBack, HttpStatusCode.BadRequest, "OAUTH_ACCOUNT_NOT_LINKED");
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from identities where user_id = $1", squatter.Id));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from devices where user_id = $1 and is_active", squatter.Id));

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, handover) { Parameters = { new() { Value = squatter.Id } } };
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task a_device_that_did_not_say_which_it_is_is_not_taken_for_the_one_that_made_the_account()
    {
        var code = _provider.CodeFor(_provider.GoogleToken("g-nameless", "nameless@example.com"));
        var squatter = await _host.Client.PostAsync("/auth/register", Person.Credentials("nameless@example.com", $"web-{code[..8]}", "Squatter1"));

        var owner = await _host.Client.PostAsync("/auth/oauth/google/code?code=" + code, json: null);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (squatter.Status, owner.Status));
        AssertRefused(
            await _host.Client.PostAsync("/auth/login", Person.Credentials("nameless@example.com", "elsewhere", "Squatter1")),
            HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
    }

    [Fact]
    public async Task whoever_comes_back_on_the_phone_that_made_the_account_keeps_the_password()
    {
        var person = await _host.RegisterAsync();

        var answer = await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-home", person.Email), person.Fingerprint);

        Assert.Equal((HttpStatusCode.OK, person.Id), (answer.Status, Person.From(_host, "", answer).Id));
        Assert.Equal(HttpStatusCode.OK, (await person.LoginAsync()).Status);
        Assert.True(await database.ScalarAsync<bool>("select email_verified_at is not null from users where id = $1", person.Id));
    }

    [Fact]
    public async Task an_owner_who_is_turned_away_changes_nothing()
    {
        var squatter = await _host.RegisterAsync();
        var other = await _host.RegisterAsync();

        var owner = await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-turned", squatter.Email), other.Fingerprint);

        AssertRefused(owner, HttpStatusCode.Forbidden, "DEVICE_BOUND_TO_OTHER");
        Assert.Equal(HttpStatusCode.OK, (await squatter.LoginAsync()).Status);
        Assert.True(await database.ScalarAsync<bool>("select email_verified_at is null from users where id = $1", squatter.Id));
    }

    [Fact]
    public async Task an_address_is_proven_by_a_provider_that_vouches_for_it()
    {
        await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-proof", "proof@example.com"), "proof");
        await SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-proof", "no-proof@example.com", ("email_verified", false)), "no-proof");

        Assert.Equal(
            "no-proof@example.com- proof@example.com+",
            await database.ScalarAsync<string>(
                """
                select string_agg(email || case when email_verified_at is null then '-' else '+' end, ' ' order by email)
                from users where email in ('proof@example.com', 'no-proof@example.com')
                """));
    }

    [Fact]
    public async Task an_account_that_is_linked_elsewhere_stays_so()
    {
        var email = "both@example.com";
        await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-both", email), "both");

        var apple = await SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-both", email), "both");

        Assert.Equal(HttpStatusCode.OK, apple.Status);
        Assert.Equal("google g-both", await database.ScalarAsync<string>("select auth_provider || ' ' || auth_provider_id from users where email = $1", email));
    }

    [Fact]
    public async Task an_account_is_opened_by_every_identity_that_was_linked_to_it_without_an_address_too()
    {
        var made = await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-several", "several@example.com"), "several");
        var linked = await SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-several", "several@example.com"), "several");

        var again = await SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-several", email: null), "several");

        var id = Person.From(_host, "several", made).Id;
        Assert.Equal((id, id), (Person.From(_host, "several", linked).Id, Person.From(_host, "several", again).Id));
        Assert.Contains("\"auth_provider\":\"google\"", again.Body, StringComparison.Ordinal);
        Assert.Equal("apple a-several, google g-several", await IdentitiesAsync(id));
    }

    [Fact]
    public async Task an_account_that_the_release_before_made_is_opened_by_its_identity_and_gets_the_row()
    {
        var made = await SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-before", "before@example.com"), "before");
        await database.ExecuteAsync("delete from identities where subject = 'a-before'");

        var again = await SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-before", email: null), "before");

        var id = Person.From(_host, "before", made).Id;
        Assert.Equal(id, Person.From(_host, "before", again).Id);
        Assert.Equal("apple a-before", await IdentitiesAsync(id));
    }

    [Fact]
    public async Task an_address_that_apple_has_not_verified_opens_nobodys_account()
    {
        var person = await _host.RegisterAsync();

        var answer = await SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-thief", person.Email, ("email_verified", "false")), "thief");

        AssertRefused(answer, HttpStatusCode.BadRequest, "OAUTH_ACCOUNT_NOT_LINKED");
    }

    [Fact]
    public async Task google_tokens_are_refused_by_what_is_wrong_with_them()
    {
        var stranger = await IdentityProviderStandIn.StartAsync();
        await using var _ = stranger;
        var email = "g@example.com";

        foreach (var token in new[]
        {
            "junk",
            "a.b.c",
            stranger.GoogleToken("g", email),
            _provider.GoogleToken("g", email, ("aud", "somebody-else")),
            _provider.GoogleToken("g", email, ("exp", _time.GetUtcNow().AddSeconds(-30).ToUnixTimeSeconds())),
            _provider.GoogleToken("g", email, ("exp", null)),
            _provider.GoogleToken("g", email, ("nbf", _time.GetUtcNow().AddSeconds(30).ToUnixTimeSeconds())),
            _provider.GoogleToken("g", email, ("sub", null)),
        })
        {
            AssertRefused(await SignInAsync("/auth/oauth/google", token, "g"), HttpStatusCode.Unauthorized, "INVALID_TOKEN");
        }

        AssertRefused(
            await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g", email, ("iss", "https://evil.example.com")), "g"),
            HttpStatusCode.BadRequest, "INVALID_TOKEN_ISSUER");
        AssertRefused(
            await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g", email, ("email_verified", false)), "g"),
            HttpStatusCode.BadRequest, "EMAIL_NOT_VERIFIED");
        AssertRefused(
            await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g", email, ("email_verified", null)), "g"),
            HttpStatusCode.BadRequest, "EMAIL_NOT_VERIFIED");
    }

    [Fact]
    public async Task an_apple_token_of_somebody_else_is_no_token()
    {
        var answer = await SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-evil", "evil@example.com", ("iss", "https://evil.example.com")), "a");

        AssertRefused(answer, HttpStatusCode.Unauthorized, "INVALID_TOKEN");
    }

    [Fact]
    public async Task an_apple_subject_that_nobody_knows_needs_an_address()
    {
        var answer = await SignInAsync("/auth/oauth/apple", _provider.AppleToken("a-unknown", email: null), "a");

        AssertRefused(answer, HttpStatusCode.BadRequest, "OAUTH_ACCOUNT_NOT_LINKED");
    }

    [Theory]
    [InlineData("n-1", HttpStatusCode.OK)]
    [InlineData("n-2", HttpStatusCode.Unauthorized)]
    public async Task a_nonce_that_was_asked_for_has_to_come_back(string inToken, HttpStatusCode status)
    {
        var token = _provider.GoogleToken("g-nonce", "nonce@example.com", ("nonce", inToken));

        var answer = await _host.Client.PostAsync(
            "/auth/oauth/google", JsonSerializer.Serialize(new { id_token = token, device_fingerprint = "nonce", nonce = "n-1" }));

        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task keys_are_kept_and_fetched_again_for_a_new_one_but_not_for_every_made_up_one()
    {
        var email = "keys@example.com";
        await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-keys", email), "keys");
        await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-keys", email), "keys");
        var afterTwo = _provider.KeyFetches;
        _provider.RotateKey();
        _time.Advance(TimeSpan.FromMinutes(2));
        var rotated = await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-keys", email), "keys");
        var afterRotation = _provider.KeyFetches;
        var stranger = await IdentityProviderStandIn.StartAsync();
        await using var _ = stranger;
        for (var i = 0; i < 5; i++)
        {
            await SignInAsync("/auth/oauth/google", stranger.GoogleToken("g-keys", email), "keys");
        }

        Assert.Equal(HttpStatusCode.OK, rotated.Status);
        Assert.Equal((1, 2, 2), (afterTwo, afterRotation, _provider.KeyFetches));
    }

    [Fact]
    public async Task a_provider_that_is_down_is_a_503()
    {
        _provider.IsDown = true;

        var token = await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-down", "down@example.com"), "down");
        var code = await _host.Client.PostAsync("/auth/oauth/google/code?code=abc", json: null);

        AssertRefused(token, HttpStatusCode.ServiceUnavailable, "OAUTH_PROVIDER_UNAVAILABLE");

        // What no key could verify needs none.
        AssertRefused(await SignInAsync("/auth/oauth/google", "a.b.c", "down"), HttpStatusCode.Unauthorized, "INVALID_TOKEN");
        var fetches = _provider.KeyFetches;
        AssertRefused(
            await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-down", "down@example.com"), "down"),
            HttpStatusCode.ServiceUnavailable, "OAUTH_PROVIDER_UNAVAILABLE");
        Assert.Equal(fetches, _provider.KeyFetches);
        _provider.IsDown = false;
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-down", "down@example.com"), "down")).Status);
        AssertRefused(code, HttpStatusCode.ServiceUnavailable, "OAUTH_PROVIDER_UNAVAILABLE");
    }

    [Fact]
    public async Task a_clock_that_is_set_does_not_ask_a_provider_again_that_is_down()
    {
        _provider.IsDown = true;
        await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-clock", "clock@example.com"), "clock");

        _time.SetWallClock(TimeSpan.FromSeconds(6));
        await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-clock", "clock@example.com"), "clock");

        Assert.Equal(1, _provider.KeyFetches);
    }

    [Fact]
    public async Task an_exchange_that_google_puts_off_is_a_503()
    {
        _provider.Exchange = Results.Json(new { error = "rate_limit_exceeded" }, statusCode: 429);

        AssertRefused(
            await _host.Client.PostAsync("/auth/oauth/google/code?code=abc", json: null), HttpStatusCode.ServiceUnavailable, "OAUTH_PROVIDER_UNAVAILABLE");
    }

    [Theory]
    [InlineData("{", "application/json")]
    [InlineData("{}", "application/json; charset=klingon")]
    public async Task an_exchange_that_nobody_can_read_has_failed(string answer, string contentType)
    {
        _provider.Exchange = Results.Bytes(Encoding.UTF8.GetBytes(answer), contentType);

        AssertRefused(
            await _host.Client.PostAsync("/auth/oauth/google/code?code=abc", json: null), HttpStatusCode.Unauthorized, "GOOGLE_CODE_EXCHANGE_FAILED");
    }

    [Fact]
    public async Task an_address_that_only_the_database_takes_for_the_same_opens_nobodys_account()
    {
        await _host.RegisterAsync("vi-g@example.com");

        AssertRefused(
            await SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-vi", "vİ-g@example.com"), "vi-thief"),
            HttpStatusCode.Conflict, "EMAIL_ALREADY_EXISTS");
    }

    [Fact]
    public async Task a_code_from_the_browser_is_exchanged_once()
    {
        var code = _provider.CodeFor(_provider.GoogleToken("g-code", "code@example.com"));

        var first = await _host.Client.PostAsync("/auth/oauth/google/code?code=" + code, json: null);
        var second = await _host.Client.PostAsync("/auth/oauth/google/code?code=" + code, json: null);
        var missing = await _host.Client.PostAsync("/auth/oauth/google/code", json: null);

        Assert.Equal(HttpStatusCode.OK, first.Status);
        Assert.Equal(
            $"web-{code[..8]} Web Browser",
            await database.ScalarAsync<string>(
                "select d.device_fingerprint || ' ' || d.device_name from devices d join users u on u.id = d.user_id where u.email = 'code@example.com'"));
        AssertRefused(second, HttpStatusCode.Unauthorized, "GOOGLE_CODE_EXCHANGE_FAILED");
        Assert.Contains("""{"type":"missing","loc":["query","code"],"msg":"Field required","input":null}""", missing.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1234567\U0001F6009", "web-1234567\U0001F600")]
    [InlineData("\U0001F600", "web-\U0001F600")]
    [InlineData("short&device_fingerprint=", "web-short")]
    public async Task a_browser_without_a_fingerprint_is_known_by_the_first_eight_characters_of_its_code(string query, string fingerprint)
    {
        _provider.Exchange = Results.Json(new { id_token = _provider.GoogleToken("g-" + fingerprint, $"{Guid.NewGuid():n}@example.com") });

        var answer = await _host.Client.PostAsync("/auth/oauth/google/code?code=" + query, json: null);

        var person = Person.From(_host, "", answer);
        Assert.Equal(fingerprint, await database.ScalarAsync<string>("select device_fingerprint from devices where user_id = $1", person.Id));
    }

    [Fact]
    public async Task a_code_for_a_bad_token_or_without_a_secret_signs_in_nobody()
    {
        var code = _provider.CodeFor(_provider.GoogleToken("g", "x@example.com", ("aud", "somebody-else")));
        await using var unconfigured = await ApiHost.StartAsync(
            database, new Dictionary<string, string?>(_provider.Settings) { ["GOOGLE_CLIENT_SECRET"] = "" });

        AssertRefused(await _host.Client.PostAsync("/auth/oauth/google/code?code=" + code, json: null), HttpStatusCode.Unauthorized, "GOOGLE_TOKEN_INVALID");
        AssertRefused(
            await unconfigured.Client.PostAsync("/auth/oauth/google/code?code=x", json: null),
            HttpStatusCode.Unauthorized, "GOOGLE_CLIENT_SECRET_NOT_CONFIGURED");
    }

    [Fact]
    public async Task parallel_first_sign_ins_make_one_account()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ =>
            SignInAsync("/auth/oauth/google", _provider.GoogleToken("g-race", "oauth-race@example.com"), "oauth-race")));

        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, ""), (answer.Status, answer.Status == HttpStatusCode.OK ? "" : answer.Body)));
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from users where email = 'oauth-race@example.com'"));
    }

    [Fact]
    public async Task parallel_first_sign_ins_of_one_identity_with_two_addresses_open_one_account()
    {
        await using var host = await ApiHost.StartAsync(database, new Dictionary<string, string?>(_provider.Settings) { ["BETA_MODE"] = "true" }, _time);
        for (var round = 0; round < 5; round++)
        {
            string[] addresses = [$"one-{round}@example.com", $"two-{round}@example.com"];
            foreach (var address in addresses)
            {
                await SignInAsync(host, "/auth/oauth/google", _provider.GoogleToken("g-" + address, address), "home-" + address);
            }

            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => SignInAsync(
                host, "/auth/oauth/apple", _provider.AppleToken($"a-{round}", addresses[i % 2]), $"race-{round}-{i}")));

            Assert.Single(answers.Select(answer => Person.From(host, "", answer).Id).Distinct());
        }
    }

    private Task<string> IdentitiesAsync(Guid userId) => database.ScalarAsync<string>(
        "select string_agg(provider || ' ' || subject, ', ' order by provider, subject) from identities where user_id = $1", userId);

    private string Token(string provider, string subject, string? email) =>
        provider == "google" ? _provider.GoogleToken(subject, email) : _provider.AppleToken(subject, email);

    private Task<Answer> SignInAsync(string path, string token, string fingerprint) => SignInAsync(_host, path, token, fingerprint);

    private static Task<Answer> SignInAsync(ApiHost host, string path, string token, string fingerprint) =>
        host.Client.PostAsync(path, JsonSerializer.Serialize(new { id_token = token, device_fingerprint = fingerprint }));

    private static void AssertRefused(Answer answer, HttpStatusCode status, string code)
    {
        Assert.Equal(status, answer.Status);
        Assert.StartsWith($$$"""{"error":"{{{code}}}","detail":{"error":"{{{code}}}"},"message":""", answer.Body, StringComparison.Ordinal);
    }
}
