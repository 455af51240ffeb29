using Microsoft.Extensions.Configuration;
using Solacore.Api.Http;
using Solacore.Core.Accounts;
using Solacore.Core.Mail;
using Solacore.Core.Settings;

namespace Solacore.Tests.Settings;

public sealed class StartUpSettingsTests
{
    [Theory]
    [InlineData("NAME=value", "value")]
    [InlineData("export NAME = value", "value")]
    [InlineData("NAME=value # a word about it", "value")]
    [InlineData("NAME=va#lue", "va#lue")]
    [InlineData("NAME=\"a # b\" # c", "a # b")]
    [InlineData("NAME='a b'", "a b")]
    [InlineData("NAME=\"half", "\"half")]
    [InlineData("NAME= # nothing yet", "")]
    [InlineData("NAME=", "")]
    public void a_line_of_the_file_is_read_as_people_write_it(string line, string value) =>
        Assert.Equal([KeyValuePair.Create("NAME", (string?)value)], DotEnvFile.Parse([line, "", "# comment", "no assignment"]));

    [Theory]
    [InlineData("JWT_SECRET", "")]
    [InlineData("JWT_SECRET", "short")]
    [InlineData("JWT_SECRET", "your-super-secret-key-change-in-production-0123456789")]
    [InlineData("BETA_MODE", "true")]
    [InlineData("DATABASE_URL", "postgresql://u:p@localhost:5432/solacore")]
    [InlineData("DATABASE_URL", "postgresql://u:p@localhost.localdomain/solacore")]
    [InlineData("DATABASE_URL", "")]
    [InlineData("GOOGLE_CLIENT_ID", "")]
    [InlineData("FRONTEND_URL", "")]
    [InlineData("FRONTEND_URL", "http://app.localhost:3000")]
    [InlineData("FRONTEND_URL", "http://127.0.0.1")]
    [InlineData("COOKIE_DOMAIN", "")]
    [InlineData("COOKIE_DOMAIN", "solacore.app")]
    public void production_refuses_a_setting_that_development_takes(string name, string value)
    {
        Assert.Equal([name], Problems(name, value, debug: false));
        Assert.Empty(Problems(name, value, debug: true));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://localhost:3000")]
    public void a_worker_whose_mails_would_lead_to_this_machine_does_not_start_in_production(string? frontend)
    {
        var reader = new SettingsReader(new ConfigurationManager { ["FRONTEND_URL"] = frontend });

        MailOptions.Read(reader);

        Assert.Equal(["FRONTEND_URL is not set or points to this machine: give the address of the web app"], reader.Problems.Select(p => p.ToString()));
    }

    [Fact]
    public void good_settings_start_in_production() => Assert.Empty(Problems("APP_NAME", "Solacore API", debug: false));

    [Theory]
    [InlineData("https://app.example.com/")]
    [InlineData("https://APP.example.com:443/start")]
    [InlineData("https://Bücher.de:8443/", "https://xn--bcher-kva.de:8443")]
    [InlineData("http://[::1]:3000", "http://[::1]:3000")]
    public void an_origin_is_compared_as_a_browser_writes_it(string frontend, string origin = "https://app.example.com")
    {
        var options = EdgeOptions.Read(new SettingsReader(new ConfigurationManager { ["DEBUG"] = "true", ["FRONTEND_URL"] = frontend }));

        Assert.Contains(origin, options.AllowedOrigins);
    }

    private static IEnumerable<string> Problems(string name, string value, bool debug)
    {
        var settings = new Dictionary<string, string?>
        {
            ["DEBUG"] = debug ? "true" : "false",
            ["JWT_SECRET"] = "c29tZXRoaW5nIHJhbmRvbSBmb3IgdGVzdHM-0123456789",
            ["DATABASE_URL"] = "postgresql+asyncpg://u:p@db:5432/solacore",
            ["GOOGLE_CLIENT_ID"] = "web.apps.example.com",
            ["FRONTEND_URL"] = "https://app.example.com",
            ["COOKIE_DOMAIN"] = ".example.com",
            [name] = value,
        };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var reader = new SettingsReader(configuration);
        EdgeOptions.Read(reader);
        AccountOptions.Read(reader);
        IdentityProviderOptions.Read(reader);
        ConnectionSettings.Read(reader);
        return reader.Problems.Select(problem => problem.Name).Distinct(StringComparer.Ordinal);
    }
}
