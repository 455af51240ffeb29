using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Solacore.Api.Http;
using Solacore.Core.Accounts;
using Solacore.Core.Accounts.Providers;
using Solacore.Core.Mail;
using Solacore.Core.Settings;
using Solacore.LocalHost;

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
    [InlineData("COOKIE_DOMAIN", ".")]
    [InlineData("COOKIE_DOMAIN", "..")]
    [InlineData("COOKIE_DOMAIN", ".sola core;x")]
    [InlineData("COOKIE_DOMAIN", ".solacore..app")]
    [InlineData("COOKIE_DOMAIN", ".b\u00fccher.example")]
    [InlineData("JWT_EXPIRE_MINUTES", "43201")]
    public void what_cannot_work_is_refused_in_development_too(string name, string value) =>
        Assert.Equal([name], Problems(name, value, debug: true));

    [Theory]
    [InlineData("COOKIE_DOMAIN", ".example.com")]
    [InlineData("COOKIE_DOMAIN", ".api.example-1.co.uk")]
    [InlineData("JWT_EXPIRE_MINUTES", "43200")]
    public void what_works_is_taken_in_production(string name, string value) => Assert.Empty(Problems(name, value, debug: false));

    [Theory]
    [InlineData("", true)]
    [InlineData("migrate --to previous", true)]
    [InlineData("--urls http://127.0.0.1:8000 --PORT=8000 HOST=127.0.0.1", true)]
    [InlineData("bogus", false)]
    [InlineData("migrat --to previous", false)]
    [InlineData("--migrate", false)]
    [InlineData("--PORT 8000 migrate", false)]
    public void an_argument_is_a_command_or_a_setting(string arguments, bool isUnderstood)
    {
        var (help, usage) = (new StringWriter(), new StringWriter());

        var exitCode = CommandLine.Answer(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), help, usage, "migrate", "check-config");

        Assert.Equal(isUnderstood ? null : 2, exitCode);
        Assert.Equal(isUnderstood, usage.ToString().Length == 0);
        Assert.Equal("", help.ToString());
    }

    [Theory]
    [InlineData("Api", "[check-config | --NAME VALUE ...]")]
    [InlineData("Worker", "[migrate | check-config | --NAME VALUE ...]")]
    public async Task a_mistyped_command_starts_no_service(string service, string usage)
    {
        await using var process = ServiceProcess.Start(ServiceOptions.ForAssembly(
            service, service == "Api" ? BuildOutput.ApiAssembly : BuildOutput.WorkerAssembly, "migrat"));

        Assert.Equal(2, await process.Exited.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.Equal([$"\"migrat\" is no command and sets nothing. Usage: {usage}; the service starts without arguments."], process.LastLines);
    }

    [Theory]
    [InlineData("Api", "--help", "Usage: [check-config | --NAME VALUE ...]; the service starts without arguments.")]
    [InlineData("Worker", "-h", "Usage: [migrate | check-config | --NAME VALUE ...]; the service starts without arguments.")]
    [InlineData("Worker", "migrate --help", "Usage: migrate [--to MIGRATION|previous [--discard] | --reset]")]
    public async Task a_service_explains_itself_without_any_setting(string service, string arguments, string usage)
    {
        await using var process = ServiceProcess.Start(ServiceOptions.ForAssembly(
            service, service == "Api" ? BuildOutput.ApiAssembly : BuildOutput.WorkerAssembly, arguments.Split(' ')));

        Assert.Equal(0, await process.Exited.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.Equal([usage], process.LastLines);
    }

    [Theory]
    [InlineData("Api", "PORT")]
    [InlineData("Api", "INTERNAL_PORT")]
    [InlineData("Api", "HTTP_PORTS")]
    [InlineData("Worker", "INTERNAL_PORT")]
    public async Task a_service_whose_port_is_taken_says_so_in_one_line(string service, string name)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        await using var process = ServiceProcess.Start(
            ServiceOptions.ForAssembly(service, service == "Api" ? BuildOutput.ApiAssembly : BuildOutput.WorkerAssembly) with
            {
                Environment = new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["DEBUG"] = "true",
                    ["HOST"] = "127.0.0.1",
                    ["PORT"] = "0",
                    [name] = port,
                    // What cannot be reached must not be waited for.
                    ["DATABASE_URL"] = "postgresql://solacore@127.0.0.1:1/solacore",
                    ["REDIS_URL"] = "",
                },
            });

        Assert.Equal(1, await process.Exited.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.Equal($"{name} {port} is taken by another program: stop it or choose another {name}.", process.LastLines[^1]);
        Assert.DoesNotContain(process.LastLines, line => line.Contains("Exception", StringComparison.Ordinal));
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
