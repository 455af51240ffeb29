using Microsoft.Extensions.Configuration;
using Solacore.ServiceDefaults;

namespace Solacore.Tests.ServiceDefaults;

public sealed class ListenAddressesTests
{
    [Theory]
    [InlineData("", "http://0.0.0.0:8000")]
    [InlineData("PORT=9000", "http://0.0.0.0:9000")]
    [InlineData("HOST=127.0.0.1 PORT=9000", "http://127.0.0.1:9000")]
    [InlineData("HOST=:: PORT=9000", "http://[::]:9000")]
    [InlineData("HOST=[::1] PORT=9000", "http://[::1]:9000")]
    [InlineData("HOST=localhost PORT=9000", "http://localhost:9000")]
    [InlineData("HOST=* PORT=9000", "http://*:9000")]
    [InlineData("HTTP_PORTS=8080 PORT=9000", "http://*:8080")]
    [InlineData("HTTP_PORTS=8080;8081 HTTPS_PORTS=8443", "http://*:8080 http://*:8081 https://*:8443")]
    [InlineData("URLS=http://localhost:5001;http://localhost:5002 HTTP_PORTS=8080 PORT=9000", "http://localhost:5001 http://localhost:5002")]
    [InlineData("INTERNAL_PORT=8001", "http://0.0.0.0:8000 http://0.0.0.0:8001")]
    [InlineData("INTERNAL_PORT=0", "http://0.0.0.0:8000")]
    [InlineData("HTTP_PORTS=8080 INTERNAL_PORT=8001", "http://*:8080 http://0.0.0.0:8001")]
    [InlineData("URLS=http://localhost:5001 HOST=127.0.0.1 INTERNAL_PORT=8001", "http://localhost:5001 http://127.0.0.1:8001")]
    public void clients_are_served_where_the_platform_says_else_where_host_and_port_say(string settings, string urls) =>
        Assert.Equal(urls.Split(' '), ListenAddresses.ForClients(Settings(settings)).Urls);

    [Theory]
    [InlineData("", "http://127.0.0.1:0", null)]
    [InlineData("PORT=8000 HTTP_PORTS=8080", "http://127.0.0.1:0", null)]
    [InlineData("PORT=8000 HTTP_PORTS=8080 INTERNAL_PORT=8002", "http://0.0.0.0:8002", 8002)]
    public void a_process_without_clients_listens_on_its_internal_port_alone(string settings, string url, int? port)
    {
        var addresses = ListenAddresses.InternalOnly(Settings(settings));

        Assert.Equal([url], addresses.Urls);
        Assert.Equal(port, addresses.InternalPort);
    }

    [Theory]
    [InlineData("PORT=http", "PORT must be a whole number from 0 to 65535.")]
    [InlineData("PORT=-1", "PORT must be a whole number from 0 to 65535.")]
    [InlineData("INTERNAL_PORT=70000", "INTERNAL_PORT must be a whole number from 0 to 65535.")]
    [InlineData("PORT=8000 INTERNAL_PORT=8000", "INTERNAL_PORT must differ from the port that clients reach.")]
    [InlineData("URLS=http://+:8000 INTERNAL_PORT=8000", "INTERNAL_PORT must differ from the port that clients reach.")]
    public void a_wrong_port_is_refused_by_its_name(string settings, string message) =>
        Assert.Equal(message, Assert.Throws<InvalidOperationException>(() => ListenAddresses.ForClients(Settings(settings))).Message);

    [Theory]
    [InlineData("URLS=localhost:8000", "URLS must name addresses such as http://0.0.0.0:8000, separated by semicolons.")]
    [InlineData("URLS=http://localhost:8000;http://:8001", "URLS must name addresses such as http://0.0.0.0:8000, separated by semicolons.")]
    [InlineData("URLS=http://localhost:http", "URLS must name addresses such as http://0.0.0.0:8000, separated by semicolons.")]
    [InlineData("URLS=http://localhost:70000", "URLS must name addresses such as http://0.0.0.0:8000, separated by semicolons.")]
    [InlineData("HTTP_PORTS=http", "HTTP_PORTS must name whole numbers from 0 to 65535, separated by semicolons.")]
    [InlineData("HTTPS_PORTS=-1", "HTTPS_PORTS must name whole numbers from 0 to 65535, separated by semicolons.")]
    public void a_platform_that_names_no_address_is_answered_with_its_setting_and_the_default_is_used(string settings, string message)
    {
        List<string> reported = [];

        var clients = ListenAddresses.ForClients(Settings(settings), (name, problem) => reported.Add($"{name} {problem}."));

        Assert.Equal([message], reported);
        Assert.Equal(["http://0.0.0.0:8000"], clients.Urls);
    }

    [Fact]
    public void an_address_of_the_platform_may_have_no_port_or_a_path_of_its_own() =>
        Assert.Equal(
            ["http://localhost", "http://unix:/run/solacore.sock", "https://[::1]:8443/"],
            ListenAddresses.ForClients(Settings("URLS=http://localhost;http://unix:/run/solacore.sock;https://[::1]:8443/")).Urls);

    [Theory]
    [InlineData("foo.bar")]
    [InlineData("localhost.localdomain")]
    [InlineData("x86_64-conda-linux-gnu")]
    public void a_name_is_no_address_to_listen_on_because_the_server_would_take_every_one(string host)
    {
        List<string> reported = [];

        var clients = ListenAddresses.ForClients(Settings($"HOST={host}"), (name, _) => reported.Add(name));
        ListenAddresses.InternalOnly(Settings($"HOST={host} INTERNAL_PORT=8001"), (name, _) => reported.Add(name));

        Assert.Equal(["HOST", "HOST"], reported);
        Assert.Equal(["http://0.0.0.0:8000"], clients.Urls);
    }

    private static IConfiguration Settings(string pairs) => new ConfigurationBuilder()
        .AddInMemoryCollection(pairs.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .Select(pair => KeyValuePair.Create<string, string?>(pair[0], pair[1])))
        .Build();
}
