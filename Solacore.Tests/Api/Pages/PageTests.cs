using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Solacore.Api.Pages;
using Solacore.Core.Settings;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.LocalHost;

namespace Solacore.Tests.Api.Pages;

public sealed partial class PageTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string Fingerprint =
        "14:6D:E9:83:C5:73:06:50:D8:EE:B9:95:2F:34:FC:64:16:A0:83:42:E6:1D:BE:A8:8A:04:96:B2:3F:CF:44:E5";

    [Theory]
    [InlineData("/privacy", "Privacy", "Privacidad", "隐私说明")]
    [InlineData("/terms", "Terms of use", "Condiciones de uso", "使用条款")]
    [InlineData("/support", "Support", "Ayuda", "帮助")]
    [InlineData("/account-deletion", "How to delete your account", "Cómo borrar tu cuenta", "如何删除账户")]
    [InlineData("/subscriptions/success", "Thank you", "Gracias", "谢谢")]
    [InlineData("/subscriptions/cancel", "Nothing was paid", "No se ha pagado nada", "没有产生付款")]
    [InlineData("/reset-password", "A new password", "Una contraseña nueva", "设置新密码")]
    public async Task a_page_speaks_the_language_of_its_reader(string path, string english, string spanish, string chinese)
    {
        await using var host = await ApiHost.StartAsync(database);

        foreach (var (url, accept, language, heading) in new[]
        {
            (path, "", "en", english),
            (path, "fr", "en", english),
            (path, "es-MX,es;q=0.9,en;q=0.8", "es", spanish),
            (path + "/", "zh-CN", "zh", chinese),
            (path + "?lang=zh", "es", "zh", chinese),
            (path + "?lang=tlh", "es", "es", spanish),
        })
        {
            var answer = await host.Client.FetchAsync(url, ("Accept-Language", accept));

            Assert.Equal(
                (HttpStatusCode.OK, "text/html; charset=utf-8", language, heading),
                (answer.Status, answer.Header("Content-Type"), answer.Header("Content-Language"), Heading().Match(WebUtility.HtmlDecode(answer.Body)).Groups["text"].Value));
            Assert.Contains($"<html lang=\"{language}\">", answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("{{", answer.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task a_page_may_show_its_own_style_and_nothing_else()
    {
        await using var host = await ApiHost.StartAsync(database);

        var first = await host.Client.FetchAsync("/privacy");
        var second = await host.Client.FetchAsync("/privacy");

        var nonce = Nonce().Match(first.Body).Groups["nonce"].Value;
        Assert.Equal(
            $"default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            first.Header("Content-Security-Policy"));
        Assert.NotEqual(nonce, Nonce().Match(second.Body).Groups["nonce"].Value);
        Assert.Equal("no-referrer", first.Header("Referrer-Policy"));
    }

    [Theory]
    [InlineData("", "http://localhost:3000")]
    [InlineData("solacore://", "solacore://subscriptions/success")]
    [InlineData("https://app.example.com/open", "https://app.example.com/open/subscriptions/success")]
    public async Task a_payment_ends_back_in_the_app(string appLink, string expected)
    {
        await using var host = await ApiHost.StartAsync(database, new Dictionary<string, string?> { ["APP_LINK"] = appLink });

        var answer = await host.Client.FetchAsync("/subscriptions/success?session_id=cs_test_1");

        Assert.Contains($"<meta http-equiv=\"refresh\" content=\"1;url={expected}\">", answer.Body, StringComparison.Ordinal);
        Assert.Contains($"href=\"{expected}\"", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_reset_link_is_carried_on_as_it_is_and_never_as_markup()
    {
        await using var host = await ApiHost.StartAsync(database, new Dictionary<string, string?> { ["APP_LINK"] = "solacore://" });

        var answer = await host.Client.FetchAsync("/reset-password?token=" + Uri.EscapeDataString("\"><script>alert(1)</script>"));

        Assert.Contains("href=\"solacore://reset-password?token=%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E\"", answer.Body, StringComparison.Ordinal);
        Assert.Contains("href=\"http://localhost:3000/reset-password?token=%22", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", answer.Body, StringComparison.Ordinal);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
    }

    [Fact]
    public async Task an_operators_texts_win_and_show_at_once()
    {
        using var folder = new TemporaryFolder();
        await using var host = await ApiHost.StartAsync(database, new Dictionary<string, string?> { ["PAGES_DIRECTORY"] = folder.PathOf("") });
        var ours = await host.Client.FetchAsync("/privacy?lang=zh");

        await File.WriteAllTextAsync(folder.PathOf("privacy.en.html"), "<h1>Our own</h1><p>Write to {{support_email}}</p>");
        var theirs = await host.Client.FetchAsync("/privacy?lang=zh");

        Assert.Contains("隐私说明", ours.Body, StringComparison.Ordinal);
        Assert.Contains("<h1>Our own</h1><p>Write to support@solacore.app</p>", theirs.Body, StringComparison.Ordinal);
        Assert.Equal("en", theirs.Header("Content-Language"));
    }

    [Fact]
    public async Task links_of_this_host_belong_to_the_apps_that_are_configured()
    {
        await using var plain = await ApiHost.StartAsync(database);
        await using var host = await ApiHost.StartAsync(database, new Dictionary<string, string?>
        {
            ["APPLE_APP_IDS"] = "ABCDE12345.app.solacore",
            ["ANDROID_PACKAGE"] = "app.solacore",
            ["ANDROID_CERT_FINGERPRINTS"] = Fingerprint,
        });

        var none = await plain.Client.FetchAsync("/.well-known/apple-app-site-association");
        var apple = await host.Client.FetchAsync("/.well-known/apple-app-site-association");
        var android = await host.Client.FetchAsync("/.well-known/assetlinks.json");

        Assert.Equal(
            (HttpStatusCode.NotFound, """{"detail":"Not Found","error":"NOT_FOUND","message":"Not Found"}"""), (none.Status, none.Body));
        Assert.Equal(HttpStatusCode.NotFound, (await plain.Client.FetchAsync("/.well-known/assetlinks.json")).Status);
        Assert.Equal(
            ("application/json",
                """{"applinks":{"details":[{"appIDs":["ABCDE12345.app.solacore"],"components":[{"/":"/subscriptions/success"},{"/":"/subscriptions/cancel"},{"/":"/reset-password"}]}]},"webcredentials":{"apps":["ABCDE12345.app.solacore"]}}"""),
            (apple.Header("Content-Type"), apple.Body));
        Assert.Equal(
            ("application/json",
                $$$"""[{"relation":["delegate_permission/common.handle_all_urls","delegate_permission/common.get_login_creds"],"target":{"namespace":"android_app","package_name":"app.solacore","sha256_cert_fingerprints":["{{{Fingerprint}}}"]}}]"""),
            (android.Header("Content-Type"), android.Body));
    }

    [Fact]
    public void wrong_settings_are_told()
    {
        var reader = new SettingsReader(new ConfigurationManager
        {
            ["APP_LINK"] = "javascript:alert(1)",
            ["PAGES_DIRECTORY"] = "/no/such/folder",
            ["APPLE_APP_IDS"] = "app.solacore",
            ["ANDROID_PACKAGE"] = "app.solacore",
        });

        PageOptions.Read(reader);

        Assert.Equal(["APP_LINK", "PAGES_DIRECTORY", "APPLE_APP_IDS", "ANDROID_PACKAGE", "FRONTEND_URL"], reader.Problems.Select(problem => problem.Name));
    }

    [GeneratedRegex("<h1>(?<text>[^<]*)</h1>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Heading();

    [GeneratedRegex("<style nonce=\"(?<nonce>[^\"]{22})\">", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Nonce();
}
