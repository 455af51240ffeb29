using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Solacore.Core.Accounts;
using Solacore.Core.Settings;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api.Pages;

/// <summary>From the link of a reminder mail to no more of them, and back.</summary>
public sealed partial class UnsubscribeTests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string JwtSecret = "a secret of the unsubscribe tests, long enough";

    private static readonly UnsubscribeTokens Tokens =
        new(AccountOptions.Read(new SettingsReader(new ConfigurationManager { ["DEBUG"] = "true", ["JWT_SECRET"] = JwtSecret })));

    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() =>
        _host = await ApiHost.StartAsync(database, new Dictionary<string, string?> { ["JWT_SECRET"] = JwtSecret });

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("en", "Reminders by mail", "No more reminders by mail", "Reminders by mail are on again")]
    [InlineData("es", "Recordatorios por correo", "No más recordatorios por correo", "Los recordatorios por correo vuelven a estar activos")]
    [InlineData("zh", "提醒邮件", "不再发送提醒邮件", "提醒邮件已重新开启")]
    public async Task a_person_stops_the_mails_by_a_button_and_takes_it_back_by_another(string language, string asked, string done, string undone)
    {
        var ann = await _host.RegisterAsync();
        var other = await _host.RegisterAsync();

        var page = await _host.Client.FetchAsync($"/unsubscribe?token={Tokens.TokenOf(ann.Id)}&lang={language}");
        Assert.Equal((HttpStatusCode.OK, asked, language, "no-store"), (page.Status, HeadingOf(page), page.Header("Content-Language"), page.Header("Cache-Control")));
        Assert.Contains("form-action 'self'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.False(await HasStoppedAsync(ann.Id));

        var stopped = await PressAsync(page, button: 0);
        Assert.Equal((HttpStatusCode.OK, done, language), (stopped.Status, HeadingOf(stopped), stopped.Header("Content-Language")));
        Assert.Equal((true, false), (await HasStoppedAsync(ann.Id), await HasStoppedAsync(other.Id)));

        var resumed = await PressAsync(stopped, button: 0);
        Assert.Equal((HttpStatusCode.OK, undone, language), (resumed.Status, HeadingOf(resumed), resumed.Header("Content-Language")));
        Assert.False(await HasStoppedAsync(ann.Id));

        await PressAsync(resumed, button: 0);
        Assert.True(await HasStoppedAsync(ann.Id));
        await PressAsync(page, button: 1);
        Assert.False(await HasStoppedAsync(ann.Id));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n")]
    [InlineData(null, "")]
    public async Task a_mail_provider_stops_them_with_one_post_without_cookies_and_a_repetition_changes_nothing(string? type, string body)
    {
        var ann = await _host.RegisterAsync();
        var link = $"/unsubscribe?token={Tokens.TokenOf(ann.Id)}&lang=en";

        var first = await _host.Client.SendAsync(HttpMethod.Post, link, Requests.Bytes(System.Text.Encoding.ASCII.GetBytes(body), type));
        var since = await SinceAsync(ann.Id);
        var second = await _host.Client.SendAsync(HttpMethod.Post, link, Requests.Bytes(System.Text.Encoding.ASCII.GetBytes(body), type));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.Status, second.Status));
        Assert.Equal((true, since), (await HasStoppedAsync(ann.Id), await SinceAsync(ann.Id)));
    }

    [Fact]
    public async Task a_link_of_somebody_who_has_gone_is_answered_like_any_other()
    {
        var ann = await _host.RegisterAsync();
        var (there, gone) = (Tokens.TokenOf(ann.Id), Tokens.TokenOf(Guid.CreateVersion7()));

        foreach (var (method, path) in new[] { (HttpMethod.Get, "/unsubscribe"), (HttpMethod.Post, "/unsubscribe"), (HttpMethod.Post, "/unsubscribe/undo") })
        {
            var known = await _host.Client.SendAsync(method, $"{path}?token={there}", content: null);
            var unknown = await _host.Client.SendAsync(method, $"{path}?token={gone}", content: null);

            Assert.Equal((HttpStatusCode.OK, Plain(known, there)), (unknown.Status, Plain(unknown, gone)));
        }
    }

    [Fact]
    public async Task a_token_that_we_did_not_write_changes_nothing()
    {
        var ann = await _host.RegisterAsync();
        var token = Tokens.TokenOf(ann.Id);
        string[] forged =
        [
            "", "x", token[..^1], token + "A", token[..^2] + (token[^2] == 'A' ? 'B' : 'A') + token[^1], (token[0] == 'A' ? 'B' : 'A') + token[1..],
            new string('*', token.Length), new string('é', token.Length), ann.Id.ToString(),
        ];

        foreach (var bad in forged.Select(Uri.EscapeDataString))
        {
            var page = await _host.Client.FetchAsync($"/unsubscribe?token={bad}");
            var posted = await _host.Client.PostAsync($"/unsubscribe?token={bad}", json: null);
            var undone = await _host.Client.PostAsync($"/unsubscribe/undo?token={bad}", json: null);

            Assert.Equal((HttpStatusCode.OK, "This link is not complete"), (page.Status, HeadingOf(page)));
            Assert.DoesNotContain("<form", page.Body, StringComparison.Ordinal);
            Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (posted.Status, undone.Status));
            Assert.Contains("INVALID_OR_EXPIRED_TOKEN", posted.Body, StringComparison.Ordinal);
        }

        Assert.False(await HasStoppedAsync(ann.Id));
    }

    [Fact]
    public async Task the_tokens_of_two_secrets_or_purposes_are_not_each_others()
    {
        var ann = await _host.RegisterAsync();
        var others = new UnsubscribeTokens(AccountOptions.Read(new SettingsReader(new ConfigurationManager { ["DEBUG"] = "true", ["JWT_SECRET"] = JwtSecret + "2" })));
        var resets = new ResetTokens(AccountOptions.Read(new SettingsReader(new ConfigurationManager { ["DEBUG"] = "true", ["JWT_SECRET"] = JwtSecret })));

        Assert.Equal(ann.Id, Tokens.UserOf(Tokens.TokenOf(ann.Id)));
        Assert.Null(Tokens.UserOf(others.TokenOf(ann.Id)));
        Assert.Null(Tokens.UserOf(resets.TokenOf(ann.Id)));
    }

    [Fact]
    public async Task the_routes_are_limited()
    {
        await using var host = await ApiHost.StartAsync(
            database, new Dictionary<string, string?> { ["JWT_SECRET"] = JwtSecret, ["RATE_LIMIT_ENABLED"] = "true", ["RATE_LIMIT_API"] = "2/minute" });

        var statuses = new List<HttpStatusCode>();
        for (var n = 0; n < 3; n++)
        {
            statuses.Add((await host.Client.PostAsync("/unsubscribe?token=x", json: null)).Status);
        }

        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.TooManyRequests], statuses);
    }

    /// <summary>What a browser does: a form without fields, sent to the address in the page.</summary>
    private Task<Answer> PressAsync(Answer page, int button)
    {
        var action = WebUtility.HtmlDecode(Form().Matches(page.Body)[button].Groups["action"].Value);
        return _host.Client.SendAsync(
            HttpMethod.Post, action, new FormUrlEncodedContent([]), ("Origin", _host.Address.GetLeftPart(UriPartial.Authority)));
    }

    private static string HeadingOf(Answer page) => WebUtility.HtmlDecode(Heading().Match(page.Body).Groups["text"].Value);

    private static string Plain(Answer page, string token) => Nonce().Replace(page.Body.Replace(token, "", StringComparison.Ordinal), "");

    private Task<bool> HasStoppedAsync(Guid user) =>
        database.ScalarAsync<bool>("select reminder_mails_stopped_at is not null from users where id = $1", user);

    private Task<string> SinceAsync(Guid user) =>
        database.ScalarAsync<string>("select reminder_mails_stopped_at || ' ' || updated_at from users where id = $1", user);

    [GeneratedRegex("<h1>(?<text>[^<]*)</h1>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Heading();

    [GeneratedRegex("<form method=\"post\" action=\"(?<action>[^\"]*)\">", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();

    [GeneratedRegex("nonce=\"[^\"]*\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Nonce();
}
